/** An event filter of a user or of a session: a pattern over the event's text, `!` before it keeps the event out. */
export interface EventFilter {
  readonly exclude: boolean;
  readonly pattern: RegExp;
}

/** Longest pattern that is accepted. */
const MAX_PATTERN = 255;

/** Reads a filter; nothing if it is no pattern. */
export function parseFilter(spec: string): EventFilter | undefined {
  const exclude = spec.startsWith('!');
  const source = exclude ? spec.slice(1) : spec;
  if (source === '' || source.length > MAX_PATTERN) return undefined;
  try {
    return { exclude, pattern: new RegExp(source) };
  } catch {
    return undefined;
  }
}

/** Whether filters let an event through: one of the including ones must match if there are any, and no excluding one. */
export function passesFilters(filters: readonly EventFilter[], text: string): boolean {
  if (filters.length === 0) return true;
  const including = filters.filter(({ exclude }) => !exclude);
  if (filters.some(({ exclude, pattern }) => exclude && pattern.test(text))) return false;
  return including.length === 0 || including.some(({ pattern }) => pattern.test(text));
}
