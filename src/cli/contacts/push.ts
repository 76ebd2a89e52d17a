import type { Command } from 'commander';
import { DirectoryWriter } from '../../directory/push/directory-writer.ts';
import { type PushResult, pushFrom } from '../../directory/push/push.ts';
import { OffhookError } from '../../domain/error.ts';
import { csvSource, type Rejection } from '../../sources/index.ts';
import { buildPlan } from '../config/build.ts';
import { loadConfig } from '../config/load.ts';
import type { CliIo } from '../io.ts';
import { parseCountry } from '../parse-options.ts';
import { type CliContext, type CommonOptions, printJson, verb } from '../verb.ts';
import { progressBar } from './progress-bar.ts';
import { MAX_REPORTED, reportRejections } from './rejections.ts';

interface PushVerbOptions extends CommonOptions {
  readonly directory?: string;
  readonly token?: string;
  readonly config?: string;
  readonly country?: string;
  readonly source: string;
  readonly confirmed?: true;
}

/** `offhook contacts push customers.csv`. */
export function pushCommand({ io }: CliContext): Command {
  return verb('push', 'send the contacts of a CSV file to a directory, in the place of those of the same source')
    .argument('<file>', 'a CSV file as spreadsheets and address books write them')
    .option('--directory <url>', 'where `offhook serve` is; default: OFFHOOK_DIRECTORY, or that of the configuration')
    .option('--token <token>', 'a token with the scope contacts:write; default: OFFHOOK_TOKEN')
    .option('--config <file>', 'the configuration with the numbering plan')
    .option('--country <code>', 'how numbers are written, where no configuration says it: GB', parseCountry)
    .option('--source <name>', 'the name under which they are kept', 'csv')
    .option('--confirmed', 'the source may lose most of its contacts')
    .action((file: string, options: PushVerbOptions) => push(file, options, io));
}

async function push(file: string, options: PushVerbOptions, io: CliIo): Promise<void> {
  const config = options.config === undefined ? undefined : loadConfig(options.config, io.env).config;
  const plan = options.country === undefined ? config && buildPlan(config) : { country: options.country };
  const url = options.directory ?? io.env['OFFHOOK_DIRECTORY'] ?? config?.directory?.url;
  const token = options.token ?? io.env['OFFHOOK_TOKEN'];
  if (plan === undefined) throw missing('--country', 'how numbers are written in that file', '--country GB');
  if (url === undefined)
    throw missing('--directory', 'where the directory is', '--directory https://directory.example');
  if (token === undefined) throw missing('--token', 'who you are', 'OFFHOOK_TOKEN=offhook_... in the environment');
  const json = options.json === true;
  using bar = progressBar(io, json);
  const rejected: Rejection[] = [];
  const result = await pushFrom(csvSource(file), {
    writer: new DirectoryWriter({ url, token, clock: io.clock, signal: io.stop }),
    plan,
    source: options.source,
    confirmed: options.confirmed === true,
    signal: io.stop,
    onProgress: (progress) => bar.show(progress),
    onRejected: (rejection) => {
      if (rejected.length < MAX_REPORTED) rejected.push(rejection);
    },
  });
  bar[Symbol.dispose]();
  if (json) printJson(io, { ...result, rejected });
  else say(result, rejected, options.source, io);
}

function say(result: PushResult, rejected: readonly Rejection[], source: string, io: CliIo): void {
  const { rows, contacts, before, rejectedRows, rejectedValues } = result;
  reportRejections(rejected, rejectedRows + rejectedValues, io);
  const refused =
    rejectedValues === 0 ? `${rejectedRows} rejected` : `${rejectedRows} rejected, ${rejectedValues} values left out`;
  io.stdout.write(`${rows} rows, ${refused}. The directory has ${contacts} contacts of ${source}; it had ${before}.\n`);
}

function missing(field: string, what: string, example: string): OffhookError {
  return new OffhookError('cli.usage', `Say ${what}.`, { field, remedy: `For example: ${example}` });
}
