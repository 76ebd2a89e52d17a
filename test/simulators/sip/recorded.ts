import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Payload } from './compare.ts';

const FOLDER = new URL('../../fixtures/sip/', import.meta.url);

/** One payload of the link between a program and the real drachtio server. */
export interface Frame {
  readonly conn: number;
  /** `>`: from the program. */
  readonly way: '<' | '>';
  readonly payload: string;
}

/** What the program and the server said to each other, without the ids of messages. */
export function recordedPayloads(name: string): Payload[] {
  return recordedFrames(name).map(({ way, payload }) => {
    const end = payload.indexOf('\r\n');
    const [, type = '', ...words] = (end < 0 ? payload : payload.slice(0, end)).split('|');
    const said = [type, ...(type === 'response' ? words.slice(1) : words)];
    return { way, words: said, message: end < 0 ? '' : payload.slice(end + 2) };
  });
}

interface Chunk {
  readonly conn: number;
  readonly dir: string;
  readonly data?: string;
  readonly b64?: string;
}

/** The payloads of a recording, in their order. */
export function recordedFrames(name: string): Frame[] {
  const rest = new Map<string, Buffer>();
  return chunksOf(name).flatMap(({ conn, dir, data, b64 }) => {
    if (dir !== 'app>srv' && dir !== 'srv>app') return [];
    const key = `${conn}${dir}`;
    const chunk = b64 === undefined ? Buffer.from(data ?? '') : Buffer.from(b64, 'base64');
    const { payloads, left } = split(Buffer.concat([rest.get(key) ?? Buffer.alloc(0), chunk]));
    rest.set(key, left);
    return payloads.map((payload): Frame => ({ conn, way: dir === 'app>srv' ? '>' : '<', payload }));
  });
}

/** What was written and what came on each connection of a recording, as bytes, and which side closed. */
export function chunksOf(name: string): Chunk[] {
  const text = gunzipSync(readFileSync(new URL(`${name}.wire.jsonl.gz`, FOLDER))).toString('utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Chunk);
}

function split(bytes: Buffer): { readonly payloads: string[]; readonly left: Buffer } {
  const payloads: string[] = [];
  let left = bytes;
  for (;;) {
    const hash = left.indexOf(0x23);
    const length = hash < 0 ? Number.NaN : Number(left.toString('latin1', 0, hash));
    if (!Number.isInteger(length) || left.length < hash + 1 + length) return { payloads, left };
    payloads.push(left.toString('utf8', hash + 1, hash + 1 + length));
    left = left.subarray(hash + 1 + length);
  }
}
