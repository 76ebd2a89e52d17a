import type { Exchange } from './exchange.ts';
import { type Identity, type Leg, type LegSignal, NOBODY } from './leg.ts';
import { pickUp } from './pickup.ts';
import type { Routine } from './routine.ts';
import { makePair, offer, type Target } from './target.ts';

/** A call that the exchange places by itself: first one end, then, when it answers, the numbering plan. */
export interface Origination {
  readonly target: Target;
  /** Where the leg goes when it is answered; it waits for `waitMs` otherwise. */
  readonly to?: { readonly context: string; readonly exten: string; readonly priority?: number };
  readonly waitMs?: number;
  /** The telephone whose ringing call the leg takes when it is answered. */
  readonly picksUp?: string;
  /** What the leg does when it is answered, if it goes to no number and picks up no call. */
  readonly does?: (leg: Leg) => Routine;
  readonly caller?: Identity;
  /** The number that its telephone shows while it rings, where that is not the caller's. */
  readonly shown?: string;
  readonly timeoutMs?: number;
  readonly requestedId?: string;
  readonly otherRequestedId?: string;
  readonly variables?: Readonly<Record<string, string>>;
}

/** How the first end of an origination took it. */
export type OriginationResult =
  | { readonly ok: true; readonly leg: Leg }
  | {
      readonly ok: false;
      readonly why: 'unreachable' | 'rejected' | 'busy' | 'noanswer' | 'busyTone' | 'congestionTone';
    };

/** Places a call; tells once how its first end took it. */
export function originate(x: Exchange, origination: Origination, done: (result: OriginationResult) => void) {
  const leg = makeLeg(x, origination);
  if (!leg) return done({ ok: false, why: 'unreachable' });
  leg.goal = origination.to?.exten;
  const caller = origination.caller ?? NOBODY;
  x.step(leg, leg.place, { kind: 'rung', by: 'origination' });
  if (caller.number !== null) {
    x.setCaller(leg, caller);
    x.setConnected(leg, caller);
  }
  if (origination.shown !== undefined) leg.connected = { number: origination.shown, name: null };
  const cancel = x.after(origination.timeoutMs ?? 30_000, () => {
    leg.listener = undefined;
    done({ ok: false, why: 'noanswer' });
    const cause = x.causes.originationUnanswered;
    x.hangUp(leg, { cause, status: cause === 19 ? 480 : undefined });
  });
  leg.listener = (signal) => onSignal(x, leg, signal, origination, cancel, done);
  begin(x, leg, origination.target);
}

function makeLeg(x: Exchange, { target, requestedId, variables }: Origination): Leg | undefined {
  if (target.kind === 'local') return makeLoop(x, target, variables);
  if (target.kind === 'phone' && (!x.office.extensions.has(target.number) || !x.devices.isRegistered(target.number)))
    return undefined;
  const phone = target.kind === 'phone';
  const place = { context: phone ? 'internal' : 'from-trunk', exten: 's', priority: 1 };
  const caller = phone ? x.phoneBook.identity(target.number) : NOBODY;
  const line = phone ? ({ kind: 'phone', number: target.number } as const) : ({ kind: 'trunk' } as const);
  const leg = x.makeLeg(line, place, { caller, requestedId });
  leg.dialled = target.number;
  x.emit({ type: 'legCreated', leg });
  x.equip(leg);
  setAll(x, leg, variables);
  return leg;
}

function makeLoop(x: Exchange, target: Target & { kind: 'local' }, variables: Origination['variables']): Leg {
  const [one, two] = makePair(x, undefined, target);
  setAll(x, one, variables);
  setAll(x, two, variables);
  return one;
}

function begin(x: Exchange, leg: Leg, target: Target) {
  const two = leg.other;
  if (!two) {
    x.emit({ type: 'dialBegan', from: null, to: leg, target, by: 'origination' });
    return x.soon(() => offer(x, leg));
  }
  two.caller = leg.connected;
  two.connected = leg.caller;
  if (two.caller.number !== null) x.emit({ type: 'callerChanged', leg: two });
  if (two.connected.number !== null) x.emit({ type: 'connectedChanged', leg: two });
  x.emit({ type: 'loopJoined', one: leg, two });
  x.emit({ type: 'dialBegan', from: null, to: leg, target, by: 'origination' });
  x.soon(() => !two.ended && x.route(two, two.place.context, two.place.exten));
}

function setAll(x: Exchange, leg: Leg, variables: Origination['variables']): void {
  for (const [name, value] of Object.entries(variables ?? {})) x.setVariable(leg, name, value);
}

function onSignal(
  x: Exchange,
  leg: Leg,
  signal: LegSignal,
  origination: Origination,
  cancel: () => void,
  done: (result: OriginationResult) => void,
): void {
  if (signal === 'ringing') x.emit({ type: 'dialProgress', from: null, to: leg });
  if (signal === 'busy' || signal === 'congestion') return void giveUp(x, leg, signal, cancel, done);
  if (signal !== 'answered' && signal !== 'ended') return;
  cancel();
  leg.listener = undefined;
  if (signal === 'ended') {
    done({ ok: false, why: leg.cause === 17 ? 'busy' : 'rejected' });
    x.emit({ type: 'dialEnded', from: null, to: leg, outcome: leg.cause === 17 ? 'busy' : 'noanswer' });
    return;
  }
  leg.answeredByService = true;
  x.emit({ type: 'dialEnded', from: null, to: leg, outcome: 'answered' });
  done({ ok: true, leg });
  x.soon(() => goOn(x, leg, origination));
}

/** The loop leads to a tone. */
function giveUp(
  x: Exchange,
  leg: Leg,
  outcome: 'busy' | 'congestion',
  cancel: () => void,
  done: (result: OriginationResult) => void,
): void {
  cancel();
  leg.listener = undefined;
  x.emit({ type: 'dialEnded', from: null, to: leg, outcome });
  x.hangUp(leg, { cause: 0 });
  x.soon(() => done({ ok: false, why: outcome === 'busy' ? 'busyTone' : 'congestionTone' }));
}

function goOn(x: Exchange, leg: Leg, { to, waitMs, picksUp, does }: Origination): void {
  if (leg.ended) return;
  if (picksUp !== undefined) x.follow(leg, pickedUp(x, leg, picksUp));
  else if (to) x.route(leg, to.context, to.exten);
  else if (does) x.follow(leg, does(leg));
  else x.follow(leg, x.pause(waitMs ?? 600_000), true);
}

function* pickedUp(x: Exchange, leg: Leg, number: string): Routine {
  yield* pickUp(x, leg, number);
}
