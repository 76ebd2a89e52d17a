import type { IncomingMessage } from 'node:http';
import { OffhookError } from '../domain/error.ts';

/** Reads a JSON body of at most `maxBytes`; `{}` when there is none. */
export async function readJson(request: IncomingMessage, maxBytes: number): Promise<unknown> {
  const text = await readText(request, maxBytes);
  if (text === '') return {};
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    throw new OffhookError('gateway.unsupported-media-type', 'the body must be application/json', {
      field: 'Content-Type',
    });
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new OffhookError('gateway.malformed', 'the body is not JSON');
  }
}

function readText(request: IncomingMessage, maxBytes: number): Promise<string> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return Promise.reject(tooLarge(maxBytes));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    // Not `for await`: leaving its loop early would destroy the socket, and with it the answer.
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) reject(tooLarge(maxBytes));
      else chunks.push(chunk);
    });
    request.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    request.on('error', () => reject(cutShort()));
    request.on('close', () => reject(cutShort()));
  });
}

function cutShort(): OffhookError {
  return new OffhookError('gateway.malformed', 'the body ended too early');
}

function tooLarge(maxBytes: number): OffhookError {
  return new OffhookError('gateway.frame-too-large', `the body is longer than ${maxBytes} bytes`);
}
