import type { TimelineEntry } from '../../../simulators/play/timeline.ts';
import { isSaid, seconds } from '../../testing/timeline-text.ts';
import { displayWidth, padEnd, padStart, sanitise } from '../view/text.ts';
import type { Theme } from '../view/theme.ts';

/** A row: when, what was done, what was told of it. */
interface Row {
  readonly t: number;
  readonly done: string;
  told: string;
  readonly look: 'step' | 'mark' | 'fault' | 'failed' | 'told';
}

const TIME_COLUMNS = 10;
const GAP = '  ';
const AT_ONCE_MS = 25;

/** How wide a timeline is drawn, whatever the terminal: narrower than this nothing can be read. */
const MIN_COLUMNS = 60;
const MAX_COLUMNS = 140;

/**
 * A timeline for people, at most `columns` wide: at the left who did what, at the right what was told of it. Nothing that
 * a caller chose is obeyed by a terminal.
 */
export function timelineLines(timeline: readonly TimelineEntry[], columns: number, theme: Theme): string[] {
  return rowsOf(timeline).flatMap((row) => draw(row, columns, theme));
}

/** The same, entry by entry as it happens: returns a function that is given each entry and returns its lines. */
export function liveTimeline(columns: number, theme: Theme): (entry: TimelineEntry) => string[] {
  let entryBefore: TimelineEntry | undefined;
  let rowBefore: Row | undefined;
  return (entry) => {
    const row = isNews(entry, entryBefore, rowBefore) ? rowOf(entry) : undefined;
    entryBefore = entry;
    rowBefore = row ?? rowBefore;
    return row === undefined ? [] : draw(row, columns, theme);
  };
}

function rowsOf(timeline: readonly TimelineEntry[]): Row[] {
  const rows: Row[] = [];
  for (const [index, entry] of timeline.entries()) {
    const last = rows.at(-1);
    if (!isNews(entry, timeline[index - 1], last)) continue;
    const row = rowOf(entry);
    if (entry.type === 'told' && last !== undefined && hasRoom(last, entry)) last.told = row.told;
    else rows.push(row);
  }
  return rows;
}

/** False for what the row before it says already. */
function isNews(entry: TimelineEntry, before: TimelineEntry | undefined, row: Row | undefined): boolean {
  return !isSaid(entry, before) && !isPlain(entry, row);
}

/** A mark that its step left at once: the step says it all. */
function isPlain(entry: TimelineEntry, last: Row | undefined): boolean {
  return entry.type === 'mark' && last?.look === 'step' && entry.t - last.t < AT_ONCE_MS;
}

/** Whether what is told can stand beside a row: it has the same millisecond, as it is shown, and nothing there yet. */
function hasRoom({ t, told, look }: Row, entry: TimelineEntry): boolean {
  return told === '' && look !== 'failed' && Math.round(t) === Math.round(entry.t);
}

function rowOf(entry: TimelineEntry): Row {
  const row = { t: entry.t, told: '' };
  switch (entry.type) {
    case 'told':
      return { ...row, done: '', told: `${entry.line}  ${entry.text}`, look: 'told' };
    case 'mark':
      return { ...row, done: `@${entry.mark}`, look: 'mark' };
    case 'fault':
      return { ...row, done: entry.over ? `over: ${entry.text}` : entry.text, look: 'fault' };
    case 'failed':
      return { ...row, done: `✗ ${entry.text}`, look: 'failed' };
    case 'step':
      return { ...row, done: entry.text, look: 'step' };
  }
}

function draw({ t, done, told, look }: Row, columns: number, theme: Theme): string[] {
  const width = Math.min(MAX_COLUMNS, Math.max(MIN_COLUMNS, columns));
  const half = Math.floor((width - TIME_COLUMNS - 2 * GAP.length) / 2);
  // What went wrong has the whole width: nothing stands beside it.
  const left = wrap(sanitise(done), look === 'failed' ? 2 * half + GAP.length : half);
  const right = wrap(sanitise(told), half);
  const height = Math.max(left.length, right.length);
  return Array.from({ length: height }, (_, index) => {
    const time = padStart(index === 0 ? seconds(t) : '', TIME_COLUMNS);
    const told = right[index];
    const doneNow = told === undefined ? (left[index] ?? '') : padEnd(left[index] ?? '', half);
    const toldNow = told === undefined ? '' : `${GAP}${theme.colour('cyan', told)}`;
    return `${theme.dim(time)}${GAP}${paint(doneNow, look, theme)}${toldNow}`.trimEnd();
  });
}

function paint(text: string, look: Row['look'], theme: Theme): string {
  if (text.trim() === '') return text;
  if (look === 'mark') return theme.dim(text);
  if (look === 'fault') return theme.colour('yellow', text);
  return look === 'failed' ? theme.colour('red', text) : text;
}

/** Lines of at most so many columns, cut between words where there are any; the lines after the first are indented. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of words(text, columns - 2)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && displayWidth(longer) > columns) {
      lines.push(line);
      line = `  ${word}`;
    } else line = longer;
  }
  if (line !== '') lines.push(line);
  return lines;
}

/** Words, those that are too long in pieces. Two blanks stay together with what follows. */
function* words(text: string, columns: number): Generator<string> {
  for (const word of text.split(/ (?! )/)) {
    let rest = word;
    while (displayWidth(rest) > columns) {
      const piece = pieceOf(rest, columns);
      yield piece;
      rest = rest.slice(piece.length);
    }
    yield rest;
  }
}

function pieceOf(text: string, columns: number): string {
  let end = 0;
  let width = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    width += displayWidth(segment);
    if (width > columns && end > 0) break;
    end += segment.length;
  }
  return text.slice(0, end);
}
