import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { freePorts } from '../../simulators/real-asterisk/asterisk.ts';
import { AmiRecorder, reasonNotToPlay, startAsterisk } from '../../simulators/real-asterisk/index.ts';
import { ownScenarios } from '../../simulators/scenario/own-scenarios.ts';

test('an Asterisk starts, greets, lets a client in, and leaves nothing behind', { timeout: 240_000 }, async () => {
  const said: string[] = [];
  const pbx = await startAsterisk({ version: '22', log: (line) => said.push(line) });
  try {
    const socket = connect(pbx.amiPort, pbx.host);
    const [greeting] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    expect(greeting.toString()).toMatch(/^Asterisk Call Manager\/\d/);

    const client = await new AmiRecorder(() => 0).open(pbx.amiPort);
    await client.login(pbx.user, pbx.secret);
    expect(await client.command('core show version')).toEqual([expect.stringMatching(/^Asterisk 22\./)]);
    await client.close();
    await expect(
      new AmiRecorder(() => 0).open(pbx.amiPort).then((other) => other.login('cti', 'wrong')),
    ).rejects.toThrow(/refused/);
  } finally {
    await pbx[Symbol.asyncDispose]();
  }
  expect(said.join('\n')).not.toContain(pbx.secret);
  expect(() => process.kill(pbx.pid, 0)).toThrow(/ESRCH/);
  const socket = connect(pbx.amiPort, pbx.host);
  await expect(once(socket, 'connect')).rejects.toThrow(/ECONNREFUSED/);
});

test('an Asterisk whose port somebody else takes meanwhile starts on others', { timeout: 240_000 }, async () => {
  await using stranger = createServer().listen(0, '127.0.0.1');
  await once(stranger, 'listening');
  const taken = (stranger.address() as AddressInfo).port;
  const said: string[] = [];
  let chosen = 0;
  const pbx = await startAsterisk({
    version: '22',
    log: (line) => said.push(line),
    choosePorts: async () => ({ ...(await freePorts()), ...(chosen++ === 0 && { http: taken }) }),
  });
  try {
    expect(chosen).toBe(2);
    expect(pbx.httpPort).not.toBe(taken);
    expect(said).toContainEqual(expect.stringMatching(/a port was taken meanwhile/));
  } finally {
    await pbx.kill();
  }
});

test('every recorded scenario can be played', async () => {
  const scenarios = await ownScenarios();
  expect(scenarios.length).toBeGreaterThan(150);
  const recorded = scenarios.filter(({ exact, only }) => exact && only?.includes('asterisk') !== false);
  expect(recorded.length).toBeGreaterThan(150);
  for (const scenario of recorded) expect(reasonNotToPlay(scenario), scenario.name).toBeUndefined();
  expect(existsSync(new URL('../../simulators/real-asterisk/templates/extensions.conf', import.meta.url))).toBe(true);
});
