const CANDIDATES = [',', ';', '\t', '|'] as const;

/** Which character separates the fields. */
export interface DelimiterFound {
  readonly delimiter: string;
  /** How many lines go before the header: Excel's `sep=;` is one. */
  readonly skipLines: number;
}

/**
 * The delimiter, from the beginning of a file: what Excel's `sep=` line says, else the candidate that occurs equally
 * often in most of the
 * first lines, outside quotes; `,` where none does.
 */
export function detectDelimiter(beginning: string): DelimiterFound {
  const hint = /^sep=([^\r\n])\r?\n/iu.exec(beginning);
  if (hint !== null) return { delimiter: hint[1]!, skipLines: 1 };
  const counts = countByLine(beginning);
  let best = { delimiter: ',', score: 0 };
  for (const [index, delimiter] of CANDIDATES.entries()) {
    const inHeader = counts[0]?.[index] ?? 0;
    const agreeing = counts.filter((line) => line[index] === inHeader).length;
    const score = inHeader === 0 ? 0 : agreeing * 1_000 + inHeader;
    if (score > best.score) best = { delimiter, score };
  }
  return { delimiter: best.delimiter, skipLines: 0 };
}

/** How often each candidate occurs outside quotes, in each of the first lines. The last, perhaps cut, is left out. */
function countByLine(text: string): number[][] {
  const lines: number[][] = [];
  let line = CANDIDATES.map(() => 0);
  let isQuoted = false;
  let isEmpty = true;
  for (const character of text) {
    if (character === '"') isQuoted = !isQuoted;
    const index = CANDIDATES.indexOf(character as ',');
    if (!isQuoted && index >= 0) line[index]! += 1;
    if (!isQuoted && character === '\n') {
      if (!isEmpty) lines.push(line);
      if (lines.length === 20) return lines;
      line = CANDIDATES.map(() => 0);
      isEmpty = true;
    } else if (character !== '\r') isEmpty = false;
  }
  return lines.length > 0 ? lines : [line];
}
