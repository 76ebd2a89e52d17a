import { Command } from 'commander';
import { OffhookError } from '../domain/error.ts';
import { LocalIndex, type NumberingPlan } from '../recognition/index.ts';
import { type ImportOptions, type ImportResult, importContacts, type Rejection } from '../sources/index.ts';
import { buildPlan } from './config/build.ts';
import { loadConfig } from './config/load.ts';
import { progressBar } from './contacts/progress-bar.ts';
import { pushCommand } from './contacts/push.ts';
import { MAX_REPORTED, reportRejections } from './contacts/rejections.ts';
import type { CliIo } from './io.ts';
import { parseCountry } from './parse-options.ts';
import { type CliContext, type CommonOptions, printJson, verb } from './verb.ts';

interface ImportCommandOptions extends CommonOptions {
  readonly index?: string;
  readonly config?: string;
  readonly country?: string;
  readonly source: string;
}

/** `offhook contacts import customers.csv`. */
export function contactsCommand(context: CliContext): Command {
  const about = new Command('contacts').description('about the contacts that callers are recognised by');
  about.addCommand(
    verb('import', 'replace the contacts of a source by those of a CSV file')
      .argument('<file>', 'a CSV file as spreadsheets and address books write them')
      .option('--index <file>', 'the index to fill; default: that of the configuration')
      .option('--config <file>', 'the configuration with the numbering plan and the index')
      .option('--country <code>', 'how numbers are written, where no configuration says it: GB', parseCountry)
      .option('--source <name>', 'the name under which they are kept', 'csv')
      .action((file: string, options: ImportCommandOptions) => importFile(file, options, context.io)),
  );
  about.addCommand(pushCommand(context));
  return about;
}

async function importFile(file: string, options: ImportCommandOptions, io: CliIo): Promise<void> {
  const { path, plan } = target(options, io);
  using index = openIndex(path);
  const json = options.json === true;
  using bar = progressBar(io, json);
  const rejected: Rejection[] = [];
  const result = await importContacts(file, {
    index,
    plan,
    source: options.source,
    clock: io.clock,
    signal: io.stop,
    onProgress: (progress) => bar.show(progress),
    onRejected: (rejection) => {
      if (rejected.length < MAX_REPORTED) rejected.push(rejection);
    },
  } satisfies ImportOptions);
  bar[Symbol.dispose]();
  if (json) printJson(io, { ...result, index: path });
  else report(result, rejected, path, io);
}

function target(options: ImportCommandOptions, io: CliIo): { readonly path: string; readonly plan: NumberingPlan } {
  const config = options.config === undefined ? undefined : loadConfig(options.config, io.env).config;
  const path = options.index ?? config?.contacts?.index;
  const plan = options.country === undefined ? config && buildPlan(config) : { country: options.country };
  if (path === undefined) {
    throw new OffhookError('cli.usage', 'Say which index to fill.', {
      field: '--index',
      remedy: 'For example: --index contacts.sqlite, or --config with a configuration that has contacts.index.',
    });
  }
  if (plan === undefined) {
    throw new OffhookError('cli.usage', 'Say how numbers are written in that file.', {
      field: '--country',
      remedy: 'For example: --country GB, or --config with a configuration that has a numberingPlan.',
    });
  }
  return { path, plan };
}

function openIndex(path: string): LocalIndex {
  try {
    return new LocalIndex({ path });
  } catch (cause) {
    throw new OffhookError('config.invalid', `The index ${path} cannot be opened: ${(cause as Error).message}.`, {
      cause,
      field: '--index',
      remedy: 'Name a file in a folder that exists and that you may write to, or one that offhook made.',
    });
  }
}

function report(result: ImportResult, rejected: readonly Rejection[], path: string, io: CliIo): void {
  const { rows, imported, updated, unchanged, removed, rejectedRows, rejectedValues } = result;
  reportRejections(rejected, rejectedRows + rejectedValues, io);
  const counts = `${imported} new, ${updated} changed, ${unchanged} as before, ${removed} removed`;
  const refused =
    rejectedValues === 0 ? `${rejectedRows} rejected` : `${rejectedRows} rejected, ${rejectedValues} values left out`;
  io.stdout.write(`${rows} rows: ${counts}, ${refused}. The index: ${path}\n`);
}
