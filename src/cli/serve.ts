import { mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { Directory } from '../directory/directory.ts';
import { type DirectoryServer, serveDirectory } from '../directory/http/server.ts';
import type { DirectoryStore } from '../directory/store/port.ts';
import { OffhookError } from '../domain/error.ts';
import type { Logger } from '../domain/logger.ts';
import { aborted, type CliIo } from './io.ts';
import { createLogger } from './logger.ts';
import { parsePort } from './parse-options.ts';
import { masterKeys } from './serve/master-keys.ts';
import { listenError } from './start-simulator.ts';
import { type CliContext, type CommonOptions, printJson, verb } from './verb.ts';

interface ServeOptions extends CommonOptions {
  readonly data?: string;
  readonly postgres?: string;
  readonly host: string;
  readonly port: number;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly behindProxy?: true;
}

const PORT = 7_790;
/** How often what nobody sees any more is removed. */
const SWEEP_MS = 30_000;
/** A generation that was begun so long ago and not committed will not be. */
const GIVEN_UP_MS = 24 * 3_600_000;

/** `offhook serve`: the hosted recognition service. */
export function serveCommand({ io }: CliContext): Command {
  return verb('serve', 'keep the contacts of tenants, and tell programs who has a number')
    .option('--data <folder>', 'where contacts and the master key are kept; default: a folder of yours')
    .option('--postgres <url>', 'keep the contacts in PostgreSQL: postgres://user:password@host/database')
    .option('--host <address>', 'where it listens', '127.0.0.1')
    .option('--port <port>', 'its port', parsePort, PORT)
    .option('--tls-cert <file>', 'the certificate, as PEM')
    .option('--tls-key <file>', 'its key, as PEM')
    .option('--behind-proxy', 'a proxy adds TLS: serve plain HTTP to other machines, too')
    .action((options: ServeOptions) => serve(options, io));
}

async function serve(options: ServeOptions, io: CliIo): Promise<void> {
  const logger = createLogger(io.stderr, 'info');
  const data = options.data ?? defaultFolder(io.env);
  makeFolder(data);
  const keyFile = join(data, 'master.key');
  const { wrapper, made } = masterKeys(keyFile, io.env);
  const { store, where } = await openStore(options, data);
  await using _ = store;
  const directory = new Directory({ store, keys: wrapper, clock: io.clock });
  await using server = await listen(options, { directory, store, io, logger });
  const admin = (await server.tokens.list(null)).length === 0 ? await firstToken(server) : undefined;
  say(options, io, { url: server.url, where, keyFile: made ? keyFile : undefined, admin });
  using _sweeping = sweep(store, io, logger);
  await aborted(io.stop);
}

async function listen(
  { host, port, tlsCert, tlsKey, behindProxy }: ServeOptions,
  { directory, store, io, logger }: { directory: Directory; store: DirectoryStore; io: CliIo; logger: Logger },
): Promise<DirectoryServer> {
  const tls = readTls(tlsCert, tlsKey);
  try {
    return await serveDirectory({
      ...{ directory, store, clock: io.clock, logger, host, port },
      ...(tls === undefined ? {} : { tls }),
      ...(behindProxy === true ? { insecure: true } : {}),
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === 'listen') throw listenError(error, host, port);
    if (error instanceof OffhookError && error.field === 'host')
      throw new OffhookError('cli.usage', error.message, {
        field: '--host',
        remedy: 'Give --tls-cert and --tls-key; or --behind-proxy where a proxy on that network adds TLS.',
      });
    throw error;
  }
}

function readTls(cert: string | undefined, key: string | undefined): { cert: string; key: string } | undefined {
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined)
    throw new OffhookError('cli.usage', 'A certificate and its key belong together.', {
      field: cert === undefined ? '--tls-cert' : '--tls-key',
      remedy: 'Give both.',
    });
  return { cert: readPem(cert, '--tls-cert'), key: readPem(key, '--tls-key') };
}

function readPem(path: string, field: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new OffhookError('cli.usage', `${path} cannot be read.`, { cause, field, remedy: 'Check the path.' });
  }
}

async function openStore({ postgres }: ServeOptions, data: string): Promise<{ store: DirectoryStore; where: string }> {
  if (postgres === undefined) {
    const path = join(data, 'directory.sqlite');
    const { sqliteStore } = await import('../directory/store/sqlite/index.ts');
    return { store: sqliteStore(path), where: path };
  }
  const { postgresStore } = await import('../directory/store/postgres/index.ts');
  const { host = '', pathname = '' } = URL.parse(postgres) ?? {};
  return { store: await postgresStore({ url: postgres }), where: `PostgreSQL at ${host}${pathname}` };
}

async function firstToken({ tokens }: DirectoryServer): Promise<string> {
  return (await tokens.issue({ tenant: null, name: 'first administrator', scopes: ['service'] })).token;
}

interface Told {
  readonly url: string;
  readonly where: string;
  readonly keyFile: string | undefined;
  readonly admin: string | undefined;
}

function say({ json }: ServeOptions, io: CliIo, { url, where, keyFile, admin }: Told): void {
  if (json === true) {
    printJson(io, {
      url,
      store: where,
      ...(keyFile && { masterKey: keyFile }),
      ...(admin && { administrator: admin }),
    });
    return;
  }
  const lines = [
    `The directory is served at ${url}; its description: ${url}/v1/openapi.json`,
    `It keeps contacts in ${where}.`,
  ];
  if (keyFile !== undefined)
    lines.push(
      `Their master key is new, in ${keyFile}. Keep a copy elsewhere: without it, nobody can read the contacts.`,
    );
  if (admin !== undefined)
    lines.push(
      `The administrator’s token, told this once: ${admin}`,
      'With it, make a tenant and a token for it:',
      `  curl -H "Authorization: Bearer TOKEN" -H "Content-Type: application/json" -d '{"name":"Example"}' ${url}/v1/tenants`,
      `  curl -H "Authorization: Bearer TOKEN" -H "Content-Type: application/json" \\`,
      `    -d '{"name":"push","scopes":["lookup","contacts:write","tenant"]}' ${url}/v1/tenants/ID/tokens`,
    );
  lines.push('Ctrl-C ends it.');
  io.stdout.write(`${lines.join('\n')}\n`);
}

function defaultFolder({ XDG_DATA_HOME: data, HOME: home = homedir() }: CliIo['env']): string {
  return join(data ?? join(home, '.local', 'share'), 'offhook');
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new OffhookError('directory.store-failed', `The folder ${path} cannot be made.`, {
      cause,
      field: '--data',
      remedy: 'Choose another with --data.',
    });
  }
}

/** Removes what no look-up sees any more, a little at a time. */
function sweep(store: DirectoryStore, { clock }: CliIo, logger: Logger): Disposable {
  let isOver = false;
  let cancel = () => {};
  const again = () => {
    if (!isOver) cancel = clock.setTimer(run, SWEEP_MS);
  };
  const run = async () => {
    try {
      while (!isOver && (await store.contacts.sweep(1_000, clock.now() - GIVEN_UP_MS)) > 0);
      for (const { id, settings } of isOver ? [] : await store.tenants.list()) {
        const { auditDays = 365 } = JSON.parse(settings) as { auditDays?: number };
        await store.audit.expire(id, clock.now() - auditDays * 86_400_000);
      }
    } catch (error) {
      logger.error({ error: (error as Error).message }, 'old contacts could not be removed');
    }
    again();
  };
  again();
  return {
    [Symbol.dispose]() {
      isOver = true;
      cancel();
    },
  };
}
