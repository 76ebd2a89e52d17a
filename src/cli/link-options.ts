import type { Command } from 'commander';
import type { NativeAmiOptions } from '../adapters/asterisk-ami/options.ts';
import { OffhookError } from '../domain/error.ts';
import { connectOptions } from './config/build.ts';
import { loadConfig } from './config/load.ts';
import type { Config, LinkConfig } from './config/schema.ts';
import type { CliIo } from './io.ts';
import { parsePort } from './parse-options.ts';

/** Options of the verbs that talk to a PBX themselves. */
export interface LinkOptions {
  readonly config?: string;
  readonly link?: string;
  readonly host?: string;
  readonly port?: number;
  readonly tls?: true;
  readonly username?: string;
}

/** Which PBX is meant, and the configuration that it comes from, if any. */
export interface MeantLink {
  readonly connect: NativeAmiOptions;
  readonly config?: Config;
  readonly link?: LinkConfig;
}

/** Adds the options to a verb. */
export function withLink(command: Command): Command {
  return command
    .option('--config <file>', 'take the PBX from this configuration')
    .option('--link <name>', 'which of its links; default: the first')
    .option('--host <host>', 'the PBX, without a configuration; the secret comes from OFFHOOK_SECRET')
    .option('--port <port>', 'its manager port; default 5038, with --tls 5039', parsePort)
    .option('--tls', 'speak TLS')
    .option('--username <name>', 'the user of manager.conf');
}

/** Throws `cli.usage` where it is not said which PBX is meant. */
export function meantLink(options: LinkOptions, io: CliIo): MeantLink {
  if (options.config !== undefined) return fromConfig(options.config, options.link, io);
  const { host, port, tls, username } = options;
  const secret = io.env.OFFHOOK_SECRET;
  if (host === undefined) throw usage('--host', 'Say which PBX.', '--config offhook.yaml, or --host pbx.example.org');
  if (username === undefined) throw usage('--username', 'Say as whom to log in.', '--username offhook');
  if (secret === undefined || secret === '') {
    throw usage('OFFHOOK_SECRET', `The secret of ${username} is missing.`, 'set it in the environment: OFFHOOK_SECRET');
  }
  return {
    connect: { host, username, secret, ...(port === undefined ? {} : { port }), ...(tls === undefined ? {} : { tls }) },
  };
}

function fromConfig(file: string, name: string | undefined, io: CliIo): MeantLink {
  const { config } = loadConfig(file, io.env);
  const link = name === undefined ? config.links[0] : config.links.find((each) => each.name === name);
  if (link === undefined) {
    const names = config.links.map((each) => each.name ?? '(without a name)').join(', ');
    throw new OffhookError('cli.usage', `${file} has no link "${name}".`, {
      field: '--link',
      remedy: `Its links: ${names}.`,
    });
  }
  return { connect: connectOptions(link), config, link };
}

function usage(field: string, message: string, example: string): OffhookError {
  return new OffhookError('cli.usage', message, { field, remedy: `For example: ${example}` });
}
