import type { Call, Connection, LineCall } from '../../domain/call.ts';
import type { EventCause } from '../../domain/cause.ts';
import { lineCallOf } from '../../domain/line-call.ts';
import { isWaiting, LOOKS, type Look, waitingPlace } from './line-view.ts';
import { duration, sanitise } from './text.ts';
import { type Who, whoIs, whoOf } from './who.ts';

/** One thing that happened, as a person would tell it. */
export interface Tale {
  readonly time: number;
  /** Whose phone; a queue's name where it is nobody's. */
  readonly device: string;
  readonly look: Look;
  /** `rings: Carol Customer, Customer & Sons Ltd (exact match)`. */
  readonly text: string;
  readonly missed?: boolean;
  /** What the tale is about: one part of one call in one state. */
  readonly key?: string;
  /** True: tells the same as the latest one with this key, which did not know yet who it was; takes its place. */
  readonly better?: true;
}

interface Known {
  readonly state: Connection['state'];
  readonly remoteState: LineCall['remoteState'];
  readonly who: string;
  readonly pending: boolean;
}

/** How many connections are remembered; calls that were never seen to end must not fill the memory. */
const MEMORY = 2_000;

/** Tells what happened from how calls looked before and after. */
export class Storyteller {
  readonly #known = new Map<string, Known>();
  readonly #isLine: (device: string) => boolean;

  constructor(isLine: (device: string) => boolean) {
    this.#isLine = isLine;
  }

