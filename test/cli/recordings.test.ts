import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { folder, run, simulator, start, until } from './harness.ts';

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/asterisk/22/${name}`, import.meta.url));

describe('replay', () => {
  it('--json: what every extension saw, in the schema of the truth files, and nothing else', async () => {
    const { code, json, err } = await run(['replay', fixture('inbound-answered.jsonl.gz'), '--json']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(Object.keys(json)).toEqual(['extensions']);
    const truth = JSON.parse(readFileSync(fixture('inbound-answered.truth.json'), 'utf8'));
    for (const [extension, calls] of Object.entries<{ direction: string; remote: unknown; answered: boolean }[]>(
      truth.extensions,
    )) {
      const told = json.extensions[extension];
      expect(told).toHaveLength(calls.length);
      for (const [index, call] of calls.entries()) {
        const { direction, remote, answered } = call;
        expect(told[index]).toMatchObject({ direction, remote, answered });
      }
    }
  });

  it('--lines: those extensions, also one that had no call', async () => {
    const file = fixture('inbound-answered.jsonl.gz');
    const { json } = await run(['replay', file, '--lines', '1001,1009', '--json']);
    expect(Object.keys(json.extensions)).toEqual(['1001', '1009']);
    expect(json.extensions['1009']).toEqual([]);
    expect(json.extensions['1001']).toHaveLength(1);
  });

  it('tells a timeline to people', async () => {
    const { out } = await run(['replay', fixture('inbound-answered.jsonl.gz')]);
    expect(out).toContain('call from Carol Customer (+442079460991), dialled +442079460101');
    expect(out).toMatch(/s {2}alerting +connected\n/);
    expect(out).toContain('answered, ended: normal, by remote');
  });

  it('--country: how numbers are written', async () => {
    const { json } = await run(['replay', fixture('caller-national.jsonl.gz'), '--country', 'gb', '--json']);
    expect(JSON.stringify(json)).toContain('"e164":"+44');
  });

  it('says what is wrong with a file, with its line', async () => {
    const broken = join(folder(), 'x.jsonl');
    writeFileSync(broken, '[0,"Asterisk Call Manager/9\\r\\n"]\n[1, nonsense\n');
    expect(await run(['replay', broken, '--json'])).toMatchObject({
      code: 65,
      json: { error: { code: 'recording.malformed' } },
    });
    expect((await run(['replay', broken])).err).toContain('line 2');
    expect(await run(['replay', 'nix.ami', '--json'])).toMatchObject({
      code: 66,
      json: { error: { code: 'recording.not-found' } },
    });
    const other = await run(['replay', broken, '--pbx', 'definity', '--json']);
    expect(other).toMatchObject({ code: 64, json: { error: { field: '--pbx' } } });
    expect(other.json.error.remedy).toContain('asterisk-ami');
  });
});

describe('record', () => {
  it('keeps what a switch sends; the recording can be replayed', async () => {
    const pbx = await simulator();
    const out = join(folder(), 'new', 'call');
    const base = ['--host', '127.0.0.1', '--port', String(pbx.port), '--username', 'offhook', '--out', out];
    const recording = start(['record', '--json', ...base], { OFFHOOK_SECRET: 'secret' });
    await until(() => pbx.loggedIn.length === 1);
    const call = pbx.call({ from: '+442079460991', name: 'Carol Customer', to: '+442079460101' });
    await until(() => pbx.phone('1001').isRinging);
    pbx.phone('1001').answer();
    call.hangup();
    await new Promise((resolve) => setTimeout(resolve, 100));
    recording.stop();
    const { code, json } = await recording.done;
    expect(code).toBe(0);
    expect(json).toMatchObject({ file: `${out}.jsonl`, personalData: true });
    expect(json.messages).toBeGreaterThan(10);
    expect(readFileSync(`${out}.sent.jsonl`, 'utf8')).not.toContain('"secret"');
    const replayed = await run(['replay', `${out}.jsonl`, '--json']);
    expect(replayed.json.extensions['1001']).toMatchObject([
      { direction: 'in', answered: true, remote: { name: 'Carol Customer' } },
    ]);

    const again = await run(['record', ...base], { OFFHOOK_SECRET: 'secret' });
    expect(again.code).toBe(64);
    expect(again.err).toContain('--force');
  });

  it('ends with the reason when the switch refuses', async () => {
    const pbx = await simulator();
    const out = join(folder(), 'call');
    const base = ['--host', '127.0.0.1', '--port', String(pbx.port), '--username', 'offhook', '--out', out];
    const { code, json } = await run(['record', '--json', ...base], { OFFHOOK_SECRET: 'wrong' });
    expect(code).toBe(77);
    expect(json.error.code).toBe('link.auth-refused');
    expect(existsSync(`${out}.jsonl`)).toBe(true);
  });
});
