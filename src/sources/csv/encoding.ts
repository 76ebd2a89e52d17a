import { createReadStream } from 'node:fs';

/** An encoding that files of contacts come in, by the name that `TextDecoder` knows. */
export type FileEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

/**
 * The encoding of a file: by its byte order mark, else UTF-16 where every other byte of the beginning is zero, else
 * UTF-8 where the whole
 * file is that, else windows-1252. The whole file: the first name with an accent may stand on the last line.
 */
export async function detectEncoding(path: string, signal?: AbortSignal): Promise<FileEncoding> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let isFirst = true;
  for await (const chunk of createReadStream(path, { ...(signal && { signal }), highWaterMark: 262_144 })) {
    const bytes = chunk as Uint8Array;
    const marked = isFirst ? byMark(bytes) : undefined;
    if (marked !== undefined) return marked;
    isFirst = false;
    try {
      decoder.decode(bytes, { stream: true });
    } catch {
      return 'windows-1252';
    }
  }
  try {
    decoder.decode();
    return 'utf-8';
  } catch {
    return 'windows-1252';
  }
}

function byMark(bytes: Uint8Array): FileEncoding | undefined {
  const [a, b, c] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8';
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  const beginning = bytes.subarray(0, 400);
  const zeros = [0, 0];
  for (const [index, byte] of beginning.entries()) if (byte === 0) zeros[index % 2]! += 1;
  const most = beginning.length / 2 / 2;
  if (zeros[1]! > most && zeros[0] === 0) return 'utf-16le';
  if (zeros[0]! > most && zeros[1] === 0) return 'utf-16be';
  return undefined;
}

/** The text of a file, piece by piece, without its byte order mark. Bytes that mean nothing become U+FFFD. */
export async function* readText(
  path: string,
  encoding: FileEncoding,
  onBytes: (count: number) => void,
  signal?: AbortSignal,
): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding);
  for await (const chunk of createReadStream(path, { ...(signal && { signal }), highWaterMark: 65_536 })) {
    const bytes = chunk as Uint8Array;
    onBytes(bytes.length);
    const text = decoder.decode(bytes, { stream: true });
    if (text !== '') yield text;
  }
  const rest = decoder.decode();
  if (rest !== '') yield rest;
}
