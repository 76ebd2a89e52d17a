import { describe, expect, it } from 'vitest';
import { office, run, start, until } from './harness.ts';

const CAROL = { from: '+442079460991', name: 'CUSTOMER C', to: '+442079460101' };

describe('verbs that act on calls, through a gateway on a simulated PBX', () => {
  it('dial: the own phone rings, then the number is called', async () => {
    const { pbx, env, line } = await office();
    const dialling = run(['dial', '1002', '+1 (202) 555-0143', '--json'], env);
    await until(() => pbx.phone('1002').isRinging);
    pbx.phone('1002').answer();
    expect(await dialling).toMatchObject({ code: 0, json: { ok: true } });
    await line('1002', 'connected');
    expect(await run(['hangup', '1002'], env)).toMatchObject({ code: 0 });
    await line('1002', 'idle');
  });

  it('answer, hold, retrieve, hangup: who it is about is told', async () => {
    const { pbx, env, line } = await office();
    pbx.call(CAROL);
    await line('1001', 'alerting');
    expect((await run(['answer', '1001'], env)).out).toBe('1001 talks to Carol Customer.\n');
    await line('1001', 'connected');
    expect((await run(['hold', '1001'], env)).out).toBe('1001 has put Carol Customer on hold.\n');
    await line('1001', 'hold');
    expect((await run(['retrieve', '1001'], env)).out).toBe('1001 talks to Carol Customer again.\n');
    await line('1001', 'connected');
    expect((await run(['hangup', '1001'], env)).out).toBe('1001 has ended the call with Carol Customer.\n');
    await line('1001', 'idle');
  });

  it('transfer --to: blind', async () => {
    const { pbx, env, line } = await office();
    pbx.call(CAROL);
    await line('1001', 'alerting');
    pbx.phone('1001').answer();
    await line('1001', 'connected');
    expect(await run(['transfer', '1001', '--to', '1002', '--json'], env)).toMatchObject({
      code: 0,
      json: { ok: true },
    });
    await line('1002', 'alerting');
    await line('1001', 'idle');
  });

  it('transfer --consult, then --complete: the two are joined', async () => {
    const { pbx, env, engine, line } = await office();
    pbx.call(CAROL);
    await line('1001', 'alerting');
    pbx.phone('1001').answer();
    await line('1001', 'connected');
    expect((await run(['transfer', '1001', '--consult', '1002'], env)).out).toContain('--complete');
    await until(() => pbx.phone('1002').isRinging);
    pbx.phone('1002').answer();
    await line('1002', 'connected');
    expect((await run(['transfer', '1001', '--complete'], env)).code).toBe(0);
    await line('1001', 'idle');
    await until(() => engine.lineCalls('1002')[0]?.remote?.number === '+442079460991');
  });

  it('refuse with a reason: no call, no such line, nothing to join, no number', async () => {
    const { env } = await office();
    const outcomes = await Promise.all([
      run(['hangup', '1001', '--json'], env),
      run(['hold', '4711', '--json'], env),
      run(['transfer', '1001', '--complete', '--json'], env),
      run(['transfer', '1001', '--json'], env),
      run(['dial', '1001', 'Carol!', '--json'], env),
      run(['dial', '4711', '123', '--json'], env),
    ]);
    expect(outcomes.map(({ code, json }) => [code, json.error.code])).toEqual([
      [1, 'command.wrong-state'],
      [1, 'command.unknown-line'],
      [1, 'command.wrong-state'],
      [64, 'cli.usage'],
      [64, 'cli.usage'],
      [1, 'command.unknown-line'],
    ]);
    for (const { json } of outcomes.slice(0, 5)) expect(json.error.remedy).toMatch(/\w/);
  });

  it('lookup: who has a number, and 1 when nobody has it', async () => {
    const { env } = await office();
    const found = await run(['lookup', '020 7946 0991'], env);
    expect(found).toMatchObject({ code: 0, out: 'Carol Customer, Customer & Sons Ltd (exact match: +442079460991)\n' });
    expect(await run(['lookup', '+441632960042', '--json'], env)).toMatchObject({
      code: 1,
      json: { recognition: { status: 'unknown' } },
    });
  });

  it('a wrong token is refused with 77, no gateway with 69, something else there with 76, a wrong address with 64', async () => {
    const { env, gateway, token } = await office();
    const url = gateway.url;
    expect(await run(['watch', '--json', '--token', 'wrong-token-of-test'], env)).toMatchObject({
      code: 77,
      json: { error: { code: 'gateway.unauthorised' } },
    });
    // A token that was found for one gateway is not sent to another.
    expect(await run(['watch', '--url', url.replace('127.0.0.1', 'localhost'), '--json'], env)).toMatchObject({
      code: 77,
    });
    expect(await run(['lookup', '1', '--url', url, '--token', token])).toMatchObject({ code: 1 });
    expect(await run(['watch', '--json'])).toMatchObject({
      code: 69,
      json: { error: { code: 'gateway.unreachable' } },
    });
    expect(await run(['watch', '--url', 'http://127.0.0.1:1'])).toMatchObject({ code: 69 });
    expect(await run(['watch', '--url', 'here'])).toMatchObject({ code: 64 });
    expect(await run(['watch', '--url', `${url}/healthz`])).toMatchObject({ code: 76 });
  });
});

describe('watch', () => {
  it('tells a call as sentences where there is no terminal', async () => {
    const { pbx, env, line } = await office();
    const watching = start(['watch'], env);
    await until(() => watching.err() === '' && watching.out() === '');
    await new Promise((resolve) => setTimeout(resolve, 200));
    const call = pbx.call({ ...CAROL, name: '\u001b[31mCAROL' });
    await line('1001', 'alerting');
    pbx.phone('1001').answer();
    await line('1001', 'connected');
    call.hangup();
    await line('1001', 'idle');
    await until(() => watching.out().includes('ends with'));
    watching.stop();
    const { code, out } = await watching.done;
    expect(code).toBe(0);
    expect(out).toContain('▲ 1001 rings: Carol Customer, Customer & Sons Ltd (exact match)');
    expect(out).toContain('● 1001 answers Carol Customer');
    expect(out).toMatch(/○ 1001 ends with Carol Customer after 0:0\d/);
    expect(out).not.toContain('\u001b');
  });

  it('--json: the events as they came, one per line; --lines filters; --for ends it', async () => {
    const { pbx, env } = await office();
    const watching = start(['watch', '--json', '--lines', '1002', '--for', '1s'], env);
    await until(() => watching.out().includes('org.offhook.snapshot'));
    pbx.call(CAROL);
    const inside = pbx.call({ from: '1003', to: '1002' });
    const { code, out } = await watching.done;
    inside.hangup();
    expect(code).toBe(0);
    const events = out
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text));
    expect(events[0].type).toBe('org.offhook.snapshot');
    expect(events[0].data.lines.map((each: { device: string }) => each.device)).toEqual(['1002']);
    expect(events.some(({ type }) => type === 'org.offhook.call.delivered')).toBe(true);
    expect(out).not.toContain('"device":"1001","link"');
  });
});
