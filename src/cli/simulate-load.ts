import { type Command, Option } from 'commander';
import {
  type ArrivalPattern,
  type AsteriskSimulator,
  LoadGenerator,
  type LoadOffice,
  loadOffice,
} from '../../simulators/index.ts';
import { EXIT } from './exit-codes.ts';
import { aborted, type CliIo, pause } from './io.ts';
import { EngineChild } from './load/engine-child.ts';
import { type EngineFigures, engineFigures } from './load/engine-figures.ts';
import { Meter } from './load/meter.ts';
import {
  type Against,
  DEFAULT_SWITCH,
  parseAgainst,
  parseLines,
  parseMinutes,
  parseRate,
  parseSeed,
} from './load/options.ts';
import { createProgress } from './load/progress.ts';
import { type Summary, summaryLines, sumUp } from './load/summary.ts';
import { parseDuration, parsePort } from './parse-options.ts';
import { startSimulator } from './start-simulator.ts';
import { type CliContext, type CommonOptions, printJson, verb } from './verb.ts';

interface LoadVerbOptions extends CommonOptions {
  readonly against?: Against;
  readonly callsPerSecond: number;
  readonly lines: number;
  readonly minutes: number;
  readonly arrivals: ArrivalPattern;
  readonly talk?: number;
  readonly seed: number;
  readonly withEngine?: true;
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly secret: string;
}

/** `offhook simulate load`. Ends with 1 when the load was not what was asked for, or a client was cut off. */
export function simulateLoadCommand({ io, exitWith }: CliContext): Command {
  return verb('load', 'offer calls at a rate on a simulated PBX, and tell how its clients keep up')
    .option('--against <switch>', 'the PBX that is imitated: asterisk, asterisk@16; default: asterisk@22', parseAgainst)
    .option('--calls-per-second <number>', 'how many calls arrive', parseRate, 10)
    .option('--lines <number>', 'how many telephones the office has, with numbers of 4 and 5 digits', parseLines, 500)
    .option('--minutes <number>', 'for how long, from when a client is there', parseMinutes, 1)
    .addOption(
      new Option('--arrivals <pattern>', 'by chance, or at the same distance')
        .choices(['poisson', 'even'])
        .default('poisson'),
    )
    .option('--talk <time>', 'how long people talk on average; default: what keeps most lines busy', parseDuration)
    .option('--seed <number>', 'other numbers draw other calls', parseSeed, 1)
    .option('--with-engine', 'connect an engine of our own, in a second process, instead of waiting for a client')
    .option('--host <address>', 'where the PBX listens', '127.0.0.1')
    .option('--port <port>', 'its port; 0: a free one', parsePort, 5038)
    .option('--username <name>', 'the manager user', 'offhook')
    .option('--secret <text>', 'its secret', 'secret')
    .action(async (options: LoadVerbOptions) => {
      const summary = await run(options, io);
      if (summary !== undefined && summary.shortcomings.length > 0) exitWith(EXIT.failed);
    });
}

/** `undefined`: it was asked to stop before a client came. */
async function run(options: LoadVerbOptions, io: CliIo): Promise<Summary | undefined> {
  const { host, port, username, secret, lines, against = DEFAULT_SWITCH } = options;
  const office = loadOffice(lines);
  let meter: Meter | undefined;
  await using pbx = await startSimulator({
    ...office.config,
    clock: io.clock,
    host,
    port,
    version: against.release,
    users: [{ username, secret }],
    onGone: (client) => meter?.gone(client),
  });
  const generator = createGenerator(options, pbx, office, io);
  meter = new Meter(pbx, generator, io.clock);
  announceReady(options, pbx, io);
  await using engine = options.withEngine ? new EngineChild(io.clock) : undefined;
  if (engine) await Promise.race([engine.start({ host, port: pbx.port, username, secret, lines }), aborted(io.stop)]);
  await clientOf(pbx, io);
  if (io.stop.aborted) return undefined;
  const summary = await offer(options, generator, meter, engine, io).finally(() => generator.stop());
  if (options.json === true) printJson(io, { type: 'summary', ...summary });
  else tell(summary, io);
  return summary;
}

function announceReady({ host, username, json, lines }: LoadVerbOptions, pbx: AsteriskSimulator, io: CliIo) {
  if (json === true) return printJson(io, { type: 'ready', host, port: pbx.port, username });
  io.stdout.write(
    `Asterisk ${pbx.version}, simulated, with ${lines} lines at ${host}:${pbx.port} (user ${username}). Waiting for a client. Ctrl-C ends it.\n`,
  );
}

async function clientOf(pbx: AsteriskSimulator, io: CliIo): Promise<void> {
  while (pbx.loggedIn.length === 0 && !io.stop.aborted) await pause(io.clock, 100, io.stop);
}

function createGenerator(options: LoadVerbOptions, pbx: AsteriskSimulator, office: LoadOffice, io: CliIo) {
  const { callsPerSecond, minutes, arrivals, talk, seed } = options;
  return new LoadGenerator({
    pbx: pbx.model,
    office,
    clock: io.clock,
    callsPerSecond,
    durationMs: minutes * 60_000,
    arrivals,
    seed,
    ...(talk === undefined ? {} : { meanTalkMs: talk }),
  });
}

/** A moment for what was hung up to be told. */
const SETTLE_MS = 1_000;

async function offer(
  options: LoadVerbOptions,
  generator: LoadGenerator,
  meter: Meter,
  engine: EngineChild | undefined,
  io: CliIo,
): Promise<Summary> {
  const { callsPerSecond, minutes, lines } = options;
  const begin = meter.look();
  const first = await engine?.sample();
  generator.start();
  await follow(generator, meter, createProgress(io, options.json === true, minutes * 60_000), io);
  const reading = meter.readSince(begin);
  const last = await engine?.sample();
  generator.stop();
  let figures: EngineFigures | undefined;
  if (engine !== undefined && first !== undefined && last !== undefined) {
    await pause(io.clock, SETTLE_MS);
    figures = engineFigures(first, last, await engine.sample(), reading.load.elapsedMs);
  }
  return sumUp({ callsPerSecond, minutes, lines }, reading, figures);
}

/** Until the time is over or somebody wants it to stop. */
async function follow(generator: LoadGenerator, meter: Meter, progress: ReturnType<typeof createProgress>, io: CliIo) {
  using shown = progress;
  let before = meter.look();
  while (!generator.isOver && !io.stop.aborted) {
    await pause(io.clock, 1_000, io.stop);
    shown.show(meter.readSince(before));
    before = meter.look();
  }
}

function tell(summary: Summary, io: CliIo): void {
  for (const line of summaryLines(summary)) io.stdout.write(`${line}\n`);
  for (const { message, remedy } of summary.shortcomings) io.stderr.write(`offhook: ${message}\n  ${remedy}\n`);
}
