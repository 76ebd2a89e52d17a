import { createHash, randomUUID } from 'node:crypto';

const LETTERS = 'ABCDEFGHJKLMNPQRSTUVXYZabcdefghjkmnpqrstvxyz0123456789';

/** A tag or branch of 13 letters, as sofia-sip makes them. */
export const newTag = (): string =>
  [...randomUUID().replaceAll('-', '').slice(0, 26).matchAll(/../g)]
    .map(([byte]) => LETTERS[Number.parseInt(byte, 16) % LETTERS.length])
    .join('');

/** So many hexadecimal digits. */
export const newHex = (digits: number): string => randomUUID().replaceAll('-', '').slice(0, digits);

/** The MD5 of a text in hexadecimal digits (RFC 2617). */
export const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
