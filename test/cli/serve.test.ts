import { chmodSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folder, run, start } from './harness.ts';

/** What `offhook serve --json` says first. */
interface Said {
  readonly url: string;
  readonly store: string;
  readonly masterKey?: string;
  readonly administrator?: string;
}

async function serving(data: string, more: readonly string[] = [], env: Record<string, string> = {}) {
  const running = start(['serve', '--data', data, '--port', '0', '--json', ...more], env);
  await expect.poll(() => running.out() + running.err(), { timeout: 10_000 }).not.toBe('');
  return {
    said: JSON.parse(running.out()) as Said,
    async end() {
      running.stop();
      expect((await running.done).code).toBe(0);
    },
  };
}

/** A port that nobody listened on a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function post(url: string, token: string, json: unknown) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(json) });
  return { status: response.status, body: (await response.json()) as Record<string, string> };
}

describe('offhook serve', () => {
  it('says where it keeps what, and gives the administrator’s token the first time only', async () => {
    const data = join(folder(), 'new');
    const first = await serving(data);
    const { url, administrator = '' } = first.said;
    expect(first.said).toMatchObject({ store: join(data, 'directory.sqlite'), masterKey: join(data, 'master.key') });
    expect(statSync(join(data, 'master.key')).mode & 0o777).toBe(0o600);
    const { body: tenant } = await post(`${url}/v1/tenants`, administrator, { name: 'Example' });
    const scopes = ['lookup', 'contacts:write'];
    const { body: issued } = await post(`${url}/v1/tenants/${tenant['id']}/tokens`, administrator, {
      name: 'push',
      scopes,
    });
    await first.end();

    const second = await serving(data);
    expect(second.said).not.toHaveProperty('administrator');
    expect(second.said).not.toHaveProperty('masterKey');
    const json = { numbers: ['+442079460991'] };
    expect((await post(`${second.said.url}/v1/lookup`, issued['token']!, json)).status).toBe(200);
    await second.end();
  });

  it('takes its master keys from the environment', async () => {
    const data = folder();
    const { said, end } = await serving(data, [], { OFFHOOK_MASTER_KEYS: `main:${'ab'.repeat(32)}` });
    expect(said).not.toHaveProperty('masterKey');
    expect((await post(`${said.url}/v1/tenants`, said.administrator ?? '', { name: 'Example' })).status).toBe(201);
    await end();
  });

  it.each([
    ['keys that are none', { OFFHOOK_MASTER_KEYS: 'main:short' }, [], 78, /64 hexadecimal digits/],
    ['plain HTTP to other machines', {}, ['--host', '0.0.0.0'], 64, /--tls-cert and --tls-key; or --behind-proxy/],
    ['half of a certificate', {}, ['--tls-cert', 'cert.pem'], 64, /belong together/],
    ['a certificate that is not there', {}, ['--tls-cert', 'no.pem', '--tls-key', 'no.pem'], 64, /cannot be read/],
    ['a PostgreSQL that is not there', {}, ['--postgres', 'postgres://x@127.0.0.1:1/x'], 66, /cannot be used/],
  ] as const)('refuses %s, and says what to do', async (_, env, more, code, message) => {
    const outcome = await run(['serve', '--data', folder(), '--port', '0', ...more], env);
    expect(outcome).toMatchObject({ code, out: '' });
    expect(outcome.err).toMatch(message);
  });

  it.skipIf(process.platform === 'win32')('refuses a master key that others may read', async () => {
    const data = folder();
    const path = join(data, 'master.key');
    writeFileSync(path, `main:${'ab'.repeat(32)}\n`);
    chmodSync(path, 0o644);
    expect(await run(['serve', '--data', data, '--port', '0'])).toMatchObject({
      code: 78,
      err: expect.stringMatching(/chmod 600/),
    });
  });
});

describe('offhook contacts push', () => {
  const CSV = 'id,name,phone\n1,Carol Customer,020 7946 0991\n2,Nobody,none\n3,Dave Dealer,+44 20 7946 0993\n';

  async function tenant(url: string, administrator: string): Promise<string> {
    const { body: made } = await post(`${url}/v1/tenants`, administrator, { name: 'Example' });
    const scopes = ['lookup', 'contacts:write'];
    return (await post(`${url}/v1/tenants/${made['id']}/tokens`, administrator, { name: 'push', scopes })).body[
      'token'
    ]!;
  }

  it('puts the contacts of a file in the place of those before', async () => {
    const data = folder();
    const { said, end } = await serving(data);
    const token = await tenant(said.url, said.administrator ?? '');
    const file = join(data, 'customers.csv');
    writeFileSync(file, CSV);
    const env = { OFFHOOK_TOKEN: token, OFFHOOK_DIRECTORY: said.url };
    const first = await run(['contacts', 'push', file, '--country', 'GB'], env);
    expect(first).toMatchObject({
      code: 0,
      out: '3 rows, 1 rejected. The directory has 2 contacts of csv; it had 0.\n',
    });
    expect(first.err).toMatch(/^line 3/);
    const answer = await post(`${said.url}/v1/lookup`, token, { numbers: ['+442079460991', '+442079460993'] });
    expect(JSON.stringify(answer.body)).toMatch(/Carol Customer.*Dave Dealer/);

    writeFileSync(file, CSV.split('\n').slice(0, 2).join('\n'));
    const less = await run(['contacts', 'push', file, '--country', 'GB'], env);
    expect(less).toMatchObject({ code: 1, out: '' });
    expect(less.err).toMatch(/would have 1 contacts instead of 2[\s\S]*confirm/);
    const confirmed = await run(['contacts', 'push', file, '--country', 'GB', '--confirmed', '--json'], env);
    expect(confirmed.json).toMatchObject({ rows: 1, contacts: 1, before: 2 });
    await end();
  });

  it('keeps what there was where a file has no contact, or the token may not', async () => {
    const data = folder();
    const { said, end } = await serving(data);
    const token = await tenant(said.url, said.administrator ?? '');
    const file = join(data, 'customers.csv');
    writeFileSync(file, CSV);
    const env = { OFFHOOK_TOKEN: token, OFFHOOK_DIRECTORY: said.url };
    await run(['contacts', 'push', file, '--country', 'GB'], env);
    writeFileSync(file, 'name,phone\nNobody,none\n');
    expect(await run(['contacts', 'push', file, '--country', 'GB'], env)).toMatchObject({
      code: 65,
      err: expect.stringMatching(/no usable contact/),
    });
    const wrong = await run(['contacts', 'push', file, '--country', 'GB'], { ...env, OFFHOOK_TOKEN: 'offhook_x' });
    expect(wrong).toMatchObject({ code: 1, err: expect.stringMatching(/answered 401/) });
    const json = { numbers: ['+442079460991'] };
    expect(JSON.stringify((await post(`${said.url}/v1/lookup`, token, json)).body)).toMatch(/Carol Customer/);
    await end();
  });

  it.each([
    [[], /--country GB/],
    [['--country', 'GB'], /--directory https/],
    [['--country', 'GB', '--directory', 'https://directory.example'], /OFFHOOK_TOKEN/],
    [['--country', 'GB', '--directory', 'http://directory.example', '--token', 't'], /has no TLS/],
  ])('says what it needs (%j)', async (more, message) => {
    const outcome = await run(['contacts', 'push', 'customers.csv', ...more]);
    expect(outcome.code).not.toBe(0);
    expect(outcome.err).toMatch(message);
  });
});

describe('offhook run', () => {
  it('asks a directory who calls', async () => {
    const data = folder();
    const { said, end } = await serving(data);
    const { body: tenant } = await post(`${said.url}/v1/tenants`, said.administrator ?? '', { name: 'Example' });
    const scopes = ['lookup', 'contacts:write'];
    const { body: issued } = await post(`${said.url}/v1/tenants/${tenant['id']}/tokens`, said.administrator ?? '', {
      ...{ name: 'all', scopes },
    });
    const token = issued['token']!;
    const { body: begun } = await post(`${said.url}/v1/sources/crm/generations`, token, { mode: 'full' });
    const contact = { id: 'c', name: 'Carol Customer', numbers: [{ value: '+442079460991', e164: '+442079460991' }] };
    await fetch(`${said.url}/v1/generations/${begun['id']}/chunks/0`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' },
      body: JSON.stringify(contact),
    });
    await post(`${said.url}/v1/generations/${begun['id']}/commit`, token, { chunks: 1 });

    const runtime = folder();
    const config = join(data, 'offhook.yaml');
    const pbx = '{ type: asterisk-ami, host: 127.0.0.1, port: 1, username: a, secret: b }';
    writeFileSync(
      config,
      [
        ...[`links: [${pbx}]`, 'numberingPlan: { country: GB }', `gateway: { port: ${await freePort()} }`],
        `directory: { url: '${said.url}', token: '${token}' }`,
      ].join('\n'),
    );
    const running = start(['run', '--config', config, '--json'], { XDG_RUNTIME_DIR: runtime });
    await expect.poll(() => running.out(), { timeout: 10_000 }).toMatch(/ready/);
    const known = await run(['lookup', '020 7946 0991'], { XDG_RUNTIME_DIR: runtime });
    expect(known).toMatchObject({ code: 0, out: expect.stringMatching(/^Carol Customer/) });
    expect((await run(['lookup', '020 7946 0992'], { XDG_RUNTIME_DIR: runtime })).code).toBe(1);
    running.stop();
    await running.done;
    await end();
  });

  it.each([
    ["directory: { url: 'http://directory.example', token: t }", /numberingPlan/],
    ["numberingPlan: { country: GB }\ndirectory: { url: 'http://directory.example', token: t }", /has no TLS/],
  ])('refuses %s', async (lines, message) => {
    const config = join(folder(), 'offhook.yaml');
    writeFileSync(config, `links: [{ type: asterisk-ami, host: a, username: a, secret: b }]\n${lines}\n`);
    const outcome = await run(['run', '--check', '--config', config]);
    expect(outcome.code).toBe(78);
    expect(outcome.err).toMatch(message);
  });
});
