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

async function readText(request: IncomingMessage, maxBytes: number): Promise<string> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function tooLarge(maxBytes: number): OffhookError {
  return new OffhookError('gateway.frame-too-large', `the body is longer than ${maxBytes} bytes`);
}
