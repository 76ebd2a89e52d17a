import type { Exchange } from './exchange.ts';
import { type Leg, NOBODY } from './leg.ts';

/** Whom a leg may ring. */
export type Target =
  | { readonly kind: 'phone'; readonly number: string }
  | { readonly kind: 'trunk'; readonly number: string }
  | { readonly kind: 'local'; readonly exten: string; readonly context: string; readonly optimise?: boolean };

/** What rings a leg: an application of the numbering plan. */
export type DialApplication = 'AppDial' | 'AppQueue' | 'AppDial2';

const OUTGOING = '(Outgoing Line)';

/** Makes the leg to a target; none if the telephone is not there. It does not ring before {@link startTarget}. */
export function makeTarget(
  x: Exchange,
  caller: Leg,
  target: Target,
  app: DialApplication = 'AppDial',
): Leg | undefined {
  if (target.kind === 'phone') return makePhoneLeg(x, caller, target.number, app);
  return target.kind === 'trunk' ? makeTrunkLeg(x, caller, target.number, app) : makeLoop(x, caller, target, app);
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

/** The name of a target as its line knows it. */
export function nameOf(leg: Leg): string {
  if (leg.line.kind === 'phone') return leg.line.number;
  return leg.line.kind === 'trunk' ? `${leg.dialled}@trunk` : leg.line.route;
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
    route: `${target.exten}@${target.context}`,
    pair,
    optimise: target.optimise ?? true,
  } as const;
  const place = { context: target.context, exten: target.exten, priority: 1 };
  const one = x.makeLeg({ ...line, half: 1 }, place, { by });
  const two = x.makeLeg({ ...line, half: 2 }, place, { by: by ?? one });
  one.other = two;
  two.other = one;
  x.emit({ type: 'legCreated', leg: one });
  two.state = 'ring';
  x.emit({ type: 'legCreated', leg: two });
  return [one, two];
}

function makePhoneLeg(x: Exchange, caller: Leg, number: string, app: DialApplication): Leg | undefined {
  if (!x.devices.isRegistered(number) || !x.office.extensions.has(number)) return undefined;
  const leg = x.makeLeg(
    { kind: 'phone', number },
    { context: 'internal', exten: 's', priority: 1 },
    { by: caller, caller: x.phoneBook.identity(number) },
  );
  x.emit({ type: 'legCreated', leg });
  x.equip(leg, caller);
  present(x, leg, caller, app, caller.place.exten);
  if (leg.connected.number !== null) x.emit({ type: 'connectedChanged', leg });
  return leg;
}

function makeTrunkLeg(x: Exchange, caller: Leg, number: string, app: DialApplication): Leg {
  const leg = x.makeLeg({ kind: 'trunk' }, { context: 'from-trunk', exten: 's', priority: 1 }, { by: caller });
  leg.dialled = number;
  x.emit({ type: 'legCreated', leg });
  x.equip(leg, caller);
  leg.caller = { number: caller.place.exten, name: caller.connected.name };
  present(x, leg, caller, app, caller.place.exten);
  x.emit({ type: 'callerChanged', leg });
  x.emit({ type: 'connectedChanged', leg });
  return leg;
}

function makeLoop(x: Exchange, caller: Leg, target: Target & { kind: 'local' }, app: DialApplication): Leg {
  const [one, two] = makePair(x, caller, target);
  if (app === 'AppQueue') x.setCaller(one, { number: caller.dialled, name: null });
  x.equip(one, caller);
  x.equip(two, caller);
  two.redirection = caller.redirection;
  const given = one.caller.number !== null;
  if (!given) one.caller = { number: caller.place.exten, name: caller.connected.name };
  present(x, one, caller, app, caller.place.exten);
  if (!given) x.emit({ type: 'callerChanged', leg: one });
  x.emit({ type: 'connectedChanged', leg: one });
  return one;
}

/** Shows the caller to the leg that will ring. */
function present(x: Exchange, leg: Leg, caller: Leg, app: DialApplication, exten: string): void {
  leg.connected = caller.caller.number === null && caller.caller.name === null ? NOBODY : caller.caller;
  leg.redirection = caller.redirection;
  x.step(leg, { ...leg.place, exten: app === 'AppQueue' ? leg.place.exten : exten }, app, OUTGOING);
}
