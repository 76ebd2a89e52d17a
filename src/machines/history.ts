/** One event that an actor got, as far as a log needs it. */
export interface HistoryEntry {
  readonly type: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/** How many events an actor remembers. */
export const HISTORY_LENGTH = 16;

/** The history with one more event; the oldest falls out. */
export function remember(history: readonly HistoryEntry[], type: string, time: number): readonly HistoryEntry[] {
  const kept = history.length < HISTORY_LENGTH ? history.slice() : history.slice(1);
  kept.push({ type, time });
  return kept;
}

/** The later of two times: an actor's time never runs backwards. A time that is missing or no number counts for nothing. */
export function latest(before: number, told: number | undefined): number {
  return told !== undefined && Number.isFinite(told) && told > before ? told : before;
}

/** An event that cannot happen where an actor stands. It changed nothing but a count. */
export interface IllegalEvent {
  readonly machine: 'call' | 'line' | 'link';
  /** Of the call, device or link. */
  readonly id: string;
  readonly state: string;
  readonly event: string;
  readonly reason: string;
  readonly history: readonly HistoryEntry[];
}
