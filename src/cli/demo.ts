import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Adapter } from '../adapters/port.ts';
import { silentLogger } from '../domain/logger.ts';
import { LocalIndex } from '../recognition/index.ts';
import { importContacts } from '../sources/index.ts';
import { type DemoPbx, startExchange } from './demo/exchange.ts';
import { liftHandsets, useHandset } from './demo/handsets.ts';
import { DEMO_LINES, DEMO_NUMBERS, DEMO_PLAN } from './demo/office.ts';
import { DEMO_SCRIPTS } from './demo/script.ts';
import { announce, runtimeFile } from './gateway-client/runtime-file.ts';
import { type CliIo, stopAfter } from './io.ts';
import { PBX_KINDS, pbxKind } from './link-options.ts';
import { packageRoot, selfCommand } from './package-root.ts';
import { parseDuration, parsePort } from './parse-options.ts';
import { type System, startSystemNear } from './system.ts';
import { type CliContext, type CommonOptions, printJson, verb } from './verb.ts';
import { follow } from './view/follow.ts';
import { listenToKeys } from './view/keys.ts';
import { createViewer, type Viewer } from './view/viewers.ts';

interface DemoOptions extends CommonOptions {
  readonly port: number;
  readonly pbx: string;
  readonly for?: number;
}

/** The gateway's port, unless it is taken. */
const DEFAULT_PORT = 7780;

/** `offhook demo`: a simulated office with everything that the real thing has. */
export function demoCommand({ io }: CliContext): Command {
  return verb('demo', 'play a lively office on a simulated PBX and show its calls; also `npm start`')
    .option('--port <port>', 'the port of the gateway; a free one when it is taken', parsePort, DEFAULT_PORT)
    .option('--pbx <kind>', `the PBX that is simulated: ${PBX_KINDS.join(', ')}`, PBX_KINDS[0])
    .option('--for <time>', 'stop by itself after a time, such as 10s', parseDuration)
    .action((options: DemoOptions) => demo(options, io));
}

async function demo(options: DemoOptions, io: CliIo): Promise<void> {
  const { pbx: exchange, adapter } = await startExchange(pbxKind(options.pbx));
  await using pbx = exchange;
  using index = await sampleContacts(io);
  const token = io.env.OFFHOOK_TOKEN ?? randomBytes(24).toString('hex');
  await using system = await startDemo(adapter, index, options.port, token, io);
  const { url } = system.gateway;
  const withdraw = announce(io.env, { url, token, pid: process.pid });
  const stopLifting = liftHandsets(system.engine, pbx, io.clock);
  try {
    for (const script of DEMO_SCRIPTS) pbx.play(script);
    await present(pbx, system, token, options, io);
  } finally {
    stopLifting();
    withdraw();
  }
}

async function sampleContacts(io: CliIo): Promise<LocalIndex> {
  const index = new LocalIndex();
  const file = join(packageRoot(), 'examples', 'contacts.csv');
  await importContacts(file, { index, plan: DEMO_PLAN, source: 'contacts.csv', clock: io.clock });
  return index;
}

function startDemo(
  adapter: Adapter,
  index: LocalIndex,
  port: number,
  token: string,
  { clock }: CliIo,
): Promise<System> {
  return startSystemNear({
    adapters: [adapter],
    lines: DEMO_LINES,
    plan: DEMO_PLAN,
    index,
    gateway: { port, tokens: [{ token, name: 'demo' }] },
    clock,
    logger: silentLogger,
  });
}

async function present(
  pbx: DemoPbx,
  { engine, gateway }: System,
  token: string,
  options: DemoOptions,
  io: CliIo,
): Promise<void> {
  const { url } = gateway;
  const quit = new AbortController();
  const stop = AbortSignal.any([stopAfter(io, options.for), quit.signal]);
  welcome(url, options.json === true, io);
  using viewer = createViewer(
    io,
    { title: 'offhook demo', address: url, keys: DEMO_KEYS, hint: HINT },
    options.json === true,
  );
  let dialled = 0;
  using _ = listenToKeys(io.stdin, (key) => {
    if (key === 'q' || key === '\u0003') quit.abort();
    else if (key === 'd') void dial(dialled++, engine, viewer);
    else if (/^[1-6]$/.test(key)) useHandset(pbx, `100${key}`);
  });
  await follow({ url, token }, undefined, io, stop, {
    onEvent: (event) => viewer.show(event),
    onLost: (reason) => viewer.notice(reason),
    cursor: () => viewer.cursor,
  });
}

const DEMO_KEYS = [
  ['q', 'quit'],
  ['d', 'dial a number'],
  ['1–6', 'pick up or hang up that phone'],
] as const;

const HINT = `In a second terminal: ${selfCommand()} watch   or: dial 1006 +12025550143`;

/** What a pipe or a log shows first. A terminal shows the same in its frame. */
function welcome(url: string, json: boolean, io: CliIo): void {
  const tokenFile = runtimeFile(io.env);
  if (json) printJson(io, { type: 'ready', url, tokenFile });
  else if (io.stdout.isTTY !== true) {
    io.stdout.write(`offhook demo: a simulated office. Gateway: ${url} (token in ${tokenFile})\n`);
  }
}

/** The next number of the list, from the first line that is free. */
async function dial(count: number, engine: System['engine'], viewer: Viewer): Promise<void> {
  const device = ['1006', ...DEMO_LINES.map((line) => line.device)].find((each) => engine.line(each)?.state === 'idle');
  const number = DEMO_NUMBERS[count % DEMO_NUMBERS.length]!;
  if (device === undefined) return viewer.notice('All phones are busy: try again in a moment.');
  viewer.notice(`${device} is asked to call ${number}: its own phone rings first.`);
  const result = await engine.execute({ type: 'makeCall', device, number });
  viewer.notice(result.ok ? undefined : `${result.message} [${result.code}]`);
}
