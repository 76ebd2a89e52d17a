import type { Command } from 'commander';
import { OffhookError } from '../domain/error.ts';
import { type Connect, connectOptions } from './config/build.ts';
import { loadConfig } from './config/load.ts';
import type { Config, LinkConfig } from './config/schema.ts';
import type { CliIo } from './io.ts';
import { parsePort } from './parse-options.ts';

/** Options of the verbs that talk to a PBX themselves. */
export interface LinkOptions {
  readonly config?: string;
  readonly link?: string;
  readonly pbx?: string;
  readonly host?: string;
  readonly port?: number;
  readonly tls?: true;
  readonly username?: string;
}

/** Which PBX is meant, and the configuration that it comes from, if any. */
export type MeantLink = Connect & {
  readonly config?: Config;
  readonly link?: LinkConfig;
};

/** The kinds of PBXs that there are adapters for. */
export const PBX_KINDS = ['asterisk-ami', 'freeswitch-esl'] as const;

/** One of {@link PBX_KINDS}. */
export type PbxKind = (typeof PBX_KINDS)[number];

/** The kind of that name; its first word is enough: `freeswitch`. Throws `cli.usage` for anything else. */
export function pbxKind(name: string): PbxKind {
  return kindAmong(PBX_KINDS, name);
}

/** The kinds of PBXs that recordings are replayed of. A SIP link needs more than a host: it comes from a configuration. */
export const RECORDED_KINDS = [...PBX_KINDS, 'sip'] as const;

/** One of {@link RECORDED_KINDS}. */
export type RecordedKind = (typeof RECORDED_KINDS)[number];

/** Of a recording, the kind of that name. Throws `cli.usage` for anything else. */
export function recordedKind(name: string): RecordedKind {
  return kindAmong(RECORDED_KINDS, name);
}

function kindAmong<Kind extends string>(kinds: readonly Kind[], name: string): Kind {
  const kind = kinds.find((each) => each === name || each.split('-')[0] === name);
  if (kind !== undefined) return kind;
  throw new OffhookError('cli.usage', `There is no kind of PBX "${name}".`, {
    field: '--pbx',
    remedy: `There are: --pbx ${kinds.join(', --pbx ')}.`,
  });
}

/** Adds the options to a verb. */
export function withLink(command: Command): Command {
  return command
    .option('--config <file>', 'take the PBX from this configuration')
    .option('--link <name>', 'which of its links; default: the first')
    .option('--pbx <kind>', `what it is: ${PBX_KINDS.join(', ')}; default: the first`)
    .option('--host <host>', 'the PBX, without a configuration; the secret comes from OFFHOOK_SECRET')
    .option('--port <port>', 'its port; default 5038, with --tls 5039; of an event socket 8021', parsePort)
    .option('--tls', 'speak TLS')
    .option('--username <name>', 'the user of manager.conf; of an event socket user@domain, or none');
}

/** Throws `cli.usage` where it is not said which PBX is meant. */
export function meantLink(options: LinkOptions, io: CliIo): MeantLink {
  if (options.config !== undefined) return fromConfig(options.config, options.link, io);
  const { host, port, tls, username } = options;
  const type = pbxKind(options.pbx ?? 'asterisk-ami');
  const secret = io.env.OFFHOOK_SECRET;
  if (host === undefined) throw usage('--host', 'Say which PBX.', '--config offhook.yaml, or --host pbx.example.org');
  if (username === undefined && type === 'asterisk-ami')
    throw usage('--username', 'Say as whom to log in.', '--username offhook');
  if (secret === undefined || secret === '') {
    const whose = username ?? 'the event socket';
    throw usage('OFFHOOK_SECRET', `The secret of ${whose} is missing.`, 'set it in the environment: OFFHOOK_SECRET');
  }
  const common = { host, secret, ...(port === undefined ? {} : { port }), ...(tls === undefined ? {} : { tls }) };
  if (type === 'asterisk-ami') return { type, connect: { ...common, username: username ?? '' } };
  return { type, connect: { ...common, ...(username === undefined ? {} : { user: username }) } };
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
  return { ...connectOptions(link), config, link };
}

function usage(field: string, message: string, example: string): OffhookError {
  return new OffhookError('cli.usage', message, { field, remedy: `For example: ${example}` });
}
