import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkReading } from '../../src/cli/doctor/checks.ts';
import { systemClock } from '../../src/domain/clock.ts';
import { folder, run, simulator } from './harness.ts';

const SECRET = { OFFHOOK_SECRET: 'secret' };
const at = (port: number, ...more: string[]) => [
  'doctor',
  '--json',
  ...['--host', '127.0.0.1', '--port', String(port), '--username', 'offhook'],
  ...more,
];

type Found = { name: string; verdict: string; message: string; remedy?: string; code?: string };
const named = (checks: Found[], name: string) => checks.find((check) => check.name === name);

describe('doctor', () => {
  it('finds nothing wrong with a switch that is all right', async () => {
    const pbx = await simulator();
    const { code, json } = await run(at(pbx.port), SECRET);
    expect(code).toBe(0);
    expect(json.ok).toBe(true);
    expect(json.checks.map(({ verdict }: Found) => verdict)).not.toContain('fail');
    expect(named(json.checks, 'version')?.message).toContain('Asterisk 22.10.1');
    expect(named(json.checks, 'lines')?.message).toContain('1001, 1002');
    const text = await run(
      at(pbx.port).filter((word) => word !== '--json'),
      SECRET,
    );
    expect(text.out).toContain('✓ offhook is logged in.');
  });

  it('tells a wrong secret from a switch that is not there and from something else that is', async () => {
    const pbx = await simulator();
    const wrong = await run(at(pbx.port), { OFFHOOK_SECRET: 'guessed-wrong' });
    expect(wrong.code).toBe(1);
    expect(named(wrong.json.checks, 'login')).toMatchObject({ verdict: 'fail', code: 'link.auth-refused' });
    expect(wrong.out).not.toContain('guessed-wrong');

    const nobody = await run(at(1), SECRET);
    expect(nobody).toMatchObject({ code: 1, json: { checks: [{ name: 'reachable', verdict: 'fail' }] } });

    const web = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void web.close());
    const other = await run(at((web.address() as { port: number }).port), SECRET);
    expect(named(other.json.checks, 'greeting')).toMatchObject({ verdict: 'fail', code: 'link.not-ami' });
  });

  it('finds a missing read class', async () => {
    const users = [{ username: 'offhook', secret: 'secret', read: ['call'] }];
    const { code, json } = await run(at((await simulator({ users })).port), SECRET);
    expect(code).toBe(1);
    const found = named(json.checks, 'read-system');
    expect(found).toMatchObject({ verdict: 'fail', code: 'link.read-class-missing' });
    expect(found?.remedy).toContain('read = system,call');
  });

  it('reads the classes from `manager show user` where it may', async () => {
    const output = ['       username: cti', '      read perm: system,agent', '     write perm: all'];
    const response = { kind: 'response', name: 'Success', text: '', get: () => undefined, all: () => output } as const;
    const examined = {
      amiVersion: '9',
      sawFullyBooted: true,
      ask: async () => ({ ok: true, response, items: [] }),
    };
    const [system, call] = await checkReading(examined, 'cti');
    expect(system).toMatchObject({ name: 'read-system', verdict: 'ok' });
    expect(call).toMatchObject({ name: 'read-call', verdict: 'fail', code: 'link.read-class-missing' });
  });

  it('finds missing write classes: what cannot be done is a warning, what nothing works without a failure', async () => {
    const some = [{ username: 'offhook', secret: 'secret', write: ['system'] }];
    const limited = await run(at((await simulator({ users: some })).port), SECRET);
    expect(limited.code).toBe(0);
    expect(named(limited.json.checks, 'write-originate')).toMatchObject({ verdict: 'warn' });
    expect(named(limited.json.checks, 'write-hangup')).toMatchObject({ verdict: 'ok' });
    const none = [{ username: 'offhook', secret: 'secret', write: [] }];
    const blind = await run(at((await simulator({ users: none })).port), SECRET);
    expect(blind.code).toBe(1);
    expect(named(blind.json.checks, 'write-coreshowchannels')).toMatchObject({ verdict: 'fail' });
  });

  it('finds a clock that is wrong', async () => {
    const late = { ...systemClock, now: () => Date.now() - 90_000 };
    const { code, json } = await run(at((await simulator({ clock: late })).port), SECRET);
    expect(code).toBe(0);
    expect(named(json.checks, 'clock')).toMatchObject({ verdict: 'warn' });
    expect(named(json.checks, 'clock')?.message).toMatch(/(89\.\d|90\.\d) s behind/);
  });

  it('finds lines of the configuration that the switch does not have', async () => {
    const pbx = await simulator();
    const file = join(folder(), 'offhook.yaml');
    const link = `links:\n  - { type: asterisk-ami, host: 127.0.0.1, port: ${pbx.port}, username: offhook, secret: secret }\n`;
    writeFileSync(file, `${link}lines:\n  - device: "1001"\n  - device: "4711"\n`);
    const { code, json } = await run(['doctor', '--json', '--config', file]);
    expect(code).toBe(1);
    const failed = json.checks.filter(({ verdict }: Found) => verdict === 'fail');
    expect(failed).toMatchObject([
      { name: 'lines', message: 'The line 4711 of the configuration is not on the switch.' },
    ]);
  });

  it('says what it needs to know', async () => {
    expect(await run(['doctor'])).toMatchObject({ code: 64 });
    expect((await run(['doctor', '--host', 'x', '--username', 'y'])).err).toContain('OFFHOOK_SECRET');
  });
});
