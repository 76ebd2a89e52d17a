import { tap } from 'rxjs';
import type { AmiMessage } from '../../../src/adapters/asterisk-ami/message.ts';
import type { AmiSession, AmiSessionEvent } from '../../../src/adapters/asterisk-ami/session.ts';

/** What a line says of an event besides its channel, in this order. */
const KEYS = [
  ...['Uniqueid', 'Linkedid', 'ChannelStateDesc', 'CallerIDNum', 'ConnectedLineNum', 'Context', 'Exten'],
  ...['DestChannel', 'DestUniqueid', 'DialStatus', 'Forward', 'BridgeUniqueid', 'BridgeType', 'BridgeNumChannels'],
  ...['TargetChannel', 'TransfererChannel', 'TransfereeChannel', 'Extension', 'OrigTransfererChannel'],
  ...['SecondTransfererChannel', 'DestType', 'Result', 'LocalOneChannel', 'LocalTwoChannel', 'ParkeeChannel'],
  ...['RetrieverChannel', 'ParkingSpace', 'Conference', 'Queue', 'Digit', 'Direction', 'Cause', 'TechCause', 'Reason'],
  'Message',
] as const;

/** Events that say nothing about a call that others do not say as well. */
const LEFT_OUT: ReadonlySet<string> = new Set(['Newexten', 'VarSet', 'DeviceStateChange', 'DTMFBegin', 'Cdr', 'CEL']);

const MAX_VALUE = 48;

/** The last that a switch said of calls, a line each and no more than `limit` of them: for whom a failure is to be explained. */
export class EventTrace {
  readonly #limit: number;
  #began = Date.now();
  #lines: string[] = [];
  #dropped = 0;

  constructor(limit = 60) {
    this.#limit = limit;
  }

  /** Forgets all: a new scenario begins, and times are counted from here. */
  begin(now = Date.now()): void {
    this.#began = now;
    this.#lines = [];
    this.#dropped = 0;
  }

  /** The same session; what it tells is noted. */
  of(session: AmiSession): AmiSession {
    return {
      ...(session.recorded === undefined ? {} : { recorded: session.recorded }),
      open: (context) => session.open(context).pipe(tap((event) => this.take(event))),
      send: (action, fields, options) => session.send(action, fields, options),
    };
  }

  /** Notes what a session told. */
  take(event: AmiSessionEvent): void {
    if (event.type !== 'message') this.#add(Date.now(), `link ${event.type}`);
    else if (isOfCalls(event.message)) this.#add(event.time, lineOf(event.message));
  }

  /** Notes what a telephone or the test itself did. */
  mark(what: string, now = Date.now()): void {
    this.#add(now, `-- ${shortened(what)}`);
  }

  /** Oldest first; the first line says how many there were before. */
  lines(): string[] {
    return this.#dropped === 0 ? [...this.#lines] : [`(${this.#dropped} before)`, ...this.#lines];
  }

  #add(time: number, text: string): void {
    this.#lines.push(`${String(Math.round(time - this.#began)).padStart(6)} ${text}`);
    if (this.#lines.length <= this.#limit) return;
    this.#lines.shift();
    this.#dropped++;
  }
}

/** How a test runs, as far as it matters here: `vitest`'s `task`. */
export interface Tried {
  readonly retry?: number | { readonly count?: number };
  readonly result?: { readonly retryCount?: number };
}

/** Prints what a trace has, after a test's last try has failed. */
export function printTrace(trace: EventTrace, task: Tried, title: string): void {
  if (!isLastTry(task)) return;
  console.log([`${title}: the last events before it failed`, ...trace.lines()].join('\n  '));
}

/** True in a test's last try: what fails now has failed. */
export function isLastTry({ retry = 0, result }: Tried): boolean {
  const allowed = typeof retry === 'number' ? retry : (retry.count ?? 0);
  return (result?.retryCount ?? 0) >= allowed;
}

function isOfCalls(message: AmiMessage): boolean {
  if (message.kind === 'response') return true;
  return message.kind === 'event' && !LEFT_OUT.has(message.name) && /^\w*Channel\d?:/m.test(message.text);
}

function lineOf(message: AmiMessage): string {
  const facts = KEYS.flatMap((key) => {
    const value = message.get(key);
    return value === undefined || value === '' || value === '<unknown>' ? [] : [`${key}=${shortened(value)}`];
  });
  return [message.name, shortened(message.get('Channel') ?? ''), ...facts].filter((part) => part !== '').join(' ');
}

/** On one line whatever it holds, and not longer than a line may be. */
function shortened(value: string): string {
  const printable = value.replace(/[^\x20-\x7e]/g, '?');
  return printable.length <= MAX_VALUE ? printable : `${printable.slice(0, MAX_VALUE)}...`;
}
