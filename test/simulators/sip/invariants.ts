import { SaxesParser } from 'saxes';
import { headerOf, headersOf, isRequest, parseMessage, type SipRequest } from '../../../simulators/sip/message.ts';
import type { Payload } from './compare.ts';

/** What in a talk is as no server and no PBX would say it. Empty for a sound one; all calls must be over. */
export function brokenRules(log: readonly Payload[]): string[] {
  const told = log.filter(({ way, message }) => way === '<' && message !== '');
  const broken = told.flatMap(({ message }) => shapeOf(message));
  const requests = told.flatMap(({ words, message }) => {
    const parsed = words[0] === 'sip' ? parseMessage(message) : undefined;
    return parsed && isRequest(parsed) ? [parsed] : [];
  });
  return [...broken, ...offers(requests), ...notifies(requests), ...lastStates(requests)];
}

/** A message that cannot be read, or says something that nobody can mean. */
function shapeOf(message: string): string[] {
  const parsed = parseMessage(message);
  if (!parsed) return [`no message: ${message}`];
  const broken = parsed.headers.flatMap(([name, value]) =>
    /undefined|\[object|\bNaN\b|[\r\n]/.test(value) ? [`${name}: ${value}`] : [],
  );
  for (const name of ['from', 'to', 'call-id', 'cseq', 'content-length'])
    if (headersOf(parsed, name).length !== 1)
      broken.push(`${headersOf(parsed, name).length} times ${name}: ${message}`);
  if (Number(headerOf(parsed, 'content-length')) !== Buffer.byteLength(parsed.body))
    broken.push(`wrong length: ${message}`);
  if (headerOf(parsed, 'content-type') === 'application/dialog-info+xml') broken.push(...wellFormed(parsed.body));
  return broken;
}

function wellFormed(body: string): string[] {
  const problems: string[] = [];
  const parser = new SaxesParser();
  parser.on('error', (error) => problems.push(`${error.message}: ${body}`));
  parser.write(body).close();
  return problems;
}

/** An INVITE outside of a dialog is taken back once, or becomes a call that ends. */
function offers(requests: readonly SipRequest[]): string[] {
  const open = new Map<string, string>();
  const broken: string[] = [];
  for (const request of requests) {
    const key = `${headerOf(request, 'call-id')} ${request.uri}`;
    if (request.method === 'INVITE') {
      if (open.get(key) === 'open') broken.push(`offered twice: ${key}`);
      open.set(key, 'open');
    }
    if (request.method !== 'CANCEL') continue;
    if (open.get(key) !== 'open') broken.push(`taken back and not offered: ${key}`);
    open.delete(key);
  }
  return [...broken, ...[...open.keys()].map((key) => `never taken back: ${key}`)];
}

/** NOTIFYs of one subscription are counted up, and so are their documents. */
function notifies(requests: readonly SipRequest[]): string[] {
  const last = new Map<string, { readonly cseq: number; readonly version: number }>();
  return requests.flatMap((request) => {
    if (request.method !== 'NOTIFY') return [];
    const key = headerOf(request, 'call-id');
    const before = last.get(key) ?? { cseq: 0, version: -1 };
    const cseq = Number.parseInt(headerOf(request, 'cseq'), 10);
    const version = Number(/version="(\d+)"/.exec(request.body)?.[1] ?? before.version + 1);
    last.set(key, { cseq, version });
    return cseq > before.cseq && version > before.version ? [] : [`${key}: ${cseq}, version ${version}`];
  });
}

/** When all is over, no lamp shows anything. */
function lastStates(requests: readonly SipRequest[]): string[] {
  const last = new Map<string, SipRequest>();
  for (const request of requests) if (request.method === 'NOTIFY') last.set(headerOf(request, 'call-id'), request);
  return [...last.values()].flatMap(({ body }) => {
    const states = [...body.matchAll(/<state>(\w+)</g)].map(([, state]) => state);
    return states.every((state) => state === 'terminated') ? [] : [`at the end: ${body}`];
  });
}
