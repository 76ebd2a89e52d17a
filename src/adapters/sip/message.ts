/** A SIP message as plain data. Everything in it was chosen by somebody else. */
export interface SipMessage {
  /** `INVITE`; absent: a response. */
  readonly method?: string;
  /** Where a request is for. */
  readonly uri?: string;
  /** Of a response; absent: a request. */
  readonly status?: number;
  readonly reason?: string;
  /** `''`: none. */
  readonly body: string;
  /** The first value of a header, whatever the case of its name, compact or not. */
  header(name: string): string | undefined;
  /** All values of a header that comes several times, one for each line. */
  all(name: string): readonly string[];
}

/** Longest head, and most headers, that are read. */
const MAX_HEAD = 65_536;
const MAX_HEADERS = 256;

/** Compact forms (RFC 3261 7.3.3; `o`, `r`, `b`, `u`: RFC 6665 8.4, RFC 3515, RFC 3892). */
const COMPACT: Readonly<Record<string, string>> = {
  ...{ i: 'call-id', m: 'contact', e: 'content-encoding', l: 'content-length', c: 'content-type', f: 'from' },
  ...{
    s: 'subject',
    k: 'supported',
    t: 'to',
    v: 'via',
    o: 'event',
    r: 'refer-to',
    b: 'referred-by',
    u: 'allow-events',
  },
};

/** Reads a message; `undefined` where it is none. Headers that are none are left out. */
export function parseMessage(text: string): SipMessage | undefined {
  const end = text.indexOf('\r\n\r\n');
  const head = end === -1 ? text : text.slice(0, end);
  if (head.length > MAX_HEAD) return undefined;
  const [start = '', ...lines] = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
  const line = startLine(start);
  if (line === undefined) return undefined;
  const headers = new Map<string, string[]>();
  for (const each of lines.slice(0, MAX_HEADERS)) {
    const [, name, value] = /^([^\s:]+)\s*:\s*([\s\S]*?)\s*$/.exec(each) ?? [];
    if (name === undefined || value === undefined) continue;
    const full = fullName(name);
    const values = headers.get(full);
    if (values === undefined) headers.set(full, [value]);
    else values.push(value);
  }
  const all = (name: string): readonly string[] => headers.get(fullName(name)) ?? [];
  return { ...line, body: end === -1 ? '' : text.slice(end + 4), all, header: (name) => all(name)[0] };
}

function startLine(text: string): Pick<SipMessage, 'method' | 'uri' | 'status' | 'reason'> | undefined {
  const response = /^SIP\/2\.0 ([1-6]\d\d)(?: (.*))?$/i.exec(text);
  if (response !== null) return { status: Number(response[1]), reason: response[2] ?? '' };
  const request = /^([A-Za-z.!%*_+`'~-]{1,32}) (\S+) SIP\/2\.0$/i.exec(text);
  return request === null ? undefined : { method: request[1]!.toUpperCase(), uri: request[2]! };
}

function fullName(name: string): string {
  const lower = name.toLowerCase();
  return COMPACT[lower] ?? lower;
}
