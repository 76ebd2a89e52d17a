import { Command, Option } from 'commander';
import { createAsteriskSimulator } from '../../simulators/index.ts';
import { OffhookError } from '../domain/error.ts';
import { DEMO_OFFICE } from './demo/office.ts';
import { DEMO_SCRIPTS } from './demo/script.ts';
import { aborted, type CliIo, stopAfter } from './io.ts';
import { parseDuration, parsePort } from './parse-options.ts';
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

/** `offhook simulate asterisk`. */
export function simulateCommand({ io }: CliContext): Command {
  return new Command('simulate').description('run a PBX that is not there').addCommand(
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
}

async function simulate(options: SimulateOptions, io: CliIo): Promise<void> {
  const { host, port, release, username, secret } = options;
  await using pbx = await start({
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

async function start(options: Parameters<typeof createAsteriskSimulator>[0]) {
  try {
    return await createAsteriskSimulator(options);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE') throw new OffhookError('cli.usage', `It cannot listen: ${message}.`, { cause });
    throw new OffhookError('cli.port-in-use', `Port ${options?.port} of ${options?.host} is taken.`, {
      cause,
      field: '--port',
      remedy: 'Choose another port; 0 takes a free one.',
    });
  }
}
