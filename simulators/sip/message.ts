/** A header as it is written: its name in any letters, and its value. */
export type Header = readonly [name: string, value: string];

/** A SIP request (RFC 3261 7.1). */
export interface SipRequest {
  readonly method: string;
  readonly uri: string;
  readonly headers: readonly Header[];
  readonly body: string;
}

/** A SIP response (RFC 3261 7.2). */
export interface SipResponse {
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly Header[];
  readonly body: string;
}

/** A SIP message. */
export type SipMessage = SipRequest | SipResponse;

/** Full names of the compact forms (RFC 3261 7.3.3, RFC 6665 8.2.1, RFC 3515 2.1, RFC 3892 2). */
const COMPACT: Readonly<Record<string, string>> = {
  i: 'call-id',
  m: 'contact',
  e: 'content-encoding',
  l: 'content-length',
  c: 'content-type',
  f: 'from',
  s: 'subject',
  k: 'supported',
  t: 'to',
  v: 'via',
  o: 'event',
  r: 'refer-to',
  b: 'referred-by',
};

/** The most headers that a message may have. */
const MAX_HEADERS = 200;

const fullName = (name: string): string => COMPACT[name.toLowerCase()] ?? name.toLowerCase();

/** Whether a message is a request. */
export const isRequest = (message: SipMessage): message is SipRequest => 'method' in message;

/** All values of a header, by its name in small letters; compact forms count. */
export const headersOf = ({ headers }: SipMessage, name: string): string[] =>
  headers.flatMap(([key, value]) => (fullName(key) === name ? [value] : []));

/** The first value of a header, or an empty text. */
export const headerOf = (message: SipMessage, name: string): string => headersOf(message, name)[0] ?? '';

/** The headers of a message without those of some names (in small letters). */
export const without = ({ headers }: SipMessage, ...names: string[]): Header[] =>
  headers.filter(([key]) => !names.includes(fullName(key)));

/** Reads a message; `undefined`: it is none. The body is what follows the empty line. */
export function parseMessage(text: string): SipMessage | undefined {
  const end = text.indexOf('\r\n\r\n');
  const head = end < 0 ? text : text.slice(0, end);
  const body = end < 0 ? '' : text.slice(end + 4);
  const [start = '', ...lines] = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
  if (lines.length > MAX_HEADERS) return undefined;
  const headers = lines.flatMap(headerOfLine);
  const response = /^SIP\/2\.0 (\d{3})(?: (.*))?$/.exec(start);
  if (response) return { status: Number(response[1]), reason: response[2] ?? '', headers, body };
  const request = /^([A-Za-z]{1,20}) (\S+) SIP\/2\.0$/.exec(start);
  return request ? { method: request[1]!, uri: request[2]!, headers, body } : undefined;
}

function headerOfLine(line: string): Header[] {
  const colon = line.indexOf(':');
  return colon <= 0 ? [] : [[line.slice(0, colon).trim(), line.slice(colon + 1).trim()]];
}

/** A message as it is sent. `Content-Length` must be among its headers. */
export function textOf(message: SipMessage): string {
  const start = isRequest(message)
    ? `${message.method} ${message.uri} SIP/2.0`
    : `SIP/2.0 ${message.status} ${message.reason}`;
  const lines = message.headers.map(([name, value]) => `${name}: ${value}`);
  return `${[start, ...lines].join('\r\n')}\r\n\r\n${message.body}`;
}

/** The tag of a From or To, or an empty text. */
export const tagOf = (value: string): string => /;\s*tag=([^;\s>]+)/i.exec(value.replace(/<[^>]*>/, ''))?.[1] ?? '';

/** The URI of a From, To, Contact or Refer-To. */
export const uriOf = (value: string): string => /<([^>]*)>/.exec(value)?.[1] ?? value.replace(/;.*$/, '').trim();

/** The display name of a From; `undefined`: it has none. */
export function displayOf(value: string): string | undefined {
  const quoted = /^\s*"((?:[^"\\]|\\.)*)"\s*</.exec(value)?.[1];
  if (quoted !== undefined) return quoted.replace(/\\(.)/g, '$1');
  return /^\s*([^<"]+?)\s*</.exec(value)?.[1];
}

/** The user part of a SIP or tel URI, with its escapes resolved. */
export function userOf(uri: string): string {
  const user = /^(?:sips?:([^@;?]*)@|tel:([^;]*))/i.exec(uri);
  return unescaped((user?.[1] ?? user?.[2] ?? '').replace(/[:;].*$/, ''));
}

/** The host of a SIP URI, without its port. */
export const hostOf = (uri: string): string => /^sips?:(?:[^@]*@)?([^:;?>]+)/i.exec(uri)?.[1] ?? '';

/** The number of a CSeq, or 0. */
export const cseqOf = (message: SipMessage): number => Number(/^\d{1,10}/.exec(headerOf(message, 'cseq'))?.[0] ?? 0);

/** A text as a quoted string (RFC 3261 25.1); nothing in it can end the header. */
export const quoted = (text: string): string => `"${text.replace(/[\r\n\0]/g, ' ').replace(/["\\]/g, '\\$&')}"`;

/** A user part that can stand in a URI. */
export const escapedUser = (user: string): string =>
  user.toWellFormed().replace(/[^A-Za-z0-9\-_.!~*'()&=+$,;?/]/gu, (character) => encodeURIComponent(character));

/** Whether a URI can be sent to. */
export const isSipUri = (uri: string): boolean => /^sips?:[^\s<>"]+$/i.test(uri);

function unescaped(user: string): string {
  try {
    return decodeURIComponent(user);
  } catch {
    return user;
  }
}
