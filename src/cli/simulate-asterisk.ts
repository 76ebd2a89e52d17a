import { Command, Option } from 'commander';
import { DEMO_OFFICE } from './demo/office.ts';
import { DEMO_SCRIPTS } from './demo/script.ts';
import { aborted, type CliIo, stopAfter } from './io.ts';
import { parseDuration, parsePort } from './parse-options.ts';
import { simulateFreeswitchCommand } from './simulate-freeswitch.ts';
import { simulateLoadCommand } from './simulate-load.ts';
import { simulateRunCommand } from './simulate-run.ts';
import { simulateSipCommand } from './simulate-sip.ts';
import { startSimulator } from './start-simulator.ts';
import { type CliContext, type CommonOptions, printJson, verb } from './verb.ts';

interface SimulateOptions extends CommonOptions {
  readonly host: string;
  readonly port: number;
  readonly release: '16' | '22';
  readonly username: string;
  readonly secret: string;
  readonly quiet?: true;
  readonly for?: number;
}

/** `offhook simulate asterisk`, and the other verbs about simulated PBXs. */
export function simulateCommand(context: CliContext): Command {
  const { io } = context;
  const simulateVerb = new Command('simulate').description('run a PBX that is not there').addCommand(
    verb('asterisk', 'a model PBX that speaks the manager interface (AMI) of Asterisk to any client')
      .option('--host <address>', 'where it listens', '127.0.0.1')
      .option('--port <port>', 'its port; 0: a free one', parsePort, 5038)
      .addOption(new Option('--release <number>', 'the Asterisk that it imitates').choices(['16', '22']).default('22'))
      .option('--username <name>', 'the manager user', 'offhook')
      .option('--secret <text>', 'its secret', 'secret')
      .option('--quiet', 'play no calls: only what clients ask for happens')
      .option('--for <time>', 'stop by itself after a time, such as 10s', parseDuration)
      .action((options: SimulateOptions) => simulate(options, io)),
  );
  return simulateVerb
    .addCommand(simulateFreeswitchCommand(context))
    .addCommand(simulateSipCommand(context))
    .addCommand(simulateRunCommand(context))
    .addCommand(simulateLoadCommand(context));
}

async function simulate(options: SimulateOptions, io: CliIo): Promise<void> {
  const { host, port, release, username, secret } = options;
  await using pbx = await startSimulator({
    ...DEMO_OFFICE,
    host,
    port,
    version: release,
    users: [{ username, secret }],
    outside: { autoAnswerMs: 3_500 },
  });
  if (options.quiet !== true) for (const script of DEMO_SCRIPTS) pbx.play(script);
  if (options.json === true) printJson(io, { type: 'ready', host, port: pbx.port, username });
  else io.stdout.write(`Asterisk ${release}, simulated, at ${host}:${pbx.port} (user ${username}). Ctrl-C ends it.\n`);
  await aborted(stopAfter(io, options.for));
}
