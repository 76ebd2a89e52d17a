import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  assertHistories,
  assertPassed,
  readScenario,
  runScenario,
  ScenarioFailure,
  type SimulateOptions,
  simulate,
  timelineText,
} from '../../src/testing/index.ts';
import { folder } from '../cli/harness.ts';
import { rawClient } from './raw-client.ts';

const CALL = `scenario: call
title: 1001 answers
people:
  carol: { number: +442079460991, name: Carol Customer }
steps:
  - carol calls +442079460101
  - 1001 rings
  - 1001 answers
  - carol hangs up
expect:
  1001:
    - cause: normal
      remote: carol
      states:
        - alerting:connected @1001.ring
        - connected:connected @1001.answer
        - null:null @carol.hangup
`;

/** A simulation with a client that is logged in. */
async function connected(input: Parameters<typeof simulate>[0], options?: SimulateOptions) {
  const pbx = await simulate(input, options);
  const client = await rawClient(pbx);
  return {
    pbx,
    client,
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose]().then(() => pbx[Symbol.asyncDispose]()),
  };
}

const failure = (promise: Promise<unknown>): Promise<Error & { code?: string; remedy?: string }> =>
  promise.then(
    () => expect.fail('it was fulfilled'),
    (error) => error,
  );

describe('simulate', () => {
  it('plays a scenario to a program that has logged in', async () => {
    await using place = await connected(CALL);
    const { pbx, client } = place;
    await pbx.play();
    expect(client.values('ConnectedLineName')).toContain('Carol Customer');
    expect(Object.keys(pbx.marks)).toEqual(['record', 'carol.call', '1001.ring', '1001.answer', 'carol.hangup']);
    expect(timelineText(pbx.timeline)).toContain('1001 answers');
  });

  it('takes a scenario in any form: a path, a URL, a text, the object of a program, one that was read', async () => {
    const file = join(folder(), 'call.yaml');
    writeFileSync(file, CALL);
    const source = { scenario: 'call', title: 'A call', steps: ['1001 calls 1002', '1002 rings'] };
    for (const input of [file, pathToFileURL(file), CALL, source, readScenario(CALL)]) {
      await using pbx = await simulate(input);
      expect(pbx.scenario.name).toBe('call');
      expect(pbx.port).toBeGreaterThan(0);
    }
  });

  it('stops where it is told to, and goes on from there', async () => {
    await using place = await connected(CALL);
    const { pbx } = place;
    const rang = await pbx.until('1001.ring');
    expect(rang).toBe(pbx.marks['1001.ring']);
    expect(pbx.phone('1001').isRinging).toBe(true);
    await pbx.wait(150);
    expect(pbx.marks['1001.answer']).toBeUndefined();
    await pbx.until('1001.answer');
    expect(await pbx.until('1001.ring')).toBe(rang);
    await pbx.play();
    expect(pbx.marks['carol.hangup']).toBeGreaterThan(rang);
  });

  it('lets a test do what no step does, on telephones and from outside', async () => {
    await using place = await connected(CALL);
    const { pbx, client } = place;
    pbx.call({ from: '+442079460992', name: 'Dave', to: '+442079460102' });
    await pbx.wait(50);
    pbx.phone('1002').answer();
    await pbx.wait(50);
    expect(client.values('ConnectedLineName')).toContain('Dave');
    expect(client.text()).toContain('Event: BridgeEnter');
  });

  it('knows what the telephones did, whatever the program made of it, over a restart too', async () => {
    await using place = await connected(CALL);
    const { pbx } = place;
    await pbx.until('1001.answer');
    expect(pbx.truth()['1001']).toMatchObject([{ cause: 'unknown', answered: true }]);
    await pbx.play();
    assertHistories(pbx.truth(), pbx.scenario, { marks: pbx.marks });
    expect(() => assertHistories(pbx.truth(), { 1002: [{}] })).toThrow('1002: 0 calls, not 1');
    pbx.apply('the switch restarts after 50 ms');
    await pbx.wait(150);
    await expect.poll(() => pbx.call({ from: '1001', to: '1002' })).toBeDefined();
    expect(pbx.truth()['1001']).toMatchObject([{ direction: 'in' }, { direction: 'out' }]);
  });

  it('makes a link fail in words, and heals it', async () => {
    await using place = await connected(CALL);
    const { pbx, client } = place;
    await pbx.connected();
    const fault = pbx.apply('the link drops for 5 s');
    await client.closed;
    await expect.poll(() => pbx.isConnected).toBe(false);
    expect(fault.isActive).toBe(true);
    fault.end();
    await using back = await rawClient(pbx);
    await pbx.connected();
    {
      using _ = pbx.apply({ type: 'link-silent' });
      await pbx.play();
      expect(back.text()).not.toContain('Carol');
    }
    await expect.poll(() => back.text()).toContain('Carol');
  });

  it('says who did not come', async () => {
    await using pbx = await simulate(CALL, { loginWithinMs: 50 });
    const error = await failure(pbx.play());
    expect(error).toBeInstanceOf(ScenarioFailure);
    expect(error.message).toMatch(
      /^call on asterisk@22 failed:\n {2}nobody has logged in at 127\.0\.0\.1:\d+ within 0\.05 s/,
    );
    expect((await failure(pbx.connected())).message).toContain('nobody has logged in');
  });

  it('says which step did not go as it says, where it is written, and what came before it', async () => {
    const file = join(folder(), 'call.yaml');
    writeFileSync(file, CALL.replace('1001 rings\n', '1001 rings showing "Dave"\n'));
    await using place = await connected(file, { against: 'asterisk@16' });
    const error = await failure(place.pbx.play());
    expect(error.message).toContain(`call on asterisk@16 failed:\n  ${file}:7:5: 1001 rings showing "Dave": `);
    expect(error.message).toMatch(/\d\.\d{3} s {2}carol calls \+442079460101/);
    // It stays failed.
    expect(await failure(place.pbx.until('carol.hangup'))).toBe(error);
  });

  it('refuses what it cannot mean', async () => {
    await using place = await connected(CALL);
    const { pbx } = place;
    expect(await failure(pbx.until('1001.rings'))).toMatchObject({
      code: 'scenario.invalid',
      message: 'No step leaves the mark 1001.rings; did you mean 1001.ring?',
    });
    expect(() => pbx.apply('the link dorps')).toThrow(/did you mean 'drops'/);
    expect(await failure(simulate(CALL.replace('answers\n  -', 'anwsers\n  -')))).toMatchObject({
      code: 'scenario.invalid',
    });
    expect(await failure(simulate('no/such/file.yaml'))).toMatchObject({ code: 'scenario.not-found' });
    expect(await failure(simulate(CALL, { against: 'nortel' }))).toMatchObject({ code: 'cli.usage' });
  });

  it('can be ended in the middle, twice, and before anything', async () => {
    const place = await connected(CALL.replace('  - 1001 answers\n', '  - wait 5 min\n  - 1001 answers\n'));
    const playing = failure(place.pbx.play());
    await expect.poll(() => place.pbx.marks['1001.ring']).toBeDefined();
    await place[Symbol.asyncDispose]();
    expect(await playing).toMatchObject({ name: 'AbortError', message: 'The simulation was ended.' });
    await place.pbx[Symbol.asyncDispose]();
    const idle = await simulate(CALL);
    await idle[Symbol.asyncDispose]();
    const waiting = await connected(CALL);
    await waiting.pbx.until('1001.ring');
    await waiting[Symbol.asyncDispose]();
  });
});

describe('assertions', () => {
  it('say nothing of a scenario that passed', async () => {
    const result = await runScenario(readScenario(CALL));
    assertPassed(result);
    assertHistories(result.told, result.scenario, { marks: result.marks });
    assertHistories(result.told, { 1001: [{ cause: 'normal', answered: true }] });
  });

  it('tell what is different and where the file says otherwise', async () => {
    const result = await runScenario(readScenario(CALL.replace('cause: normal', 'cause: busy')));
    expect(() => assertPassed(result, { file: 'call.yaml' })).toThrow(
      /^call on asterisk@22 failed:\n {2}call\.yaml:12:7: 1001\[0\]\.cause: "normal", not "busy"\n\n[\s\S]*1001 answers/,
    );
    expect(() => assertHistories(result.told, result.scenario, { marks: result.marks, file: 'call.yaml' })).toThrow(
      'The lines were told something else:\n  call.yaml:12:7: 1001[0].cause: "normal", not "busy"',
    );
    expect(() => assertHistories({}, { 1001: [{}] })).toThrow('1001: 0 calls, not 1');
  });
});
