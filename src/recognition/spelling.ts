/** A number with everything taken off that says nothing: what is left to be understood under a plan. */
export interface Spelling {
  /** True: written with a plus, so that a country's calling code follows. */
  readonly plus: boolean;
  /** ASCII digits, `*` and `#`. Never empty. */
  readonly digits: string;
  /** An extension behind the number. */
  readonly extension?: string;
  /** RFC 3966 5.1.5, where it is the beginning of a global number: its digits. */
  readonly context?: string;
}

/** What a string is that holds no number. */
export type NoNumber = 'withheld' | 'unavailable';

/** Longer strings are nobody's number. libphonenumber refuses above 250. */
const MAX_LENGTH = 256;

/**
 * What PBXs, carriers and telephones say for a caller who hides. `p`: the one-letter form of the American CLASS
 * services.
 */
const WITHHELD =
  /^(?:anonymous|anonym|anonyme|private|priv[eé]|private (?:caller|number)|withheld|number withheld|restricted|blocked|hidden|clir|no caller id|caller id (?:blocked|withheld)|unterdr[uü]ckt|afgeschermd|anoniem|p)$/iu;

const SCHEME = /^(?:sips?|tel|callto):/iu;
const PLAIN = /^\+?[0-9]+$/;
const NON_ASCII = /[^\u0000-\u007f]/;

/**
 * Punctuation between digits in the files and SIP headers of this world: spaces, all dashes, dots, brackets, slashes,
 * and
 * marks without width (telephones put U+202A and U+202C around numbers that are copied from their contacts).
 */
const SEPARATORS =
  /[\s\-\u00ad\u2010-\u2015\u2212\u30fc\uff0d.\u00b7\u30fb\uff0e()[\]\uff08\uff09/\\_~'"\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+/gu;

/** The first digit of each decimal set in use; the other nine follow it. */
const ZEROS = [
  0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50, 0xed0, 0xf20, 0x1040,
  0x17e0, 0x1810, 0xff10,
];

/** `x12`, `ext. 12`, `;ext=12`, `#12`, `,,12`: an extension, where enough digits for a number stand before it. */
const EXTENSION =
  /^([^a-z]*?(?:[0-9][^0-9a-z]*){6,})(?:;?\s*(?:extension|extn?\.?|x|poste|durchwahl|dw\.?|tst\.?|int\.?|доб\.?)\s*[:.=]?|#|,{1,3}|[pw]{1,3})\s*([0-9]{1,9})#?$/iu;

/** Reads a string from a PBX, a contact file or a user. Never throws. */
export function readSpelling(raw: string): Spelling | NoNumber {
  if (raw.length > MAX_LENGTH) return 'unavailable';
  if (PLAIN.test(raw)) return plainDigits(raw);
  let text = raw.trim();
  const address = /<([^<>]*)>[^<>]*$/u.exec(text);
  // `<unknown>` is what Asterisk says for no number; `"Carol" <sip:...>` is the name-addr of RFC 3261 20.10.
  if (address !== null) text = address[1]!.trim();
  if (text.includes('%')) text = percentDecoded(text);
  return readAddress(text);
}

function plainDigits(text: string): Spelling | NoNumber {
  return text.startsWith('+') ? { plus: true, digits: text.slice(1) } : { plus: false, digits: text };
}

function readAddress(text: string): Spelling | NoNumber {
  const scheme = SCHEME.exec(text)?.[0];
  let rest = scheme === undefined ? text : text.slice(scheme.length);
  const isSip = scheme?.toLowerCase().startsWith('sip') ?? false;
  const at = rest.indexOf('@');
  if (at >= 0) rest = rest.slice(0, at);
  // A SIP address without a user part is a host: `sip:192.0.2.1` is no number, however many digits it has.
  else if (isSip) return 'unavailable';
  if (isSip) rest = rest.replace(/:.*$/u, ''); // the password of RFC 3261 19.1.1
  rest = rest.trim();
  if (WITHHELD.test(rest)) return 'withheld';
  return rest.includes(';') ? withParameters(rest) : withExtension(rest);
}

/**
 * RFC 3966: `+44-20-7946-0991;ext=12`, `7042;phone-context=+4420`. SIP user parts carry the same parameters (RFC 3261
 * 19.1.6).
 */
function withParameters(text: string): Spelling | NoNumber {
  const [number = '', ...parameters] = text.split(';');
  const spelling = withExtension(number);
  if (typeof spelling === 'string') return spelling;
  let { extension, context }: { extension?: string | undefined; context?: string } = spelling;
  for (const parameter of parameters) {
    const [name = '', value = ''] = parameter.split('=', 2);
    if (/^\s*ext(?:ension)?\s*$/iu.test(name)) extension = value.replace(SEPARATORS, '') || undefined;
    if (/^\s*phone-context\s*$/iu.test(name) && value.startsWith('+')) context = value.slice(1).replace(SEPARATORS, '');
  }
  return {
    plus: spelling.plus,
    digits: spelling.digits,
    ...(extension !== undefined && /^[0-9]{1,9}$/.test(extension) && { extension }),
    ...(context !== undefined && /^[0-9]{1,15}$/.test(context) && { context }),
  };
}

function withExtension(text: string): Spelling | NoNumber {
  const ascii = NON_ASCII.test(text) ? asciiDigits(text) : text;
  const split = EXTENSION.exec(ascii);
  const bare = compact(split === null ? ascii : split[1]!.replace(/[\s,;]+$/, ''));
  if (bare === undefined) return 'unavailable';
  return split === null ? bare : { ...bare, extension: split[2]! };
}

function compact(text: string): Spelling | undefined {
  const compacted = text.replace(SEPARATORS, '');
  if (!/^\+*[0-9*#]+$/.test(compacted)) return undefined;
  const digits = compacted.replace(/^\++/, '');
  return { plus: digits.length < compacted.length, digits };
}

/** Only what stands for one ASCII character: `decodeURIComponent` throws on the rest, and no digit is among it. */
function percentDecoded(text: string): string {
  return text.replace(/%([0-7][0-9a-f])/giu, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function asciiDigits(text: string): string {
  return text.replace(/[\p{Nd}\uff0b\ufe62\u207a\uff0a\uff03]/gu, (character) => {
    const code = character.codePointAt(0)!;
    if (code === 0xff0a) return '*';
    if (code === 0xff03) return '#';
    const zero = ZEROS.find((start) => code >= start && code < start + 10);
    if (zero !== undefined) return String(code - zero);
    return code === 0xff0b || code === 0xfe62 || code === 0x207a ? '+' : character;
  });
}
