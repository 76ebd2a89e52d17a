import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { OffhookError } from '../../domain/error.ts';

/**
 * Wraps the tenants' keys with a master key that is kept elsewhere than they are: in a file, in the environment, in a key
 * management service. `context` is bound to what is wrapped: it opens only with the same words.
 */
export interface KeyWrapper {
  /** Which master key wraps now. */
  readonly keyId: string;
  wrap(key: Uint8Array, context: string): Promise<Uint8Array>;
  /** @throws OffhookError `directory.key-unknown`, `directory.key-wrong` */
  unwrap(wrapped: Uint8Array, keyId: string, context: string): Promise<Uint8Array>;
}

/** A master key and its name, which is stored beside what it wraps. */
export interface MasterKey {
  /** Letters, digits, `.`, `_` and `-`; at most 64. */
  readonly id: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const ALGORITHM = 'aes-256-gcm';

/**
 * Wraps by AES-256-GCM in this process. The first key wraps; the others still unwrap, so that master keys are exchanged
 * without a pause: put the new one first, rewrap, take the old one away.
 */
export function masterKeyWrapper(keys: readonly MasterKey[]): KeyWrapper {
  const [first] = keys;
  if (first === undefined) throw new OffhookError('directory.key-unknown', 'There is no master key.');
  for (const { key } of keys) {
    if (key.length !== KEY_BYTES)
      throw new OffhookError('directory.key-wrong', `A master key has ${KEY_BYTES} bytes, not ${key.length}.`);
  }
  return {
    keyId: first.id,
    async wrap(key, context) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv(ALGORITHM, first.key, iv).setAAD(Buffer.from(context));
      return Buffer.concat([iv, cipher.update(key), cipher.final(), cipher.getAuthTag()]);
    },
    async unwrap(wrapped, keyId, context) {
      const found = keys.find(({ id }) => id === keyId);
      if (found === undefined) {
        throw new OffhookError('directory.key-unknown', `The master key ${keyId} is not there.`, {
          remedy: 'Add it behind the current one until everything is rewrapped.',
        });
      }
      try {
        const decipher = createDecipheriv(ALGORITHM, found.key, wrapped.subarray(0, IV_BYTES))
          .setAAD(Buffer.from(context))
          .setAuthTag(wrapped.subarray(wrapped.length - TAG_BYTES));
        return Buffer.concat([decipher.update(wrapped.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
      } catch (cause) {
        throw new OffhookError('directory.key-wrong', `The master key ${keyId} does not open what it should.`, {
          cause,
          remedy: 'A key of this name was exchanged for another, or the store was changed by hand.',
        });
      }
    },
  };
}
