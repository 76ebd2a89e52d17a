// A process of its own for our engine, its gateway and its contacts, so that its figures are not those of the simulator:
// forked by `engine-child.ts`, which speaks with it as `engine-messages.ts` says.
import { randomBytes } from 'node:crypto';
import { loadOffice } from '../../../simulators/index.ts';
import { asteriskAmi } from '../../adapters/asterisk-ami/index.ts';
import { systemClock } from '../../domain/clock.ts';
import { silentLogger } from '../../domain/logger.ts';
import { LocalIndex, type NumberingPlan } from '../../recognition/index.ts';
import { type System, startSystem } from '../system.ts';
import type { EngineSample, FromEngine, ToEngine } from './engine-messages.ts';

/** How the office writes numbers. */
const PLAN: NumberingPlan = {
  country: 'GB',
  areaCode: '20',
  extensions: [
    { from: '1000', to: '4999' },
    { from: '50000', to: '69999' },
  ],
};

/** One caller in fifty is known. */
const CONTACTS = 2_000;

let system: System | undefined;

process.on('message', (message: ToEngine) => {
  if (message.type === 'sample') say({ type: 'sample', ...sample(message.collect) });
  else start(message).catch((error: Error) => say({ type: 'failed', message: error.message }));
});
process.on('disconnect', () => void stop());
// Ctrl-C in a terminal reaches this process, too; it ends when the one that started it does.
process.on('SIGINT', () => {});

async function start({ host, port, username, secret, lines }: ToEngine & { readonly type: 'start' }): Promise<void> {
  const extensions = loadOffice(lines).config.extensions ?? [];
  const token = randomBytes(24).toString('hex');
  system = await startSystem({
    adapters: [asteriskAmi({ link: 'load', connect: { host, port, username, secret }, context: 'internal' })],
    lines: extensions.map(({ number, name }) => ({ device: number, ...(name === undefined ? {} : { label: name }) })),
    plan: PLAN,
    index: contacts(),
    gateway: { port: 0, tokens: [{ token, name: 'load' }] },
    clock: systemClock,
    logger: silentLogger,
  });
  const { engine, gateway } = system;
  const subscription = engine.links$.subscribe(({ state }) => {
    if (state !== 'up') return;
    say({ type: 'ready', url: gateway.url, token });
    queueMicrotask(() => subscription.unsubscribe());
  });
}

function contacts(): LocalIndex {
  const index = new LocalIndex();
  index.upsert(
    Array.from({ length: CONTACTS }, (_, at) => {
      const e164 = `+4420794${String(at * 50).padStart(5, '0')}`;
      return { id: `c${at}`, source: 'load', name: `Contact ${at}`, numbers: [{ raw: e164, e164 }] };
    }),
    systemClock.now(),
  );
  return index;
}

function sample(collect: boolean): EngineSample {
  if (collect) for (let round = 0; round < 2; round++) globalThis.gc?.();
  const { user, system: kernel } = process.cpuUsage();
  const { heapUsed, rss } = process.memoryUsage();
  const snapshot = system?.engine.snapshot();
  return {
    cpuMs: (user + kernel) / 1000,
    heapUsed,
    rss,
    linkUp: snapshot?.links.every(({ state }) => state === 'up') ?? false,
    busyLines: snapshot?.lines.filter(({ state }) => state !== 'idle' && state !== 'unknown').length ?? 0,
  };
}

function say(message: FromEngine): void {
  if (process.connected) process.send?.(message);
}

async function stop(): Promise<void> {
  await system?.[Symbol.asyncDispose]();
  process.exit();
}
