import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createAsteriskSimulator, demoScript } from '../simulators/index.ts';
import { asteriskAmi } from '../src/adapters/asterisk-ami/index.ts';
import { createEngine } from '../src/engine/index.ts';
import { createGateway } from '../src/gateway/server.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs an example until it has printed what is expected, and ends it. Fails with all that it printed. */
async function run(example: string, expected: RegExp, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const args = ['--import', './scripts/from-source.ts', `examples/${example}.ts`];
  const child = spawn(process.execPath, args, { cwd: root, env: { ...process.env, ...env } });
  const ended = once(child, 'exit');
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      if (expected.test(printed)) child.kill();
    });
  }
  await ended;
  expect(printed).toMatch(expected);
  return printed;
}

async function office() {
  const pbx = await createAsteriskSimulator();
  pbx.play(demoScript);
  const connect = { host: '127.0.0.1', port: pbx.port, username: 'offhook', secret: 'secret' };
  const engine = createEngine({ adapters: [asteriskAmi({ connect })] });
  const gateway = await createGateway({ engine });
  return {
    pbx,
    url: gateway.url,
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await engine.stop();
      await pbx[Symbol.asyncDispose]();
    },
  };
}

describe('the example', () => {
  it('embed-engine prints who calls', async () => {
    await run('embed-engine', /asterisk-ami-1: up[\s\S]*\d+ rings: .+, .+/);
  });

  it("own-asterisk-manager shows lines over the program's own connection", async () => {
    await using place = await office();
    await run('own-asterisk-manager', /Asterisk is up[\s\S]*\d+ is alerting/, { AMI_PORT: String(place.pbx.port) });
  });

  it('subscribe prints lines and call events', async () => {
    await using place = await office();
    await run('subscribe', /snapshot[\s\S]*call\.delivered[\s\S]*line \d+: /, { OFFHOOK_URL: place.url });
  });

  it('screen-pop prints an encoded address', async () => {
    await using place = await office();
    await run('screen-pop', /\d+: would open https:\/\/crm\.example\/search\?phone=%2B\d+/, { OFFHOOK_URL: place.url });
  });
});
