import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createSipSimulator, type SipSimulator } from '../../simulators/index.ts';
import { buildAdapter, connectOptions } from '../../src/cli/config/build.ts';
import { checkConfig } from '../../src/cli/config/load.ts';
import { DEMO_OFFICE } from '../../src/cli/demo/office.ts';
import { OffhookError } from '../../src/domain/error.ts';
import { folder, run, start, until } from './harness.ts';

const env = { DRACHTIO_SECRET: 'cymru', SIP_PASSWORD: 'secret' };

let pbx: SipSimulator | undefined;
afterEach(async () => {
  await pbx?.stop();
  pbx = undefined;
});

const text = (port: number, more = '', lines = ['1001', '1002']): string => `links:
  - type: sip
    port: ${port}
    secret: \${DRACHTIO_SECRET}
    domain: pbx.test
    proxy: "sip:127.0.50.1:5060;transport=udp"
    accounts:
      "1001": { password: "\${SIP_PASSWORD}" }
${more}lines:
${lines.map((line) => `  - device: "${line}"\n`).join('')}`;

function file(content: string): string {
  const path = join(folder(), 'offhook.yaml');
  writeFileSync(path, content);
  return path;
}

const verdicts = (json: { checks: { name: string; verdict: string }[] }) =>
  Object.fromEntries(json.checks.map(({ name, verdict }) => [name, verdict]));

describe('the configuration of a SIP link', () => {
  it('becomes an adapter, secrets from the environment', () => {
    const { config } = checkConfig(
      text(9022, '    dialBy: third-party\n    autoAnswer: [none]\n'),
      'offhook.yaml',
      env,
    );
    const [link] = config.links;
    expect(buildAdapter(link!)).toMatchObject({ kind: 'sip' });
    const connect = connectOptions(link!);
    expect(connect.type === 'sip' && connect.sip).toMatchObject({
      connect: { secret: 'cymru', port: 9022 },
      domain: 'pbx.test',
      accounts: { '1001': { password: 'secret' } },
      dialBy: 'third-party',
      autoAnswer: ['none'],
    });
  });

  it('takes passwords from files', () => {
    const path = join(folder(), 'password');
    writeFileSync(path, 'from a file\n');
    const { config } = checkConfig(text(9022).replace(/password: .*}"/, `passwordFile: ${path}`), 'offhook.yaml', env);
    const connect = connectOptions(config.links[0]!);
    expect(connect.type === 'sip' && connect.sip.accounts['1001']!.password).toBe('from a file');
  });

  it.each([
    ['a missing password', text(9022).replace(/\{ password.*\}/, '{}'), 'links[0].accounts.1001.password'],
    ['no account', text(9022).replace(/accounts:\n.*\n/, 'accounts: {}\n'), 'links[0].accounts'],
    [
      'a domain that would be two headers',
      text(9022).replace('pbx.test', '"pbx.test\\r\\nEvil: 1"'),
      'links[0].domain',
    ],
    ['a proxy with a user', text(9022).replace('sip:127', 'sip:me@127'), 'links[0].proxy'],
    ['an unknown way to dial', text(9022, '    dialBy: magic\n'), 'links[0].dialBy'],
    ['a missing secret', text(9022).replace(/ +secret:.*\n/, ''), 'links[0].secret'],
  ])('is refused with %s', (_, content, field) => {
    const refused = (): unknown => {
      try {
        return checkConfig(content, 'offhook.yaml', env);
      } catch (error) {
        return error;
      }
    };
    expect(refused()).toBeInstanceOf(OffhookError);
    expect(refused()).toMatchObject({ code: 'config.invalid', field });
  });
});

describe('doctor', () => {
  it.each(['asterisk', 'freeswitch', 'kamailio'] as const)('says what a %s offers', async (dialect) => {
    pbx = await createSipSimulator({ ...DEMO_OFFICE, dialect });
    const { code, json } = await run(['doctor', '--config', file(text(pbx.port)), '--json'], env);
    expect(code).toBe(0);
    expect(verdicts(json)).toMatchObject({
      reachable: 'ok',
      login: 'ok',
      pbx: 'ok',
      'registration-1001': 'ok',
      'subscription-1001': 'ok',
      'subscription-1002': 'ok',
    });
    expect(JSON.stringify(json)).not.toContain('cymru');
  });

  it('says which line is not seen, and what to do', async () => {
    pbx = await createSipSimulator({ ...DEMO_OFFICE, dialect: 'asterisk' });
    const { code, json } = await run(['doctor', '--config', file(text(pbx.port, '', ['1001', '1999'])), '--json'], env);
    expect(code).toBe(1);
    expect(verdicts(json)).toMatchObject({ 'subscription-1001': 'ok', 'subscription-1999': 'fail' });
  });

  it('says how a drachtio-server is started where none answers, and where another secret is wanted', async () => {
    pbx = await createSipSimulator({ ...DEMO_OFFICE });
    const { port } = pbx;
    const refused = await run(['doctor', '--config', file(text(port)), '--json'], { ...env, DRACHTIO_SECRET: 'wrong' });
    expect(refused.json.checks.at(-1)).toMatchObject({ name: 'login', code: 'link.auth-refused' });
    await pbx.stop();
    const { json } = await run(['doctor', '--config', file(text(port)), '--json'], env);
    expect(json.checks.at(-1)).toMatchObject({
      name: 'reachable',
      code: 'link.unreachable',
      remedy: expect.stringContaining('docker run'),
    });
    expect(json.checks.at(-1).remedy).toContain('127.0.0.1');
  });
});

describe('run', () => {
  it('says once how a drachtio-server is started where none answers, and why so', async () => {
    pbx = await createSipSimulator({ ...DEMO_OFFICE });
    const { port } = pbx;
    await pbx.stop();
    const running = start(['run', '--config', file(`${text(port)}gateway: { port: 0 }\n`)], {
      ...env,
      XDG_RUNTIME_DIR: folder(),
    });
    await until(() => running.err().includes('docker run'));
    expect(running.err()).toContain('DRACHTIO_ADMIN_ADDRESS=127.0.0.1');
    expect(running.err()).not.toContain('cymru');
    running.stop();
    await running.done;
    expect(running.err().split('docker run')).toHaveLength(2);
  });
});

describe('record', () => {
  it('keeps what a drachtio-server sends, without secrets', async () => {
    pbx = await createSipSimulator({ ...DEMO_OFFICE });
    const base = join(folder(), 'sip');
    const recording = start(['record', '--config', file(text(pbx.port)), '--out', base, '--json'], env);
    const { readFileSync } = await import('node:fs');
    const sent = () => readFileSync(`${base}.sent.jsonl`, 'utf8');
    await until(() => {
      try {
        return sent().includes('Authorization: Digest') && readFileSync(`${base}.jsonl`, 'utf8').includes('NOTIFY');
      } catch {
        return false;
      }
    });
    recording.stop();
    await recording.done;
    expect(sent()).not.toContain('cymru');
    expect(sent()).toContain('|authenticate|*****|');
    expect(sent()).not.toMatch(/response=\\"[0-9a-f]/);
  });
});
