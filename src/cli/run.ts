import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { OffhookError } from '../domain/error.ts';
import { hostedDirectory, LocalIndex } from '../recognition/index.ts';
import { buildAdapter, buildLines, buildPlan, buildToken } from './config/build.ts';
import { loadConfig } from './config/load.ts';
import { type Config, MINIMAL_CONFIG } from './config/schema.ts';
import { announce } from './gateway-client/runtime-file.ts';
import { aborted, type CliIo } from './io.ts';
import { createLogger } from './logger.ts';
import { startSystem } from './system.ts';
import { type CliContext, type CommonOptions, printJson, verb } from './verb.ts';

interface RunOptions extends CommonOptions {
  readonly config?: string;
  readonly check?: true;
}

const DEFAULT_FILE = 'offhook.yaml';
const DEFAULT_PORT = 7780;

/** `offhook run`: the real thing. */
export function runCommand({ io }: CliContext): Command {
  return verb('run', 'watch the PBXs of a configuration and open the gateway')
    .option('--config <file>', `the configuration; default: ${DEFAULT_FILE} in this folder`)
    .option('--check', 'check the configuration and do nothing else')
    .action(async (options: RunOptions) => {
      const { file, config } = loadConfig(configFile(options.config), io.env);
      if (options.check === true) sayChecked(io, file, config, options.json === true);
      else await run(config, io, options.json === true);
    });
}

function configFile(given: string | undefined): string {
  if (given !== undefined) return given;
  if (existsSync(DEFAULT_FILE)) return DEFAULT_FILE;
  const example = MINIMAL_CONFIG.replace(/^/gm, '  ').trimEnd();
  throw new OffhookError('config.not-found', `There is no ${DEFAULT_FILE} in this folder, and --config names none.`, {
    field: '--config',
    remedy: `Write one; the least that it needs:\n${example}\nTo look around without a PBX: offhook demo`,
  });
}

function sayChecked(io: CliIo, file: string, config: Config, json: boolean): void {
  const facts = { links: config.links.length, lines: config.lines?.length ?? 0 };
  if (json) printJson(io, { ok: true, file, ...facts });
  else io.stdout.write(`${file} is right: ${facts.links} link(s), ${facts.lines || 'all'} lines.\n`);
}

async function run(config: Config, io: CliIo, json: boolean): Promise<void> {
  const logger = createLogger(io.stderr, config.log?.level ?? 'info');
  using index = config.contacts === undefined ? undefined : openIndex(config.contacts.index);
  const own = randomBytes(24).toString('hex');
  const {
    host = '127.0.0.1',
    port = DEFAULT_PORT,
    tokens = [],
    allowedOrigins = [],
    allowedHosts = [],
  } = config.gateway ?? {};
  const plan = buildPlan(config);
  await using system = await startSystem({
    adapters: config.links.map(buildAdapter),
    lines: buildLines(config),
    ...(plan === undefined ? {} : { plan }),
    ...(index === undefined ? {} : { index }),
    ...(config.directory === undefined ? {} : { directory: hostedDirectory({ ...config.directory, clock: io.clock }) }),
    gateway: {
      host,
      port,
      allowedOrigins,
      allowedHosts,
      // The user's own terminals on this machine have one, of which nobody else knows.
      tokens: [...tokens.map(buildToken), { name: 'terminal', token: own }],
    },
    clock: io.clock,
    logger,
  });
  const url = localUrl(host, system.gateway.url);
  const withdraw = announce(io.env, { url, token: own, pid: process.pid });
  logger.info({ url: system.gateway.url }, 'the gateway listens');
  if (json) printJson(io, { type: 'ready', url });
  try {
    await aborted(io.stop);
    logger.info({}, 'stopping');
  } finally {
    withdraw();
  }
}

/** An address for all interfaces is none to connect to. */
function localUrl(host: string, url: string): string {
  if (host === '0.0.0.0') return url.replace('0.0.0.0', '127.0.0.1');
  return host === '::' ? url.replace('[::]', '[::1]') : url;
}

function openIndex(path: string): LocalIndex {
  if (!existsSync(path)) {
    throw new OffhookError('contacts.not-found', `The contact index ${path} does not exist.`, {
      field: 'contacts.index',
      remedy: `Fill it: offhook contacts import customers.csv --index ${path} --country GB`,
    });
  }
  return new LocalIndex({ path });
}
