import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { type MasterKey, masterKeyWrapper } from '../../directory/keys/key-wrapper.ts';
import { OffhookError } from '../../domain/error.ts';

/** `NAME:` and 64 hexadecimal digits. */
const LINE = /^([A-Za-z0-9._-]{1,64}):([0-9a-fA-F]{64})$/;

/** The environment variable with the master keys, for those who keep them elsewhere than in a file. */
export const KEYS_VARIABLE = 'OFFHOOK_MASTER_KEYS';

/**
 * The master keys of a directory: of the environment, else of a file, one per line, the current one first. The file is made
 * with a new key where it is not there, for its owner alone.
 * @throws OffhookError `directory.key-wrong`, `directory.store-failed`
 */
export function masterKeys(path: string, env: Readonly<Record<string, string | undefined>>) {
  const given = env[KEYS_VARIABLE];
  if (given !== undefined && given !== '')
    return { wrapper: masterKeyWrapper(read(given, KEYS_VARIABLE)), made: false };
  const made = !existsSync(path);
  if (made) make(path);
  return { wrapper: masterKeyWrapper(read(contents(path), path)), made };
}

function make(path: string): void {
  const text = `first:${randomBytes(32).toString('hex')}\n`;
  try {
    writeFileSync(path, text, { mode: 0o600, flag: 'wx' });
    chmodSync(path, 0o600);
  } catch (cause) {
    throw failed(`The file of the master key, ${path}, cannot be written.`, cause);
  }
}

function contents(path: string): string {
  try {
    if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0)
      throw new OffhookError('directory.key-wrong', `Others than its owner may read ${path}.`, {
        remedy: `chmod 600 ${path}`,
      });
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof OffhookError) throw cause;
    throw failed(`The file of the master key, ${path}, cannot be read.`, cause);
  }
}

function read(text: string, where: string): MasterKey[] {
  const lines = text.split(/[\n,]/).map((line) => line.trim());
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line, at) => {
      const [, id, hex] = LINE.exec(line) ?? [];
      if (id !== undefined && hex !== undefined) return { id, key: Buffer.from(hex, 'hex') };
      throw new OffhookError('directory.key-wrong', `Key ${at + 1} of ${where} is none.`, {
        remedy: 'Write NAME:HEX, 64 hexadecimal digits; openssl rand -hex 32 makes them.',
      });
    });
}

function failed(message: string, cause: unknown): OffhookError {
  return new OffhookError('directory.store-failed', message, { cause, remedy: 'Check the path and its rights.' });
}
