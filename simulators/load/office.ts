import type { ExtensionConfig, OfficeConfig, QueueConfig } from '../model/office.ts';

/** Most lines: numbers beyond the four-digit ones have five. */
export const MAX_LINES = 20_000;
/** Extensions with four digits: 1000 to 4999; all others: from 50000. */
const FOUR_DIGITS = 4_000;
const FIVE_DIGITS_FROM = 50_000;

/** One queue for so many lines, and no more than so many: their numbers are 200 to 599. */
const LINES_PER_QUEUE = 100;
const MAX_QUEUES = 400;
const AGENTS_PER_QUEUE = 8;

const FIRST_NAMES = [
  'Ada',
  'Bram',
  'Chloé',
  'Данило',
  'Eve',
  'Fatma',
  'Grace',
  '秀英',
  'Łukasz',
  'Nora',
  'Ørjan',
  'Zoë',
];
const DEPARTMENTS = ['Accounts', 'Claims', 'Dispatch', 'Help Desk', 'Legal', 'Logistics', 'Sales', 'Service', 'Ward'];

/** The office that load is put on. */
export interface LoadOffice {
  readonly config: OfficeConfig;
  /** Telephones that calls are offered to and placed from. */
  readonly lines: readonly string[];
  /** What callers of queues dial. */
  readonly queues: readonly string[];
}

/**
 * An office with this many telephones, from 2 to {@link MAX_LINES}; one in twelve or so answers calls of a queue and gets no
 * other calls.
 */
export function loadOffice(lines: number): LoadOffice {
  const extensions = Array.from({ length: lines }, (_, index) => extension(index));
  const count = lines < 12 ? 0 : Math.min(MAX_QUEUES, Math.ceil(lines / LINES_PER_QUEUE));
  const size = Math.min(AGENTS_PER_QUEUE, Math.floor(lines / 6));
  const agents = extensions
    .splice(lines - count * size)
    .map((agent, index) => ({ ...agent, autoAnswerMs: 800 + (index % 8) * 250 }));
  const queues = Array.from(
    { length: count },
    (_, index): QueueConfig => ({
      name: `queue-${200 + index}`,
      did: String(200 + index),
      members: agents.slice(index * size, (index + 1) * size).map(({ number }) => number),
      strategy: 'rrmemory',
      ringSeconds: 10,
      maxWaitSeconds: 30,
    }),
  );
  return {
    config: { extensions: [...extensions, ...agents], groups: [], queues },
    lines: extensions.map(({ number }) => number),
    queues: queues.map(({ did }) => `+442079460${did}`),
  };
}

function extension(index: number): ExtensionConfig {
  const number = String(index < FOUR_DIGITS ? 1000 + index : FIVE_DIGITS_FROM + index - FOUR_DIGITS);
  const name = `${FIRST_NAMES[index % FIRST_NAMES.length]} ${DEPARTMENTS[index % DEPARTMENTS.length]} ${number}`;
  return { number, name };
}