  /** Remembers how things are without telling it: what was there before we came. */
  learn(call: Call): void {
    for (const view of this.#views(call)) this.#remember(view.id, knownOf(view));
  }

  /** What is new about a call. */
  tell(call: Call, time: number): Tale[] {
    const tales: Tale[] = [];
    for (const view of this.#views(call)) {
      const before = this.#known.get(view.id);
      const now = knownOf(view);
      if (view.state === 'null') this.#known.delete(view.id);
      else this.#remember(view.id, now);
      if (before === undefined && view.state === 'null') continue;
      const tale = this.#isLine(view.device) ? taleOf(view, before, now) : queueTale(view, before);
      if (tale !== undefined)
        tales.push({
          time,
          device: sanitise(view.device),
          key: `${view.id} ${view.state} ${view.remoteState}`,
          ...tale,
        });
    }
    return tales;
  }

  *#views(call: Call): Generator<LineCall> {
    for (const { id, device, party } of call.connections) {
      const view = lineCallOf(call, id);
      if (view !== undefined && (this.#isLine(device) || party.category === 'trunk')) yield view;
    }
  }

  #remember(id: string, known: Known): void {
    this.#known.delete(id);
    this.#known.set(id, known);
    if (this.#known.size <= MEMORY) return;
    const oldest = this.#known.keys().next().value;
    if (oldest !== undefined) this.#known.delete(oldest);
  }
}

type Told = Omit<Tale, 'time' | 'device'> & { readonly device?: string };

function knownOf(view: LineCall): Known {
  const who = whoOf(view);
  return { state: view.state, remoteState: view.remoteState, who: who.name, pending: who.pending };
}

function taleOf(view: LineCall, before: Known | undefined, now: Known): Told | undefined {
  const who = whoOf(view);
  if (before?.state !== view.state) return stateTale(view, before, who);
  if (before.who !== now.who && now.who !== '') return otherTale(view, before, who);
  if (view.state !== 'connected' || before.remoteState === view.remoteState) return undefined;
  return remoteTale(view, before, who);
}

function stateTale(view: LineCall, before: Known | undefined, who: Who): Told | undefined {
  switch (view.state) {
    case 'alerting':
      return { look: LOOKS.ringing, text: `rings: ${introduce(who)}${via(view)}` };
    case 'initiated':
      if (view.prompted === true || view.originated === true)
        return { look: LOOKS.dialling, text: 'is asked to lift the handset' };
      return { look: LOOKS.dialling, text: `dials ${sanitise(view.dialled ?? '…')}` };
    case 'hold':
      return { look: LOOKS.holding, text: `puts ${who.name} on hold` };
    case 'null':
      return endTale(view, before?.who ?? who.name, who);
    case 'fail':
      // A phone that refuses is about to be told as missed or as done.
      if (view.direction === 'in') return undefined;
      return { look: LOOKS.failed, text: `${who.name}: ${failure(view.cause)}` };
    case 'connected':
      if (before?.state === 'hold') return { look: LOOKS.talking, text: `takes ${who.name} back` };
      if (before?.state === 'alerting') return { look: LOOKS.talking, text: `answers ${who.name}` };
      if (who.name === '') return undefined;
      if (view.remoteState === 'connected') return { look: LOOKS.talking, text: `talks to ${introduce(who)}` };
      return { look: LOOKS.calling, text: `calls ${introduce(who)}` };
    default:
      return undefined;
  }
}

function otherTale(view: LineCall, before: Known, who: Who): Told | undefined {
  if (before.pending && before.remoteState === view.remoteState) {
    const first = stateTale(view, undefined, who);
    return first === undefined ? undefined : { ...first, better: true };
  }
  if (view.state === 'initiated' && !who.known) return undefined;
  if (view.state === 'alerting') return { look: LOOKS.ringing, text: `rings: ${introduce(who)}${via(view)}` };
  if (view.state !== 'connected' && view.state !== 'hold') return undefined;
  if (view.remoteState !== 'connected') return remoteTale(view, before, who);
  return { look: LOOKS.talking, text: `now talks to ${introduce(who)}${via(view)}` };
}

function remoteTale(view: LineCall, before: Known, who: Who): Told | undefined {
  if (view.remoteState === 'hold') return { look: LOOKS.held, text: `is put on hold by ${who.name}` };
  if (view.remoteState === 'alerting') return { look: LOOKS.calling, text: `calls ${introduce(who)}` };
  if (view.remoteState !== 'connected') return undefined;
  if (before.remoteState === 'hold') return { look: LOOKS.talking, text: `is taken back by ${who.name}` };
  return { look: LOOKS.talking, text: `is answered by ${who.name}` };
}

/** `name`: who it was before the end; a transfer may have put somebody else in that place. */
function endTale(view: LineCall, name: string, who: Who): Told {
  if (view.missed === true) return { look: LOOKS.failed, text: `missed ${introduce(who)}`, missed: true };
  if (view.answeredAt === undefined && view.direction === 'in') {
    return { look: LOOKS.idle, text: `stops ringing: ${notAnswered(view)}` };
  }
  if (view.answeredAt === undefined) return { look: LOOKS.idle, text: `${name}: ${failure(view.cause)}` };
  if (view.transferredTo?.number != null) {
    return { look: LOOKS.idle, text: `hands ${name} over to ${sanitise(view.transferredTo.number)}` };
  }
  const length = duration((view.endedAt ?? view.since) - view.answeredAt);
  return { look: LOOKS.idle, text: `ends with ${name} after ${length}` };
}

/** A caller from outside who waits is nobody's call yet. */
function queueTale(view: LineCall, before: Known | undefined): Told | undefined {
  const waited = before?.state === 'connected' && before.remoteState === 'queued';
  const caller = whoIs(view.party, view.recognition);
  const device = waitingPlace(view);
  if (isWaiting(view)) return waited ? undefined : { device, look: LOOKS.waiting, text: `${introduce(caller)} waits` };
  if (!waited || view.state !== 'null') return undefined;
  return { device, look: LOOKS.failed, text: `${caller.name} gives up waiting` };
}

function introduce(who: Who): string {
  const number = who.known || who.number === '' ? '' : ` ${who.number}`;
  return `${full(who)}${number}${who.why === '' || who.pending ? '' : ` (${who.why})`}`;
}

/** `Carol Customer, Customer & Sons Ltd`. */
function full({ name, organisation }: Who): string {
  return organisation === '' ? name : `${name}, ${organisation}`;
}

function via(view: LineCall): string {
  if (view.queue !== undefined) return sanitise(`, queue ${view.queue}`);
  if (view.transferredBy?.number != null) return sanitise(`, transferred by ${view.transferredBy.number}`);
  if (view.divertedFrom?.number != null) return sanitise(`, for ${view.divertedFrom.number}`);
  return view.group === undefined ? '' : sanitise(`, group ${view.group}`);
}

function notAnswered(view: LineCall): string {
  if (view.divertedTo?.number != null) return sanitise(`goes to ${view.divertedTo.number}`);
  if (view.pickedUpBy?.number != null) return sanitise(`picked up by ${view.pickedUpBy.number}`);
  return failure(view.cause);
}

const FAILURES: Readonly<Partial<Record<EventCause, string>>> = {
  busy: 'busy',
  callNotAnswered: 'no answer',
  timeout: 'no answer',
  callCancelled: 'given up',
  'x-rejected': 'refused',
  multipleAlerting: 'answered elsewhere',
  callPickup: 'picked up elsewhere',
  numberUnallocated: 'no such number',
  destNotObtainable: 'not reachable',
  destOutOfOrder: 'not reachable',
  networkCongestion: 'no free line',
  trunksBusy: 'no free line',
  normalClearing: 'ended',
  'x-unknown': 'ended while nobody looked',
};

function failure(cause: EventCause | undefined): string {
  return cause === undefined ? 'ended' : (FAILURES[cause] ?? cause);
}
