import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { folder, run, start, until } from './harness.ts';

const BIN = fileURLToPath(new URL('../../bin/offhook.mjs', import.meta.url));

describe('demo', () => {
  it('--for 3s --json: calls of recognised contacts, one event per line; then it is gone', async () => {
    const env = { XDG_RUNTIME_DIR: folder() };
    const demo = start(['demo', '--port', '0', '--for', '3s', '--json'], env);
    await until(() => demo.out().includes('"ready"'));
    const { url, tokenFile } = JSON.parse(demo.out().split('\n')[0]!);
    expect(statSync(tokenFile).mode & 0o777).toBe(0o600);
    expect(statSync(join(env.XDG_RUNTIME_DIR, 'offhook')).mode & 0o777).toBe(0o700);
    const { token } = JSON.parse(readFileSync(tokenFile, 'utf8'));
    expect(demo.out()).not.toContain(token);
    expect((await fetch(`${url}/v1/snapshot`)).status).toBe(401);
    const { code, out } = await demo.done;
    expect(code).toBe(0);
    const events = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.slice(1).every(({ specversion }) => specversion === '1.0')).toBe(true);
    expect(out).toContain('"name":"Carol Customer"');
    expect(out).toContain('"reason":"exact"');
    expect(events.some(({ type }) => type === 'org.offhook.call.delivered')).toBe(true);
    expect(existsSync(tokenFile)).toBe(false);
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  }, 15_000);

  it('--pbx freeswitch: the same office on a simulated FreeSWITCH', async () => {
    const demo = start(['demo', '--port', '0', '--for', '4s', '--pbx', 'freeswitch', '--json']);
    const { code, out, err } = await demo.done;
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('"peer":"FreeSWITCH 1.10.12"');
    expect(out).toContain('"name":"Carol Customer"');
    expect(out).toContain('org.offhook.call.established');
  }, 15_000);

  it('--pbx: says which there are', async () => {
    const { code, json } = await run(['demo', '--pbx', 'definity', '--json']);
    expect({ code, field: json.error.field }).toEqual({ code: 64, field: '--pbx' });
    expect(json.error.remedy).toContain('freeswitch-esl');
  });

  it('takes another port when its own is taken', async () => {
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void squatter.close());
    const { port } = squatter.address() as { port: number };
    const demo = start(['demo', '--port', String(port), '--json']);
    await until(() => demo.out().includes('"ready"'));
    expect(JSON.parse(demo.out().split('\n')[0]!).url).not.toContain(String(port));
    demo.stop();
    expect((await demo.done).code).toBe(0);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'as a process: %s ends it cleanly, and it leaves nothing behind',
    async (signal) => {
      const env = { ...process.env, XDG_RUNTIME_DIR: folder() };
      const child = spawn(process.execPath, [BIN, 'demo', '--port', '0'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
      let [out, err] = ['', ''];
      child.stdout.on('data', (chunk) => {
        out += chunk;
      });
      child.stderr.on('data', (chunk) => {
        err += chunk;
      });
      await until(() => out.includes('rings: Carol Customer'));
      child.kill(signal);
      const [code, by] = await new Promise<[number | null, string | null]>((resolve) =>
        child.on('exit', (...how) => resolve(how)),
      );
      expect({ code, by, err }).toEqual({ code: 0, by: null, err: '' });
      expect(out).toMatch(/^offhook demo: a simulated office\. Gateway: http:\/\/127\.0\.0\.1:\d+/);
      expect(existsSync(join(env.XDG_RUNTIME_DIR, 'offhook', 'gateway.json'))).toBe(false);
    },
    15_000,
  );
});
