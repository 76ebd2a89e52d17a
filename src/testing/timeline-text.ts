import type { TimelineEntry } from '../../simulators/play/timeline.ts';

/** The end of a timeline as plain text, a line for each entry: what an error message quotes. */
export function timelineText(timeline: readonly TimelineEntry[], last = 30): string {
  const entries = timeline.filter((entry, index) => !isSaid(entry, timeline[index - 1]));
  const shown = entries.slice(-last).map((entry) => `${seconds(entry.t).padStart(10)}  ${printable(entryText(entry))}`);
  const more = entries.length - shown.length;
  return [...(more > 0 ? [`            (${more} entries before)`] : []), ...shown].join('\n');
}

/** True for a fault that begins with the step before it, which has the same words. */
export function isSaid(entry: TimelineEntry, before: TimelineEntry | undefined): boolean {
  return entry.type === 'fault' && !entry.over && before?.type === 'step' && before.text === entry.text;
}

/** `1.234 s`. */
export function seconds(ms: number): string {
  return `${(Math.round(ms) / 1000).toFixed(3)} s`;
}

/** Names are chosen by callers: nothing in them may be obeyed by a terminal. */
export function printable(text: string): string {
  return text.replace(/\p{C}/gu, '\ufffd');
}

function entryText(entry: TimelineEntry): string {
  switch (entry.type) {
    case 'mark':
      return `  @${entry.mark}`;
    case 'fault':
      return entry.over ? `${entry.text}: over` : entry.text;
    case 'told':
      return `    ${entry.line}: ${entry.text}`;
    case 'failed':
      return `✗ ${entry.text}`;
    case 'step':
      return entry.text;
  }
}
