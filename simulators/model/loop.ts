import type { Exchange } from './exchange.ts';
import type { Leg } from './leg.ts';

/** How long after the answer a loop is taken out of the call. */
const OPTIMISE_AFTER_MS = 20;

/** Watches for loops whose halves are both in a call of two, and takes them out. */
export function watchLoops(x: Exchange): void {
  let id = 0;
  x.subscribe((event) => {
    if (event.type !== 'bridgeEntered') return;
    for (const leg of event.bridge.legs) {
      const pair = pairOf(leg);
      if (pair && isReady(...pair)) x.after(OPTIMISE_AFTER_MS, () => isReady(...pair) && optimise(x, ...pair, id++));
    }
  });
}

function pairOf(leg: Leg): [Leg, Leg] | undefined {
  if (leg.line.kind !== 'local' || !leg.line.optimise || !leg.other) return undefined;
  return leg.line.half === 1 ? [leg, leg.other] : [leg.other, leg];
}

const isReady = (one: Leg, two: Leg): boolean =>
  !one.ended &&
  !two.ended &&
  !one.staysInCall &&
  [one, two].every((leg) => leg.bridge?.kind === 'basic' && leg.bridge.legs.length === 2);

/** One of the two parties takes the place of the half that the other party is joined with. */
function optimise(x: Exchange, one: Leg, two: Leg, id: number): void {
  const [a, b] = [one.bridge!.peers(one)[0]!, two.bridge!.peers(two)[0]!];
  const called = mover(a, b);
  const source = x.office.loopsMove === 'called' ? called : called === a ? b : a;
  const [kept, left] = source === b ? [one, two] : [two, one];
  const target = kept.bridge!;
  const old = left.bridge!;
  x.emit({ type: 'loopOptimising', one, two, source, id });
  x.leave(source);
  tellThrough(x, one, two);
  x.enter(target, source, kept);
  x.emit({ type: 'loopOptimised', one, two, id });
  left.onUnbridged = undefined;
  x.leave(left);
  x.destroy(old);
  one.other = undefined;
  two.other = undefined;
  x.hangUp(kept, { cause: 16 });
  x.hangUp(left, { cause: 16, requested: true });
}

/** What one half was told of its other side becomes what the other half shows. */
function tellThrough(x: Exchange, one: Leg, two: Leg): void {
  if (!one.run || one.connected.number === null) return;
  x.setCaller(two, one.connected);
  for (const peer of two.bridge?.peers(two) ?? []) x.setConnected(peer, one.connected);
}

/** The party that only was called moves; of two, the younger. */
function mover(a: Leg, b: Leg): Leg {
  if (a.run && !b.run) return b;
  if (b.run && !a.run) return a;
  return a.serial > b.serial ? a : b;
}
