import { chmodSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OffhookError } from '../../domain/error.ts';

/** What a gateway on this machine leaves for its user's other terminals. */
export interface RuntimeEntry {
  readonly url: string;
  readonly token?: string;
  readonly pid: number;
}

type Env = Readonly<Record<string, string | undefined>>;

/** `$XDG_RUNTIME_DIR/offhook/gateway.json`, else in a folder of the user's own in the machine's temporary folder. */
export function runtimeFile(env: Env): string {
  return join(runtimeFolder(env), 'gateway.json');
}

function runtimeFolder(env: Env): string {
  const runtime = env.XDG_RUNTIME_DIR;
  if (runtime !== undefined && runtime !== '') return join(runtime, 'offhook');
  return join(tmpdir(), `offhook-${process.getuid?.() ?? 'user'}`);
}

/**
 * Tells where the gateway is, to this user only (folder 0700, file 0600). The latest gateway wins. Returns how to take it
 * back. Throws `config.invalid` for a folder that somebody else made: what is in it would be theirs to read.
 */
export function announce(env: Env, entry: RuntimeEntry): () => void {
  const folder = runtimeFolder(env);
  const file = runtimeFile(env);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  checkOwn(folder);
  const draft = `${file}.${process.pid}`;
  rmSync(draft, { force: true });
  writeFileSync(draft, `${JSON.stringify(entry)}\n`, { mode: 0o600, flag: 'wx' });
  renameSync(draft, file);
  return () => {
    const now = readEntry(file);
    if (now?.pid === entry.pid && now.url === entry.url) rmSync(file, { force: true });
  };
}

/** The gateway that was announced last on this machine by this user, if there is one. */
export function findGateway(env: Env): RuntimeEntry | undefined {
  try {
    checkOwn(runtimeFolder(env));
  } catch {
    return undefined;
  }
  return readEntry(runtimeFile(env));
}

function readEntry(file: string): RuntimeEntry | undefined {
  try {
    const entry: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof entry !== 'object' || entry === null || !('url' in entry) || !('pid' in entry)) return undefined;
    return typeof entry.url === 'string' && typeof entry.pid === 'number' ? (entry as RuntimeEntry) : undefined;
  } catch {
    return undefined;
  }
}

function checkOwn(folder: string): void {
  const stats = lstatSync(folder);
  const uid = process.getuid?.();
  if (uid === undefined) return;
  if (!stats.isDirectory() || stats.uid !== uid) {
    throw new OffhookError('config.invalid', `${folder} is not a folder of this user.`, {
      field: 'XDG_RUNTIME_DIR',
      remedy: 'Set XDG_RUNTIME_DIR to a folder of your own, or remove the one that is in the way.',
    });
  }
  if ((stats.mode & 0o077) !== 0) chmodSync(folder, 0o700);
}
