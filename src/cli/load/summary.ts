import type { ClientFlow, GoneClient, LoadFigures } from '../../../simulators/index.ts';
import { sanitise } from '../view/text.ts';
import type { EngineFigures } from './engine-figures.ts';
import type { Reading } from './meter.ts';

/** What part of the calls that were due must have been offered. */
const ENOUGH = 0.95;

/** Why the load was not what was asked for, and what to do about it. */
export interface Shortcoming {
  readonly message: string;
  readonly remedy: string;
}

/** What came of it all. */
export interface Summary {
  readonly asked: { readonly callsPerSecond: number; readonly minutes: number; readonly lines: number };
  /** Calls per second that were offered, and what part of those due they are. */
  readonly achieved: { readonly callsPerSecond: number; readonly part: number };
  readonly load: LoadFigures;
  readonly eventsPerSecond: number;
  readonly bytesPerSecond: number;
  readonly clients: readonly ClientFlow[];
  readonly gone: readonly GoneClient[];
  readonly engine?: EngineFigures;
  readonly shortcomings: readonly Shortcoming[];
}

/** Sums up. `whole`: the reading of the whole time. */
export function sumUp(asked: Summary['asked'], whole: Reading, engine?: EngineFigures): Summary {
  const { load, eventsPerSecond, bytesPerSecond, clients, gone } = whole;
  return {
    asked,
    achieved: {
      callsPerSecond: load.elapsedMs === 0 ? 0 : (load.offered * 1000) / load.elapsedMs,
      part: load.due === 0 ? 1 : load.offered / load.due,
    },
    load,
    eventsPerSecond,
    bytesPerSecond,
    clients,
    gone,
    ...(engine === undefined ? {} : { engine }),
    shortcomings: [...tooFew(load), ...cutOff(gone)],
  };
}

function tooFew({ due, offered, skipped }: LoadFigures): Shortcoming[] {
  if (offered >= due * ENOUGH) return [];
  const message = `Only ${percent(offered / due)} of the calls that were due could be offered: ${skips(skipped)}.`;
  const late = due - offered - skipped.noFreeLine - skipped.tooManyUp;
  return [{ message, remedy: late > (due - offered) / 2 ? BEHIND : FULL }];
}

const BEHIND =
  'This machine is too slow for such a load: ask for fewer --calls-per-second, or run the client on another machine.';
const FULL = 'The lines were busy: ask for more --lines, or let people talk for a shorter time (--talk).';

/** The first of those that were cut off: one that comes again and again is told of often enough. */
const MOST_TOLD = 5;

function cutOff(gone: readonly GoneClient[]): Shortcoming[] {
  return gone
    .filter((client) => client.cutOff)
    .slice(0, MOST_TOLD)
    .map((client) => ({
      message: `${whoIs(client)} was cut off: it left ${bytes(client.mostUnreadBytes)} unread.`,
      remedy: 'It must read faster than the switch writes: ask for fewer event classes, or do less while reading.',
    }));
}

/** The summary for people. */
export function summaryLines({ asked, achieved, load, clients, gone, engine, ...rest }: Summary): string[] {
  const { up, mostUp, meanLagMs, mostLagMs, kinds, disturbed, elapsedMs } = load;
  return [
    `${load.offered} calls in ${round(elapsedMs / 1000)} s: ${round(achieved.callsPerSecond)}/s of ${asked.callsPerSecond}/s asked (${percent(achieved.part)} of the ${load.due} that were due)`,
    `  ${list(kinds)}`,
    `  at most ${mostUp} up at a time, ${up} at the end; ${skips(load.skipped)}; ${disturbed} disturbed by a client`,
    `  generator late by ${round(meanLagMs)} ms on average, ${round(mostLagMs)} ms at most`,
    `written: ${round(rest.eventsPerSecond)} events/s, ${bytes(rest.bytesPerSecond)}/s`,
    ...clients.map((client) => `  ${backPressure(client)}`),
    ...gone.map((client) => `  ${backPressure(client)}; ${client.cutOff ? 'cut off' : 'left by itself'}`),
    ...(engine === undefined
      ? []
      : [
          `engine: ${percent(engine.cpuPart)} of a processor, heap ${bytes(engine.heapUsed)}, resident ${bytes(engine.rss)}`,
        ]),
  ];
}

/** One line while it goes on. */
export function progressLine({ load, callsPerSecond, eventsPerSecond, bytesPerSecond, clients }: Reading): string {
  const unread = clients.reduce((sum, { unreadBytes }) => sum + unreadBytes, 0);
  return `${round(load.elapsedMs / 1000)} s: ${round(callsPerSecond)} calls/s, ${load.up} up, ${round(eventsPerSecond)} events/s, ${bytes(bytesPerSecond)}/s, ${bytes(unread)} unread, ${round(load.mostLagMs)} ms late at most`;
}

function backPressure(client: ClientFlow): string {
  const { events, mostUnreadBytes, longestWaitMs } = client;
  return `${whoIs(client)}: ${events} events, at most ${bytes(mostUnreadBytes)} unread, ${round(longestWaitMs)} ms to take what waited`;
}

const whoIs = ({ username, address }: ClientFlow): string =>
  username === undefined ? address : `${sanitise(username)} (${address})`;

const skips = ({ noFreeLine, tooManyUp, late }: LoadFigures['skipped']): string =>
  `${noFreeLine + tooManyUp + late} left out (${noFreeLine} no free line, ${tooManyUp} too many up, ${late} too late)`;

const list = (kinds: Readonly<Record<string, number>>): string =>
  Object.entries(kinds)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${count} ${kind.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)}`)
    .join(', ');

const percent = (part: number): string => `${Math.round(part * 1000) / 10} %`;
const round = (value: number): string => String(value >= 100 ? Math.round(value) : Math.round(value * 10) / 10);

function bytes(count: number): string {
  if (count < 1_000) return `${Math.round(count)} B`;
  return count < 1_000_000 ? `${round(count / 1_000)} kB` : `${round(count / 1_000_000)} MB`;
}
