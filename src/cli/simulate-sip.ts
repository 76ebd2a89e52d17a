import { type Command, Option } from 'commander';
import { createSipSimulator, type DialectName } from '../../simulators/index.ts';
import { DEMO_OFFICE } from './demo/office.ts';
import { DEMO_SCRIPTS } from './demo/script.ts';
import { aborted, type CliIo, stopAfter } from './io.ts';
import { parseDuration, parsePort } from './parse-options.ts';
import { listenError } from './start-simulator.ts';
import { type CliContext, type CommonOptions, printJson, verb } from './verb.ts';

interface SimulateOptions extends CommonOptions {
  readonly host: string;
  readonly port: number;
  readonly dialect: DialectName;
  readonly secret: string;
  readonly password: string;
  readonly quiet?: true;
  readonly for?: number;
}

/** `offhook simulate sip`. */
export function simulateSipCommand({ io }: CliContext): Command {
  return verb('sip', 'a model PBX that speaks SIP behind a drachtio server, to any program that uses drachtio-srf')
    .option('--host <address>', 'where the drachtio server listens', '127.0.0.1')
    .option('--port <port>', 'its admin port; 0: a free one', parsePort, 9022)
    .addOption(
      new Option('--dialect <name>', 'the PBX behind it')
        .choices(['asterisk', 'freeswitch', 'kamailio'])
        .default('asterisk'),
    )
    .option('--secret <text>', 'the secret of the drachtio server', 'cymru')
    .option('--password <text>', 'the SIP password of every number', 'secret')
    .option('--quiet', 'play no calls: only what clients ask for happens')
    .option('--for <time>', 'stop by itself after a time, such as 10s', parseDuration)
    .action((options: SimulateOptions) => simulate(options, io));
}

async function simulate(options: SimulateOptions, io: CliIo): Promise<void> {
  const { host, port, dialect, secret, password, quiet, json, for: ms } = options;
  await using pbx = await createSipSimulator({
    ...DEMO_OFFICE,
    ...{ host, port, dialect, secret, password },
    outside: { autoAnswerMs: 3_500 },
  }).catch((cause: unknown) => {
    throw listenError(cause, host, port);
  });
  if (quiet !== true) for (const script of DEMO_SCRIPTS) pbx.play(script);
  if (json === true) printJson(io, { type: 'ready', host, port: pbx.port, dialect });
  else
    io.stdout.write(`drachtio, simulated, with ${NAMES[dialect]} behind it, at ${host}:${pbx.port}. Ctrl-C ends it.\n`);
  await aborted(stopAfter(io, ms));
}

const NAMES: Readonly<Record<DialectName, string>> = {
  asterisk: 'Asterisk',
  freeswitch: 'FreeSWITCH',
  kamailio: 'Kamailio',
};
