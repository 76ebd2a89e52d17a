const HEX = /^[0-9a-fA-F]{2}$/;
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** Anything but ASCII, in a text of one character per byte. */
const BEYOND_ASCII = /[\x80-\xff]/;

/**
 * The text that bytes stand for, given as one character per byte. What is no UTF-8 is ISO-8859-1: gateways that send names
 * in it are why there is something else at all. Never throws.
 */
export function textOfBytes(bytes: string): string {
  if (!BEYOND_ASCII.test(bytes)) return bytes;
  try {
    return strict.decode(Buffer.from(bytes, 'latin1'));
  } catch {
    return bytes;
  }
}

/** A value of a plain event: percent-encoded bytes. An escape that is none stays as it is. Never throws. */
export function percentDecoded(value: string): string {
  if (!value.includes('%')) return textOfBytes(value);
  let bytes = '';
  let done = 0;
  for (let at = value.indexOf('%'); at !== -1; at = value.indexOf('%', done)) {
    const code = value.slice(at + 1, at + 3);
    const isEscape = HEX.test(code);
    bytes += value.slice(done, at) + (isEscape ? String.fromCharCode(Number.parseInt(code, 16)) : '%');
    done = at + (isEscape ? 3 : 1);
  }
  return textOfBytes(bytes + value.slice(done));
}

const SHORT: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/** What stands between the quotes of a JSON string. An escape that is none stays as it is. Never throws. */
export function jsonDecoded(value: string): string {
  const text = textOfBytes(value);
  if (!text.includes('\\')) return text;
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|([\s\S]))/g, (whole, unicode: string | undefined, code: string) => {
    if (unicode !== undefined) return String.fromCharCode(Number.parseInt(unicode, 16));
    return SHORT[code] ?? (/["\\/]/.test(code) ? code : whole);
  });
}
