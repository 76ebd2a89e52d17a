import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const ROOT = fileURLToPath(new URL('../fixtures/freeswitch/', import.meta.url));

/** The two connections that every scenario was recorded by. */
export const FORMS = ['plain-ch', 'json-all'] as const;

/** Some bytes and when they came. */
export interface TimedBytes {
  readonly timeMs: number;
  readonly bytes: Buffer;
}

/** The names of all recorded scenarios. */
export function scenarioNames(): string[] {
  return readdirSync(`${ROOT}scenarios`)
    .filter((file) => file.endsWith('.truth.json'))
    .map((file) => file.slice(0, -'.truth.json'.length))
    .sort();
}

/** What should have been seen. */
export function truthFile(name: string): unknown {
  return JSON.parse(readFileSync(`${ROOT}scenarios/${name}.truth.json`, 'utf8'));
}

/** The frames of a recording, one for each line of its file: `scenarios/NAME.plain-ch`, `load/NAME`. */
export function framesOf(name: string): TimedBytes[] {
  return linesOf(`${ROOT}${name}.jsonl.gz`).map(([timeMs, text]) => ({
    timeMs: timeMs as number,
    bytes: bytesOf(text),
  }));
}

/** The lines of a recording of the protocol: who said what; `null`: the end of the connection. */
export function protocolOf(name: string): { readonly from: 'server' | 'client'; readonly text: string | null }[] {
  return linesOf(`${ROOT}protocol/${name}.jsonl.gz`).map(([, direction, text]) => ({
    from: direction === '<' ? 'server' : 'client',
    text: text as string | null,
  }));
}

/** The bytes of a recording in the reads in which they really came. */
export function readsOf(name: string): TimedBytes[] {
  const bytes = Buffer.concat(framesOf(name).map((frame) => frame.bytes));
  const path = `${ROOT}${name}.meta.json.gz`;
  if (!existsSync(path)) return [{ timeMs: 0, bytes }];
  const { tcp_chunks: chunks } = JSON.parse(gunzipSync(readFileSync(path)).toString('utf8')) as {
    tcp_chunks: readonly (readonly [number, number])[];
  };
  let at = 0;
  return chunks.map(([timeMs, length]) => {
    const from = at;
    at += length;
    return { timeMs, bytes: bytes.subarray(from, at) };
  });
}

function linesOf(path: string): unknown[][] {
  const text = gunzipSync(readFileSync(path)).toString('utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown[]);
}

function bytesOf(text: unknown): Buffer {
  return typeof text === 'string' ? Buffer.from(text, 'utf8') : Buffer.from((text as { b64: string }).b64, 'base64');
}
