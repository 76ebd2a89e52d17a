const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
  "'": "'",
  '?': '?',
};

/**
 * Undoes what Asterisk's `ast_escape_c` does to names and ChanVariable values: `Frank \"Frankie\" Bakker`. An escape that
 * it does not write stays as it is, a lone backslash at the end too. Not for AppData and UserEvent fields: those are
 * never escaped.
 */
function unescapeAmi(value: string): string {
  if (!value.includes('\\')) return value;
  return value.replace(/\\([abfnrtv\\"'?])/g, (_, code: string) => ESCAPES[code] ?? code);
}

export { unescapeAmi as unescape };
