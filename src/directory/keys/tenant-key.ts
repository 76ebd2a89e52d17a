import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { OffhookError } from '../../domain/error.ts';

/**
 * What one tenant's contacts are kept with. Numbers become keyed hashes: without the key, the table tells no number, although
 * there are few enough numbers to try them all. Contacts are sealed. Who deletes the secret has deleted the contacts.
 */
export interface TenantKey {
  /** Counts up from 1 with each exchange. */
  readonly version: number;
  /** 16 bytes of HMAC-SHA-256: the same for the same text under the same key, and telling nothing else. */
  hash(text: string): Buffer;
  /** AES-256-GCM. `context` is bound to what is sealed: it opens only with the same words. */
  seal(plain: Uint8Array, context: string): Buffer;
  /** @throws OffhookError `directory.key-wrong` for what another key sealed, and for what was changed */
  open(sealed: Uint8Array, context: string): Buffer;
}

const SECRET_BYTES = 32;
const HASH_BYTES = 16;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const ALGORITHM = 'aes-256-gcm';
/** The first byte of what is sealed: how it was. */
const FORMAT = 1;

/** A new secret for {@link tenantKey}. */
export function newTenantSecret(): Buffer {
  return randomBytes(SECRET_BYTES);
}

/** The key that a secret of 32 bytes makes: one for hashes, one for sealing, neither of which tells the other. */
export function tenantKey(secret: Uint8Array, version: number): TenantKey {
  if (secret.length !== SECRET_BYTES)
    throw new OffhookError('directory.key-wrong', `A tenant's secret has ${SECRET_BYTES} bytes, not ${secret.length}.`);
  const hashKey = derive(secret, 'offhook directory: numbers');
  const sealKey = derive(secret, 'offhook directory: contacts');
  return {
    version,
    hash: (text) => createHmac('sha256', hashKey).update(text).digest().subarray(0, HASH_BYTES),
    seal(plain, context) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv(ALGORITHM, sealKey, iv).setAAD(Buffer.from(context));
      return Buffer.concat([Buffer.of(FORMAT), iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    },
    open(sealed, context) {
      try {
        if (sealed[0] !== FORMAT) throw new Error(`format ${sealed[0]}`);
        const decipher = createDecipheriv(ALGORITHM, sealKey, sealed.subarray(1, 1 + IV_BYTES))
          .setAAD(Buffer.from(context))
          .setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
        return Buffer.concat([decipher.update(sealed.subarray(1 + IV_BYTES, -TAG_BYTES)), decipher.final()]);
      } catch (cause) {
        throw new OffhookError('directory.key-wrong', 'A contact cannot be opened with its tenant’s key.', { cause });
      }
    },
  };
}

function derive(secret: Uint8Array, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, new Uint8Array(0), purpose, SECRET_BYTES));
}
