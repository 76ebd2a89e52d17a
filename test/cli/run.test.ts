import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { folder, run, simulator, start, until } from './harness.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/contacts.csv', import.meta.url));

it('run: watches the PBX of a configuration, knows its contacts, and is found by the other verbs', async () => {
  const pbx = await simulator();
  const where = folder();
  const env = { XDG_RUNTIME_DIR: folder(), PBX_SECRET: 'secret' };
  const file = join(where, 'offhook.yaml');
  writeFileSync(
    file,
    `links:
  - type: asterisk-ami
    name: office
    host: 127.0.0.1
    port: ${pbx.port}
    username: offhook
    secret: \${PBX_SECRET}
    endpoints: { PJSIP/trunk: null }
lines:
  - { device: "1001", label: Reception }
  - { device: "1002" }
numberingPlan: { country: GB, areaCode: "20" }
contacts: { index: contacts.sqlite }
gateway: { port: 0, tokens: [{ name: panel, token: a-token-for-the-panel }] }
log: { level: debug }
`,
  );
  const missing = await run(['run', '--config', file], env);
  expect(missing).toMatchObject({ code: 66 });
  expect(missing.err).toContain('offhook contacts import');
  expect((await run(['contacts', 'import', EXAMPLE, '--config', file], env)).code).toBe(0);

  const running = start(['run', '--config', file, '--json'], env);
  await until(() => running.out().includes('ready'));
  const { url } = JSON.parse(running.out());
  await until(async () => (await (await fetch(`${url}/healthz`)).text()).includes('"status":"ok"'));
  pbx.call({ from: '+442079460991', to: '+442079460101' });
  const watching = await run(['watch', '--json', '--for', '500ms'], env);
  const [snapshot] = watching.out.split('\n').map((line) => line && JSON.parse(line));
  expect(snapshot.data.links).toMatchObject([{ link: 'office', state: 'up' }]);
  expect(snapshot.data.lines.map((line: { device: string }) => line.device)).toEqual(['1001', '1002']);
  expect((await run(['lookup', '7946 0991'], env)).out).toContain('Carol Customer');
  const panel = await fetch(`${url}/v1/lines`, { headers: { Authorization: 'Bearer a-token-for-the-panel' } });
  expect(panel.status).toBe(200);

  running.stop();
  const { code, err } = await running.done;
  expect(code).toBe(0);
  for (const line of err.trim().split('\n')) expect(JSON.parse(line)).toMatchObject({ level: expect.any(String) });
  expect(err).not.toMatch(/"secret"|a-token-for/);
  expect(existsSync(join(env.XDG_RUNTIME_DIR, 'offhook', 'gateway.json'))).toBe(false);
}, 15_000);
