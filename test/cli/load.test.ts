import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Running, run, start, until } from './harness.ts';

/** The documents that a command printed. */
const documents = (out: string) =>
  out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

/** A client of the simulated switch, as soon as that listens. `deaf`: asks for a lot and reads nothing. */
async function join(load: Running, { deaf = false } = {}): Promise<Socket> {
  await until(() => load.out().includes('"ready"'));
  const socket = connect(documents(load.out())[0].port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  if (deaf) socket.pause();
  else socket.resume();
  socket.write('Action: Login\r\nUsername: offhook\r\nSecret: secret\r\nEvents: on\r\n\r\n');
  return socket;
}

const quick = ['simulate', 'load', '--port', '0', '--json', '--minutes', '0.05'];

describe('simulate load', () => {
  it('offers the calls that were asked for and tells what was written to whom', async () => {
    const load = start([...quick, '--calls-per-second', '40', '--lines', '300', '--arrivals', 'even']);
    await join(load);
    const { code, out } = await load.done;
    const [ready, ...rest] = documents(out);
    expect(ready).toMatchObject({ type: 'ready', host: '127.0.0.1', username: 'offhook' });
    const summary = rest.at(-1);
    expect(summary).toMatchObject({
      type: 'summary',
      asked: { callsPerSecond: 40, minutes: 0.05, lines: 300 },
      achieved: { callsPerSecond: 40, part: 1 },
      load: { due: 120, offered: 120, skipped: { noFreeLine: 0, tooManyUp: 0, late: 0 }, disturbed: 0 },
      gone: [],
      shortcomings: [],
    });
    expect(summary.clients).toMatchObject([{ username: 'offhook', unreadBytes: 0 }]);
    expect(summary.clients[0].events).toBeGreaterThan(500);
    expect(summary.eventsPerSecond).toBeGreaterThan(100);
    expect(code).toBe(0);
  });

  it('tells people the same in words', async () => {
    const load = start([
      'simulate',
      'load',
      '--port',
      '0',
      '--minutes',
      '0.03',
      '--against',
      'asterisk@16',
      '--lines',
      '50',
    ]);
    await until(() => load.out().includes('Waiting for a client'));
    expect(load.out()).toMatch(/^Asterisk 16, simulated, with 50 lines at 127\.0\.0\.1:\d+ \(user offhook\)/);
    const socket = connect(Number(/:(\d+) /.exec(load.out())![1]), '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    socket.resume();
    socket.write('Action: Login\r\nUsername: offhook\r\nSecret: secret\r\n\r\n');
    const { code, out, err } = await load.done;
    expect(out).toMatch(/\d+ calls in 1\.8 s: [\d.]+\/s of 10\/s asked \(100 % of the \d+ that were due\)/);
    expect(out).toMatch(/offhook \(127\.0\.0\.1:\d+\): \d+ events, at most 0 B unread, 0 ms to take what waited/);
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });

  it('ends with 1 when there are too few lines, and says what to do', async () => {
    const load = start([...quick, '--calls-per-second', '40', '--lines', '10', '--talk', '1m']);
    await join(load);
    const { code, out } = await load.done;
    const { shortcomings, load: figures } = documents(out).at(-1);
    expect(figures.skipped.noFreeLine).toBeGreaterThan(50);
    expect(shortcomings).toHaveLength(1);
    expect(shortcomings[0].message).toMatch(/^Only \d+(\.\d)? % of the calls that were due could be offered/);
    expect(shortcomings[0].remedy).toContain('--lines');
    expect(code).toBe(1);
  });

  it('ends with 1 when a client was cut off because it did not read, and says which', async () => {
    const load = start([...quick, '--calls-per-second', '5', '--lines', '5000']);
    await join(load);
    const deaf = await join(load, { deaf: true });
    // Half a megabyte each: more than the buffers of the system and the patience of the switch.
    for (let list = 0; list < 60; list++) deaf.write('Action: ExtensionStateList\r\n\r\n');
    const { code, out } = await load.done;
    const { gone, shortcomings, achieved } = documents(out).at(-1);
    expect(gone).toMatchObject([{ username: 'offhook', cutOff: true, address: `127.0.0.1:${deaf.localPort}` }]);
    expect(shortcomings).toHaveLength(1);
    expect(shortcomings[0].message).toContain(`127.0.0.1:${deaf.localPort}) was cut off: it left`);
    expect(achieved.part).toBe(1);
    expect(code).toBe(1);
  });

  it('--with-engine: our own engine follows from a process of its own, and forgets no call', async () => {
    const { code, out } = await run([...quick, '--calls-per-second', '20', '--lines', '100', '--with-engine']);
    const summary = documents(out).at(-1);
    expect(summary.clients).toMatchObject([{ username: 'offhook' }]);
    expect(summary.engine.busyLines).toBe(0);
    expect(summary.engine.heapUsed).toBeGreaterThan(1_000_000);
    expect(summary.engine.cpuPart).toBeGreaterThan(0);
    expect({ code, shortcomings: summary.shortcomings }).toEqual({ code: 0, shortcomings: [] });
  });

  it('waits for a client, and ends without one when it is told to', async () => {
    const load = start(quick);
    await until(() => load.out().includes('"ready"'));
    load.stop();
    const { code, out } = await load.done;
    expect(code).toBe(0);
    expect(documents(out)).toHaveLength(1);
  });

  it('ends when it is told to while its engine still starts', async () => {
    const load = start([...quick, '--lines', '5000', '--with-engine']);
    await until(() => load.out().includes('"ready"'));
    load.stop();
    const { code, out } = await load.done;
    expect({ code, documents: documents(out).length }).toEqual({ code: 0, documents: 1 });
  });

  it('ends early when it is told to, with a summary of what there was', async () => {
    const load = start([...quick.slice(0, -1), '10', '--calls-per-second', '50']);
    await join(load);
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    load.stop();
    const { code, out } = await load.done;
    const { load: figures, shortcomings } = documents(out).at(-1);
    expect(figures.elapsedMs).toBeLessThan(10_000);
    expect(figures.offered).toBeGreaterThan(10);
    expect({ code, shortcomings }).toEqual({ code: 0, shortcomings: [] });
  });

  it.each([
    ['--against', 'freeswitch', 'asterisk@16'],
    ['--against', 'asterisk@1', 'asterisk@16'],
    ['--against', 'constructor', 'asterisk@16'],
    ['--calls-per-second', '0', 'from 0.01 to 10000'],
    ['--lines', '1', 'whole number from 2'],
    ['--lines', '10.5', 'whole number from 2'],
    ['--minutes', 'ten', 'from 0.01'],
    ['--seed', '-1', 'from 0'],
    ['--arrivals', 'often', 'poisson'],
  ])('%s %s is refused, and the message says what may be written', async (option, value, hint) => {
    const { code, err } = await run(['simulate', 'load', option, value]);
    expect(code).toBe(64);
    expect(err).toContain(option);
    expect(err).toContain(hint);
  });

  it('says when its port is taken', async () => {
    const first = start(quick);
    await until(() => first.out().includes('"ready"'));
    const { port } = documents(first.out())[0];
    const { code, json } = await run(['simulate', 'load', '--port', String(port), '--json']);
    expect({ code, error: json.error.code }).toEqual({ code: 69, error: 'cli.port-in-use' });
    first.stop();
    await first.done;
  });
});
