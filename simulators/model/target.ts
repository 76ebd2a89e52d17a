import type { Exchange } from './exchange.ts';
import { type Identity, type Leg, NOBODY } from './leg.ts';
import type { Ringer } from './step.ts';

/** Whom a leg may ring. */
export type Target =
  | { readonly kind: 'phone'; readonly number: string }
  | { readonly kind: 'trunk'; readonly number: string }
  | {
      readonly kind: 'local';
      readonly exten: string;
      readonly context: string;
      /** Taken out of the call when both its ends are up. @default true */
      readonly optimise?: boolean;
      /** The telephone that sent the call there. */
      readonly deflectedBy?: string | null;
    };

/** Telephones that forward to each other would ring for ever. */
export const MAX_HOPS = 20;

/** Makes the leg to a target; none if the telephone is not there. It does not ring before {@link startTarget}. */
export function makeTarget(x: Exchange, caller: Leg, target: Target, by: Ringer = 'leg'): Leg | undefined {
  if (target.kind === 'phone') return makePhoneLeg(x, caller, target.number, by);
  if (target.kind === 'trunk') return makeTrunkLeg(x, caller, target.number, by);
  return caller.hops < MAX_HOPS ? makeLoop(x, caller, target, by) : undefined;
}

/** Lets the far end of a leg know that it is called; a loop goes into the numbering plan. */
export function startTarget(x: Exchange, leg: Leg) {
  if (leg.line.kind !== 'local') return x.soon(() => offer(x, leg));
  const two = leg.other!;
  two.caller = leg.connected;
  two.connected = leg.caller;
  x.emit({ type: 'callerChanged', leg: two });
  x.emit({ type: 'connectedChanged', leg: two });
  x.emit({ type: 'loopJoined', one: leg, two });
  x.soon(() => !two.ended && x.route(two, two.place.context, two.place.exten));
}

/** Takes a call to the telephone or the person outside. Set by whoever keeps them. */
export type Offer = (leg: Leg) => void;
const offers = new WeakMap<Exchange, Offer>();

/** Says who answers for the far ends of an exchange. */
export function setOffer(x: Exchange, deliver: Offer): void {
  offers.set(x, deliver);
}

/** Delivers a call to its far end. */
export function offer(x: Exchange, leg: Leg): void {
  if (!leg.ended) offers.get(x)?.(leg);
}

let pairs = new WeakMap<Exchange, number>();

/** Makes a loop: two legs joined back to back. */
export function makePair(x: Exchange, by: Leg | undefined, target: Target & { kind: 'local' }): [Leg, Leg] {
  const pair = pairs.get(x) ?? 0;
  pairs = pairs.set(x, pair + 1);
  const line = {
    kind: 'local',
    exten: target.exten,
    context: target.context,
    pair,
    optimise: target.optimise ?? true,
  } as const;
  const place = { context: target.context, exten: target.exten, priority: 1 };
  const one = x.makeLeg({ ...line, half: 1 }, place, { by });
  const two = x.makeLeg({ ...line, half: 2 }, place, { by: by ?? one });
  one.hops = two.hops = (by?.hops ?? 0) + 1;
  one.other = two;
  two.other = one;
  x.emit({ type: 'legCreated', leg: one });
  two.state = 'ring';
  x.emit({ type: 'legCreated', leg: two });
  return [one, two];
}

function makePhoneLeg(x: Exchange, caller: Leg, number: string, by: Ringer): Leg | undefined {
  if (!x.devices.isRegistered(number) || !x.office.extensions.has(number)) return undefined;
  const leg = x.makeLeg(
    { kind: 'phone', number },
    { context: 'internal', exten: 's', priority: 1 },
    { by: caller, caller: x.phoneBook.identity(number) },
  );
  x.emit({ type: 'legCreated', leg });
  if (by === 'queue') return equipForQueue(x, leg, caller);
  x.equip(leg, caller);
  present(x, leg, caller, by, caller.place.exten);
  if (leg.connected.number !== null) x.emit({ type: 'connectedChanged', leg });
  return leg;
}

/** A queue shows the caller first: it is told with the first variable that the leg inherits, or when there is none, last. */
function equipForQueue(x: Exchange, leg: Leg, caller: Leg): Leg {
  leg.connected = shown(caller);
  let told = leg.connected.number === null;
  const tell = (): void => {
    if (!told) x.emit({ type: 'connectedChanged', leg });
    told = true;
  };
  x.equip(leg, caller, tell);
  present(x, leg, caller, 'leg', caller.place.exten);
  leg.step = { kind: 'rung', by: 'queue' };
  tell();
  return leg;
}

function makeTrunkLeg(x: Exchange, caller: Leg, number: string, by: Ringer): Leg {
  const leg = x.makeLeg({ kind: 'trunk' }, { context: 'from-trunk', exten: 's', priority: 1 }, { by: caller });
  leg.dialled = number;
  x.emit({ type: 'legCreated', leg });
  x.equip(leg, caller);
  leg.caller = { number: caller.place.exten, name: caller.connected.name };
  present(x, leg, caller, by, caller.place.exten);
  x.emit({ type: 'callerChanged', leg });
  x.emit({ type: 'connectedChanged', leg });
  return leg;
}

function makeLoop(x: Exchange, caller: Leg, target: Target & { kind: 'local' }, by: Ringer): Leg {
  const [one, two] = makePair(x, caller, target);
  if (by === 'queue') x.setCaller(one, { number: caller.dialled, name: null });
  x.equip(one, caller);
  x.equip(two, caller);
  two.redirection = caller.redirection;
  const given = one.caller.number !== null;
  if (target.deflectedBy !== undefined) {
    x.setCaller(one, { number: target.deflectedBy, name: null });
    present(x, one, caller, by, target.exten);
  } else {
    if (!given) one.caller = { number: caller.place.exten, name: caller.connected.name };
    present(x, one, caller, by, caller.place.exten);
    if (!given) x.emit({ type: 'callerChanged', leg: one });
  }
  x.emit({ type: 'connectedChanged', leg: one });
  return one;
}

/** Shows the caller to the leg that will ring. */
function present(x: Exchange, leg: Leg, caller: Leg, by: Ringer, exten: string): void {
  leg.connected = shown(caller);
  leg.redirection = caller.redirection;
  const ofDevice = caller.place.ofDevice ? { ofDevice: true } : {};
  x.step(leg, { ...leg.place, exten: by === 'queue' ? leg.place.exten : exten, ...ofDevice }, { kind: 'rung', by });
}

const shown = ({ caller }: Leg): Identity => (caller.number === null && caller.name === null ? NOBODY : caller);
