import type { Command } from 'commander';
import { createFreeswitchSimulator } from '../../simulators/index.ts';
import { DEMO_OFFICE } from './demo/office.ts';
import { DEMO_SCRIPTS } from './demo/script.ts';
import { aborted, type CliIo, stopAfter } from './io.ts';
import { parseDuration, parsePort } from './parse-options.ts';
import { listenError } from './start-simulator.ts';
import { type CliContext, type CommonOptions, printJson, verb } from './verb.ts';

interface SimulateOptions extends CommonOptions {
  readonly host: string;
  readonly port: number;
  readonly password: string;
  readonly quiet?: true;
  readonly for?: number;
}

/** `offhook simulate freeswitch`. */
export function simulateFreeswitchCommand({ io }: CliContext): Command {
  return verb('freeswitch', 'a model PBX that speaks the event socket of FreeSWITCH to any client')
    .option('--host <address>', 'where it listens', '127.0.0.1')
    .option('--port <port>', 'its port; 0: a free one', parsePort, 8021)
    .option('--password <text>', 'what clients sign in with', 'ClueCon')
    .option('--quiet', 'play no calls: only what clients ask for happens')
    .option('--for <time>', 'stop by itself after a time, such as 10s', parseDuration)
    .action((options: SimulateOptions) => simulate(options, io));
}

async function simulate({ host, port, password, quiet, json, for: ms }: SimulateOptions, io: CliIo): Promise<void> {
  await using pbx = await createFreeswitchSimulator({
    ...DEMO_OFFICE,
    host,
    port,
    password,
    outside: { autoAnswerMs: 3_500 },
  }).catch((cause: unknown) => {
    throw listenError(cause, host, port);
  });
  if (quiet !== true) for (const script of DEMO_SCRIPTS) pbx.play(script);
  if (json === true) printJson(io, { type: 'ready', host, port: pbx.port });
  else io.stdout.write(`FreeSWITCH, simulated, at ${host}:${pbx.port}. Ctrl-C ends it.\n`);
  await aborted(stopAfter(io, ms));
}
