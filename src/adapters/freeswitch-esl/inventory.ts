import type { EslEvent } from './message.ts';
import { eventFromText } from './parse.ts';
import type { EslAnswer, EslSendOptions } from './session.ts';
import type { ListedChannel } from './snapshot.ts';

/** What asks the switch. */
export interface Asking {
  api(command: string, args?: string, options?: EslSendOptions): Promise<EslAnswer>;
}

/** How many questions about single channels are asked at once. */
const AT_ONCE = 8;

/** What may stand in a command for an id: nothing that could be read as something else. */
const ID = /^[\w.-]{1,128}$/;

/** States of channels that have hung up and are still there. */
const OVER = new Set(['CS_HANGUP', 'CS_REPORTING', 'CS_DESTROY']);

/** Rows of a list that are believed, at most. */
const MAX_ROWS = 200_000;

/** A row of a list, as `show ... as json` tells it. */
export type Row = Readonly<Record<string, string>>;

/** The rows of `show <what> as json`; `undefined` where the switch does not allow the question. Throws where it is no list. */
export async function listed(what: string, session: Asking): Promise<readonly Row[] | undefined> {
  const answer = await session.api('show', `${what} as json`);
  return answer.ok ? rowsOf(answer.text) : undefined;
}

/** Rows of a list. A list of nothing has no `rows` at all. Throws where it is no list. */
export function rowsOf(text: string): Row[] {
  const list: unknown = JSON.parse(text);
  if (typeof list !== 'object' || list === null || !('row_count' in list)) throw new Error('no list');
  if (!('rows' in list)) return [];
  if (!Array.isArray(list.rows)) throw new Error('no list');
  return list.rows.slice(0, MAX_ROWS).flatMap((row: unknown) => {
    if (typeof row !== 'object' || row === null) return [];
    return [Object.fromEntries(Object.entries(row).filter((entry) => typeof entry[1] === 'string')) as Row];
  });
}

/**
 * All channels that exist, with what the switch knows of each. The list comes from a database that lags by more than a
 * second both ways; so each channel that it has, and each that was known, is looked at itself: what the switch does not
 * find any more is left out. `undefined` where channels may not be listed. Rejects where an answer does not come.
 */
export async function existingChannels(
  known: readonly string[],
  session: Asking,
): Promise<ListedChannel[] | undefined> {
  const rows = await listed('channels', session);
  if (rows === undefined) return undefined;
  const byId = new Map<string, Row | undefined>(known.map((uuid) => [uuid, undefined]));
  for (const row of rows) byId.set(row['uuid'] ?? '', row);
  const found: ListedChannel[] = [];
  await inTurn(
    [...byId].filter(([uuid]) => ID.test(uuid)),
    async ([uuid, row]) => {
      const state = await look(uuid, session);
      if (state === 'gone' || (state === 'unknown' && row === undefined)) return;
      found.push({ row: row ?? { uuid }, ...(typeof state === 'string' ? {} : { dump: state }) });
    },
  );
  return found;
}

/** What the switch says of one channel: everything, that it exists, that it is gone, or that we may not ask. */
async function look(uuid: string, session: Asking): Promise<EslEvent | 'exists' | 'gone' | 'unknown'> {
  const dump = await session.api('uuid_dump', `${uuid} json`);
  const event = dump.ok ? eventFromText('text/event-json', dump.text) : undefined;
  if (event?.get('Unique-ID') === uuid) return OVER.has(event.get('Channel-State') ?? '') ? 'gone' : event;
  const { text } = await session.api('uuid_exists', uuid);
  if (/^\s*true\b/.test(text)) return 'exists';
  return /^\s*false\b/.test(text) ? 'gone' : 'unknown';
}

/** Does something for each item, a few at a time. Rejects with the first failure. */
export async function inTurn<T>(items: Iterable<T>, use: (item: T) => Promise<void>): Promise<void> {
  const left = items[Symbol.iterator]();
  const worker = async () => {
    for (let next = left.next(); next.done !== true; next = left.next()) await use(next.value);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
