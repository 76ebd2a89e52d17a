import type { LinkStatus } from '../../domain/journal.ts';
import type { LineRow } from './line-view.ts';
import type { Tale } from './story.ts';
import { displayWidth, duration, padEnd, padStart, sanitise, timeOfDay, truncate } from './text.ts';
import type { Theme } from './theme.ts';

/** What is on the screen. */
export interface Scene {
  readonly title: string;
  /** Shown at the right of the title: the gateway's address. */
  readonly address: string;
  readonly links: readonly LinkStatus[];
  readonly rows: readonly LineRow[];
  /** The latest last. */
  readonly tales: readonly Tale[];
  readonly missed: number;
  readonly calls: number;
  readonly now: number;
  /** What the keys do: `q quit`. */
  readonly keys: readonly (readonly [key: string, meaning: string])[];
  /** One more line above the keys: a hint, or why nothing moves. */
  readonly notice?: string;
}

/** The size of a terminal. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Draws a scene: at most `size.rows` lines of at most `size.columns` columns. Pure. */
export function render(scene: Scene, size: Size, theme: Theme): string[] {
  const columns = Math.max(20, size.columns);
  const height = Math.max(6, size.rows);
  const top = [header(scene, columns, theme), summary(scene, columns, theme), ''];
  const foot = footer(scene, columns, theme);
  const space = height - top.length - foot.length;
  const table = drawTable(scene, columns, theme, Math.max(2, space - 3));
  const tickerSpace = space - table.length - 2;
  const ticker = tickerSpace >= 1 ? drawTicker(scene, columns, theme, tickerSpace) : [];
  const body = [...top, ...table, ...ticker];
  while (body.length < height - foot.length) body.push('');
  return [...body.slice(0, height - foot.length), ...foot].slice(0, size.rows);
}

function header(scene: Scene, columns: number, theme: Theme): string {
  const badge = ` ${scene.title} `;
  const address = columns - displayWidth(badge) - displayWidth(scene.address) >= 24 ? scene.address : '';
  const left = columns - displayWidth(badge) - displayWidth(address) - 3;
  const links = truncate(scene.links.map(linkText).join('   ') || '… no PBX link yet', left);
  const down = scene.links.some(({ state }) => state !== 'up');
  const filler = ' '.repeat(Math.max(0, left - displayWidth(links)));
  return `${theme.badge(badge)} ${theme.colour(down ? 'red' : 'green', links)}${filler}  ${theme.dim(address)}`.trimEnd();
}

const LINK_SYMBOLS: Readonly<Partial<Record<LinkStatus['state'], string>>> = { up: '●', refused: '✕', waiting: '✕' };

function linkText({ link, state, peer, reason }: LinkStatus): string {
  const more = state === 'up' ? (peer ?? '') : (reason ?? '');
  return sanitise(`${LINK_SYMBOLS[state] ?? '◌'} ${link} ${state}${more === '' ? '' : ` · ${more}`}`);
}

function summary({ rows, missed, calls }: Scene, columns: number, theme: Theme): string {
  const count = (...words: string[]) => rows.filter(({ look }) => words.includes(look.word)).length;
  const parts: [string, (text: string) => string][] = [
    [`${count('talking')} talking`, (text) => theme.colour('green', text)],
    [`${count('ringing')} ringing`, (text) => theme.colour('yellow', text)],
    [`${count('waiting')} waiting`, (text) => theme.colour('blue', text)],
    [`${count('on hold', 'held')} held`, (text) => theme.colour('magenta', text)],
    [`${count('idle')} idle`, theme.dim],
    [`${missed} missed`, missed > 0 ? (text) => theme.colour('red', text) : theme.dim],
    [`${calls} ${calls === 1 ? 'call' : 'calls'} so far`, theme.dim],
  ];
  return joinFitting(parts, ' · ', columns, 1);
}

/** As many of the parts as there is room for. */
function joinFitting(
  parts: readonly (readonly [string, (text: string) => string])[],
  separator: string,
  columns: number,
  indent: number,
): string {
  let line = ' '.repeat(indent);
  let width = indent;
  for (const [index, [text, paint]] of parts.entries()) {
    const before = index === 0 ? '' : separator;
    width += displayWidth(before) + displayWidth(text);
    if (width > columns) break;
    line += before + paint(text);
  }
  return line;
}

interface Columns {
  readonly line: number;
  readonly label: number;
  readonly state: number;
  readonly since: number;
  readonly who: number;
  readonly number: number;
  readonly why: number;
}

/** How the width is shared: the other party has the most of it; what does not fit is left out, not squeezed. */
function layout(rows: readonly LineRow[], columns: number): Columns {
  const widest = (text: (row: LineRow) => string) => Math.max(0, ...rows.map((row) => displayWidth(text(row))));
  const line = Math.min(
    12,
    Math.max(
      4,
      widest(({ device }) => device),
    ),
  );
  const label =
    columns < 64
      ? 0
      : Math.min(
          columns < 100 ? 12 : 24,
          widest((row) => row.label),
        );
  const state = columns < 50 ? 1 : 10;
  const since = 6;
  const used = 1 + line + (label > 0 ? label + 2 : 0) + 2 + state + 1 + since + 2;
  const rest = Math.max(4, columns - used);
  const number = rest >= 64 ? 16 : 0;
  const why = rest >= 40 ? Math.max(20, rest - padded(number) - 22) : 0;
  return { line, label, state, since, who: rest - padded(why) - padded(number), number, why };
}

