/** A value of a header; a list is what FreeSWITCH calls an array variable. */
export type HeaderValue = string | readonly string[];

/** An event as the event socket tells it. Headers in the order in which they are told; names may repeat. */
export interface EslEvent {
  readonly headers: readonly (readonly [name: string, value: HeaderValue])[];
  readonly body?: string;
}

/** How a connection wants its events. */
export type EventFormat = 'plain' | 'json' | 'xml';

/** The first value of a header, or an empty string. */
export function headerOf({ headers }: EslEvent, name: string): string {
  const value = headers.find(([key]) => key === name)?.[1];
  return typeof value === 'string' ? value : (value?.[0] ?? '');
}

const frames: Readonly<Record<EventFormat, WeakMap<EslEvent, Buffer>>> = {
  plain: new WeakMap(),
  json: new WeakMap(),
  xml: new WeakMap(),
};

/** An event with its frame, ready to be written. Written out once, for as many clients as listen. */
export function frameOf(event: EslEvent, format: EventFormat): Buffer {
  const known = frames[format].get(event);
  if (known) return known;
  const frame = writeFrame(event, format);
  frames[format].set(event, frame);
  return frame;
}

function writeFrame(event: EslEvent, format: EventFormat): Buffer {
  const content = Buffer.from(CONTENT[format](event));
  return Buffer.concat([
    Buffer.from(`Content-Length: ${content.length}\nContent-Type: text/event-${format}\n\n`),
    content,
  ]);
}

/** The block of headers of an event, and its body, as `event plain` and `uuid_dump` have it. */
export function plainText({ headers, body }: EslEvent): string {
  const lines = headers.map(([name, value]) => `${name}: ${urlEncode(flat(value))}\n`).join('');
  return body === undefined ? `${lines}\n` : `${lines}Content-Length: ${Buffer.byteLength(body)}\n\n${body}`;
}

/** The same as `event json` has it: names may repeat, as in the real thing, so it is written pair by pair. */
export function jsonText({ headers, body }: EslEvent): string {
  const pairs = headers.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  if (body !== undefined)
    pairs.push(`"Content-Length":"${Buffer.byteLength(body)}"`, `"_body":${JSON.stringify(body)}`);
  return `{${pairs.join(',')}}`;
}

function xmlText({ headers, body }: EslEvent): string {
  const lines = headers
    .map(([name, value]) => `    <${name}>${escapeXml(urlEncode(flat(value)))}</${name}>\n`)
    .join('');
  const rest =
    body === undefined
      ? ''
      : `  <Content-Length>${Buffer.byteLength(body)}</Content-Length>\n  <body>${escapeXml(body)}  </body>\n`;
  return `<event>\n  <headers>\n${lines}  </headers>\n${rest}</event>\n`;
}

const CONTENT: Readonly<Record<EventFormat, (event: EslEvent) => string>> = {
  plain: plainText,
  json: jsonText,
  xml: xmlText,
};

const flat = (value: HeaderValue): string => (typeof value === 'string' ? value : `ARRAY::${value.join('|:')}`);

/** What is left as it is: printable ASCII without what has a meaning in URLs. */
const UNSAFE = /[^!$'()*,\-./0-9A-Z_a-z~]/u;

/** Percent-encoding as FreeSWITCH does it: what looks encoded already stays, so that decoding does not give it back. */
export function urlEncode(text: string): string {
  if (!UNSAFE.test(text)) return text;
  return text.replace(/%[0-9A-Fa-f]{2}|[^!$'()*,\-./0-9A-Z_a-z~]/gu, (part) =>
    part.length === 3 && part.startsWith('%') ? part : percent(part),
  );
}

const percent = (part: string): string =>
  [...Buffer.from(part)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
