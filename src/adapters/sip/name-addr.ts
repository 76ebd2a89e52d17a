/** A header's address, taken apart: `"Alice" <sip:1001@pbx.example.org>;tag=x` (RFC 3261 20.10). */
export interface NameAddr {
  /** The display name, unescaped; `''` where there is none. */
  readonly display: string;
  readonly uri: string;
  /** What stands behind the address: `;tag=x`. */
  readonly parameters: string;
}

/** Longest header value that is looked at. */
const MAX_VALUE = 8_192;

/** Control characters, and those that turn the direction of what follows. */
const UNSHOWN = /[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu;

/** The addresses of a header, which may hold several between commas. What is none is left out. */
export function nameAddrs(values: readonly string[]): NameAddr[] {
  return values
    .flatMap((value) => splitList(value.slice(0, MAX_VALUE)).map(nameAddrOf))
    .filter((each) => each.uri !== '');
}

/** The part of a URI that names the user or the number, unescaped: `1001` of `sip:1001@pbx`, `+4420...` of `tel:`. */
export function userOf(uri: string): string {
  const user = /^\s*(?:sips?:([^@]*)@|tel:(.*))/is.exec(uri);
  return decoded((user?.[1] ?? user?.[2] ?? '').replace(/[;:?].*$/s, ''))
    .replace(UNSHOWN, '')
    .slice(0, 256);
}

/** A name as it may be shown: no control characters, no blanks around it. */
export function shownName(text: string): string {
  return text.replace(UNSHOWN, '').trim();
}

function nameAddrOf(text: string): NameAddr {
  const quoted = /^\s*"((?:[^"\\]|\\.)*)"\s*/s.exec(text);
  const rest = quoted === null ? text : text.slice(quoted[0].length);
  const open = rest.indexOf('<');
  const close = rest.indexOf('>', open);
  if (open === -1 || close === -1) {
    const semicolon = rest.indexOf(';');
    const uri = (semicolon === -1 ? rest : rest.slice(0, semicolon)).trim();
    return { display: '', uri, parameters: semicolon === -1 ? '' : rest.slice(semicolon) };
  }
  const display = quoted?.[1]?.replace(/\\(.)/gs, '$1') ?? rest.slice(0, open);
  return { display: shownName(display), uri: rest.slice(open + 1, close).trim(), parameters: rest.slice(close + 1) };
}

/** Cuts at the commas that are neither quoted nor part of an address. */
export function splitList(value: string): string[] {
  const parts: string[] = [];
  let from = 0;
  let isQuoted = false;
  let isAddress = false;
  for (let at = 0; at < value.length; at++) {
    const char = value[at];
    if (isQuoted && char === '\\') at++;
    else if (char === '"' && !isAddress) isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (char === '<') isAddress = true;
    else if (char === '>') isAddress = false;
    else if (char === ',' && !isAddress) {
      parts.push(value.slice(from, at));
      from = at + 1;
    }
  }
  parts.push(value.slice(from));
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