const padded = (width: number): number => (width === 0 ? 0 : width + 2);

function drawTable({ rows, now }: Scene, columns: number, theme: Theme, space: number): string[] {
  const widths = layout(rows, columns);
  const head = theme.dim(
    cells(widths, {
      line: 'LINE',
      label: 'NAME',
      state: widths.state === 1 ? '' : 'STATE',
      since: '',
      who: 'WITH',
      number: 'NUMBER',
      why: 'WHY',
    }),
  );
  if (rows.length === 0) return [head, theme.dim(' No lines yet.')];
  const room = space - 1;
  const shown = rows.length > room ? rows.slice(0, Math.max(0, room - 1)) : rows;
  const lines = shown.map((row) => drawRow(row, widths, now, theme));
  const hidden = rows.length - shown.length;
  if (hidden > 0) lines.push(theme.dim(truncate(` … ${hidden} more`, columns)));
  return [head, ...lines];
}

interface Cells {
  readonly line: string;
  readonly label: string;
  readonly state: string;
  readonly since: string;
  readonly who: string;
  readonly number: string;
  readonly why: string;
}

type Painters = Partial<Record<keyof Cells, (text: string) => string>>;

function cells(widths: Columns, texts: Cells, paint: Painters = {}): string {
  const cell = (name: keyof Cells, text: string) => (paint[name] ?? ((same: string) => same))(text);
  const optional = (name: 'label' | 'number' | 'why') =>
    widths[name] > 0 ? `  ${cell(name, padEnd(texts[name], widths[name]))}` : '';
  const state = cell('state', padEnd(texts.state, widths.state));
  const since = cell('since', padStart(texts.since, widths.since));
  const left = ` ${cell('line', padEnd(texts.line, widths.line))}${optional('label')}  ${state} ${since}`;
  return `${left}  ${cell('who', padEnd(texts.who, widths.who))}${optional('number')}${optional('why')}`;
}

function drawRow(row: LineRow, widths: Columns, now: number, theme: Theme): string {
  const { look, who } = row;
  const quiet = who === undefined;
  const more = details(row);
  const loud = look.word === 'ringing';
  const texts = {
    line: row.first ? row.device : '',
    label: row.first ? row.label : '',
    state: widths.state === 1 ? look.symbol : `${look.symbol} ${look.word}`,
    since: row.since === undefined ? '' : duration(now - row.since),
    who: widths.why > 0 || more === '' ? (who?.name ?? '') : `${who?.name ?? ''} · ${more}`,
    number: who?.number ?? '',
    why: more,
  };
  return cells(widths, texts, {
    line: quiet ? theme.dim : theme.bold,
    label: quiet ? theme.dim : (text) => text,
    state: (text) => theme.colour(look.colour, loud ? theme.bold(text) : text),
    since: theme.dim,
    who: (text) => (loud ? theme.colour(look.colour, theme.bold(text)) : who?.known ? theme.bold(text) : text),
    number: theme.dim,
    why: theme.dim,
  });
}

/** `exact match, Customer & Sons Ltd, queue sales`: the surest first, since the end may be cut off. */
function details({ who, note }: LineRow): string {
  return [who?.why, who?.organisation, note].filter((text) => text !== undefined && text !== '').join(', ');
}

function drawTicker({ tales }: Scene, columns: number, theme: Theme, space: number): string[] {
  const title = ' What happened ';
  const rule = theme.dim(`─${title}${'─'.repeat(Math.max(0, columns - displayWidth(title) - 1))}`);
  const latest = tales.slice(-space);
  return ['', rule, ...latest.map((tale) => drawTale(tale, columns, theme))];
}

/** One line of the ticker. */
export function drawTale({ time, device, look, text }: Tale, columns: number, theme: Theme): string {
  const clock = timeOfDay(time);
  const who = columns >= 50 ? padEnd(device, Math.max(4, Math.min(12, displayWidth(device)))) : truncate(device, 6);
  const used = 1 + clock.length + 2 + 1 + 1 + displayWidth(who) + 1;
  const rest = truncate(text, Math.max(0, columns - used));
  return ` ${theme.dim(clock)}  ${theme.colour(look.colour, look.symbol)} ${theme.bold(who)} ${rest}`;
}

function footer({ keys, notice }: Scene, columns: number, theme: Theme): string[] {
  const hints = keys.map(
    ([key, meaning]) => [`${key} ${meaning}`, (text: string) => paintKey(text, key, theme)] as const,
  );
  const line = joinFitting(hints, '   ', columns, 1);
  return notice === undefined ? ['', line] : ['', theme.dim(` ${truncate(notice, columns - 1)}`), line];
}

function paintKey(text: string, key: string, theme: Theme): string {
  return `${theme.bold(key)}${theme.dim(text.slice(key.length))}`;
}
