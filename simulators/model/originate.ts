import type { Exchange } from './exchange.ts';
import { type Identity, type Leg, type LegSignal, NOBODY } from './leg.ts';
import { pickUp } from './pickup.ts';
import type { Routine } from './routine.ts';
import { makePair, nameOf, offer, type Target } from './target.ts';

/** A call that the exchange places by itself: first one end, then, when it answers, the numbering plan. */
export interface Origination {
  readonly target: Target;
  /** Where the leg goes when it is answered; it waits for `waitMs` otherwise. */
  readonly to?: { readonly context: string; readonly exten: string; readonly priority?: number };
  readonly waitMs?: number;
  /** The telephone whose ringing call the leg takes when it is answered. */
  readonly picksUp?: string;
  readonly caller?: Identity;
  readonly timeoutMs?: number;
  readonly requestedId?: string;
  readonly otherRequestedId?: string;
  readonly variables?: Readonly<Record<string, string>>;
}

/** How the first end of an origination took it. */
export type OriginationResult =
  | { readonly ok: true; readonly leg: Leg }
  | { readonly ok: false; readonly why: 'unreachable' | 'rejected' | 'busy' | 'noanswer' };

/** Places a call; tells once how its first end took it. */
export function originate(x: Exchange, origination: Origination, done: (result: OriginationResult) => void) {
  const leg = makeLeg(x, origination);
  if (!leg) return done({ ok: false, why: 'unreachable' });
  const caller = origination.caller ?? NOBODY;
  x.step(leg, leg.place, 'AppDial2', '(Outgoing Line)');
  if (caller.number !== null) {
    x.setCaller(leg, caller);
    x.setConnected(leg, caller);
  }
  const cancel = x.after(origination.timeoutMs ?? 30_000, () => {
    leg.listener = undefined;
    done({ ok: false, why: 'noanswer' });
    const cause = x.causes.originationUnanswered;
    x.hangUp(leg, { cause, status: cause === 19 ? 480 : undefined });
  });
  leg.listener = (signal) => onSignal(x, leg, signal, origination, cancel, done);
  begin(x, leg);
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

function begin(x: Exchange, leg: Leg) {
  const two = leg.other;
  if (!two) {
    x.emit({ type: 'dialBegan', from: null, to: leg, target: nameOf(leg) });
    return x.soon(() => offer(x, leg));
  }
  two.caller = leg.connected;
  two.connected = leg.caller;
  x.emit({ type: 'callerChanged', leg: two });
  x.emit({ type: 'connectedChanged', leg: two });
  x.emit({ type: 'loopJoined', one: leg, two });
  x.emit({ type: 'dialBegan', from: null, to: leg, target: nameOf(leg) });
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
  if (signal !== 'answered' && signal !== 'ended') return;
  cancel();
  leg.listener = undefined;
  if (signal === 'ended') {
    done({ ok: false, why: leg.cause === 17 ? 'busy' : 'rejected' });
    x.emit({ type: 'dialEnded', from: null, to: leg, outcome: leg.cause === 17 ? 'busy' : 'noanswer' });
    return;
  }
  x.emit({ type: 'dialEnded', from: null, to: leg, outcome: 'answered' });
  done({ ok: true, leg });
  x.soon(() => goOn(x, leg, origination));
}

function goOn(x: Exchange, leg: Leg, { to, waitMs, picksUp }: Origination): void {
  if (leg.ended) return;
  if (picksUp !== undefined) x.follow(leg, pickedUp(x, leg, picksUp));
  else if (to) x.route(leg, to.context, to.exten);
  else x.follow(leg, x.pause(waitMs ?? 600_000));
}

function* pickedUp(x: Exchange, leg: Leg, number: string): Routine {
  yield* pickUp(x, leg, number);
}
