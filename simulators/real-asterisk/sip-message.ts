import { createHash, randomBytes } from 'node:crypto';

/** A header as it goes on the wire. */
export type Header = readonly [name: string, value: string];

/** Where a datagram came from or goes to. */
export interface Peer {
  readonly host: string;
  readonly port: number;
}

/** A SIP message (RFC 3261 7), as far as a telephone looks at it. Header names are in lower case and long form. */
export interface SipMessage {
  readonly text: string;
  /** Requests only. */
  readonly method: string;
  readonly uri: string;
  /** Responses only; 0 in a request. */
  readonly status: number;
  readonly body: string;
  readonly cseq: { readonly number: number; readonly method: string };
  /** The branch of the topmost Via: the transaction (RFC 3261 17.2.3). */
  readonly branch: string;
  readonly peer: Peer;
  get(name: string): string | undefined;
  all(name: string): string[];
}

const LONG_FORMS: Readonly<Record<string, string>> = {
  b: 'referred-by',
  c: 'content-type',
  f: 'from',
  i: 'call-id',
  k: 'supported',
  l: 'content-length',
  m: 'contact',
  o: 'event',
  r: 'refer-to',
  s: 'subject',
  t: 'to',
  v: 'via',
};

/** The reason phrases of RFC 3261 21 that the scenarios send. */
export const REASON_PHRASES: Readonly<Record<number, string>> = {
  100: 'Trying',
  180: 'Ringing',
  181: 'Call Is Being Forwarded',
  183: 'Session Progress',
  200: 'OK',
  302: 'Moved Temporarily',
  404: 'Not Found',
  480: 'Temporarily Unavailable',
  481: 'Call/Transaction Does Not Exist',
  486: 'Busy Here',
  487: 'Request Terminated',
  503: 'Service Unavailable',
  603: 'Decline',
};

/** Reads one datagram. */
export function parseSip(data: Buffer, peer: Peer): SipMessage {
  const text = data.toString('utf8');
  const gap = text.indexOf('\r\n\r\n');
  const [startLine = '', ...lines] = (gap < 0 ? text : text.slice(0, gap)).split('\r\n');
  const headers = unfold(lines);
  const get = (name: string) => headers.find(([known]) => known === name)?.[1];
  const status = Number(/^SIP\/2\.0 (\d{3})/.exec(startLine)?.[1] ?? 0);
  const [method = '', uri = ''] = status === 0 ? startLine.split(' ') : [];
  const [number = '0', cseqMethod = ''] = (get('cseq') ?? '').split(/\s+/);
  return {
    text,
    method,
    uri,
    status,
    peer,
    get,
    body: gap < 0 ? '' : text.slice(gap + 4),
    cseq: { number: Number(number), method: cseqMethod },
    branch: /branch=([^;,\s]+)/.exec(get('via') ?? '')?.[1] ?? '',
    all: (name) => headers.filter(([known]) => known === name).map(([, value]) => value),
  };
}

/** Splits header lines and joins those that go on in the next line. */
function unfold(lines: readonly string[]): [string, string][] {
  const headers: [string, string][] = [];
  for (const line of lines) {
    const last = headers.at(-1);
    if (/^[ \t]/.test(line) && last !== undefined) {
      last[1] += ` ${line.trim()}`;
      continue;
    }
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    headers.push([LONG_FORMS[name] ?? name, line.slice(colon + 1).trim()]);
  }
  return headers;
}

/** The tag of a From or To header. */
export function tagOf(header: string | undefined): string | undefined {
  return /;tag=([^;>\s]+)/.exec(header ?? '')?.[1];
}

/** The URI of an address header, without its brackets. */
export function uriOf(header: string | undefined): string {
  return /<([^>]+)>/.exec(header ?? '')?.[1] ?? (header ?? '').split(';')[0]?.trim() ?? '';
}

/** The user part of a SIP URI; empty when there is none. */
export function userOf(uri: string): string {
  return decodeURIComponent(/^sips?:([^@;]+)@/.exec(uri)?.[1] ?? '');
}

/** The display name of an address header without its quoting; empty when there is none. */
export function displayNameOf(header: string | undefined): string {
  return /^\s*"((?:[^"\\]|\\.)*)"/.exec(header ?? '')?.[1]?.replace(/\\(.)/g, '$1') ?? '';
}

/** Random text for tags, branches and Call-IDs. */
export function token(bytes = 6): string {
  return randomBytes(bytes).toString('hex');
}

/** A branch that marks its transaction as one of RFC 3261 (8.1.1.7). */
export function newBranch(): string {
  return `z9hG4bK${token(8)}`;
}

/** What a digest answer is computed from. */
export interface DigestInput {
  readonly user: string;
  readonly password: string;
  readonly method: string;
  readonly uri: string;
}

/** The header that answers a challenge: digest authentication with MD5 (RFC 3261 22.4, RFC 2617). */
export function authorizationFor(response: SipMessage, input: DigestInput): Header {
  const proxy = response.status === 407;
  const challenge = parameters(response.get(proxy ? 'proxy-authenticate' : 'www-authenticate') ?? '');
  return [proxy ? 'Proxy-Authorization' : 'Authorization', digest(challenge, input)];
}

function parameters(header: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const match of header.replace(/^Digest\s+/i, '').matchAll(/(\w+)=(?:"([^"]*)"|([^,\s]+))/g)) {
    found[(match[1] ?? '').toLowerCase()] = match[2] ?? match[3] ?? '';
  }
  return found;
}

function digest(challenge: Record<string, string>, { user, password, method, uri }: DigestInput): string {
  const md5 = (text: string) => createHash('md5').update(text).digest('hex');
  const cnonce = token(8);
  const nc = '00000001';
  const secret = md5(`${user}:${challenge.realm}:${password}`);
  const subject = md5(`${method}:${uri}`);
  const qop = challenge.qop?.split(',')[0];
  const proof = qop === undefined ? challenge.nonce : `${challenge.nonce}:${nc}:${cnonce}:${qop}`;
  const response = md5(`${secret}:${proof}:${subject}`);
  const fields = [
    `username="${user}"`,
    `realm="${challenge.realm}"`,
    `nonce="${challenge.nonce}"`,
    `uri="${uri}"`,
    `response="${response}"`,
    'algorithm=MD5',
    ...(qop === undefined ? [] : [`qop=${qop}`, `nc=${nc}`, `cnonce="${cnonce}"`]),
    ...(challenge.opaque === undefined ? [] : [`opaque="${challenge.opaque}"`]),
  ];
  return `Digest ${fields.join(', ')}`;
}
