import type { Bridge } from './bridge.ts';
import { dial } from './dial.ts';
import type { ParkedCall } from './events.ts';
import type { Exchange } from './exchange.ts';
import type { Leg } from './leg.ts';
import { type Routine, until } from './routine.ts';

interface Lot {
  readonly bridge: Bridge;
  readonly calls: Map<string, ParkedCall>;
}

const lots = new WeakMap<Exchange, Lot>();

/** The parking lot of an exchange; its bridge is made when it is first needed. */
function lotOf(x: Exchange): Lot {
  let lot = lots.get(x);
  if (!lot) {
    lot = { bridge: x.createBridge('parking', 'default'), calls: new Map() };
    lots.set(x, lot);
  }
  return lot;
}

/** The calls that are parked now. */
export function parkedCalls(x: Exchange): ParkedCall[] {
  return [...(lots.get(x)?.calls.values() ?? [])];
}

/** Parks a leg for a device; the place, or nothing if all are taken. */
export function parkLeg(
  x: Exchange,
  leg: Leg,
  parker: string,
  options: { space?: string | undefined; timeoutMs?: number | undefined } = {},
): string | undefined {
  if (leg.ended || leg.listener) return undefined;
  const lot = lotOf(x);
  const space = options.space ?? freeSpace(x, lot);
  if (space === undefined || lot.calls.has(space)) return undefined;
  const timeoutMs = options.timeoutMs ?? x.office.parking.timeoutSeconds * 1000;
  const parked: ParkedCall = { leg, space, parker, parkedAt: x.clock.now(), timeoutMs };
  lot.calls.set(space, parked);
  const from = x.leave(leg);
  x.emit({ type: 'parked', parked });
  x.enter(lot.bridge, leg);
  x.setMusic(leg, true);
  const { run } = leg;
  leg.run = undefined;
  leg.onUnbridged = undefined;
  run?.stop();
  x.follow(leg, wait(x, lot, parked));
  if (from?.kind === 'basic') announce(x, from);
  return space;
}

/** Parks the leg itself: it dialled the parking extension. */
export function* park(x: Exchange, leg: Leg): Routine {
  x.step(leg, leg.place, { kind: 'park' });
  leg.answeredByService = true;
  x.answer(leg);
  const lot = lotOf(x);
  const space = freeSpace(x, lot);
  if (space === undefined) return;
  const parked: ParkedCall = {
    leg,
    space,
    parker: leg.device ?? '',
    parkedAt: x.clock.now(),
    timeoutMs: x.office.parking.timeoutSeconds * 1000,
  };
  lot.calls.set(space, parked);
  x.emit({ type: 'parked', parked });
  x.enter(lot.bridge, leg);
  x.setMusic(leg, true);
  yield* wait(x, lot, parked);
}

/** Takes the call from a parking place. */
export function* retrieve(x: Exchange, leg: Leg, space: string): Routine {
  leg.answeredByService = true;
  x.answer(leg);
  yield* x.pause(20);
  const lot = lots.get(x);
  const parked = lot?.calls.get(space);
  if (!lot || !parked) return;
  const { leg: parkee } = parked;
  lot.calls.delete(space);
  const bridge = x.createBridge('basic');
  x.setMusic(parkee, false);
  x.emit({ type: 'unparked', parked, retriever: leg });
  x.leave(parkee);
  const run = parkee.run;
  parkee.run = undefined;
  x.enter(bridge, parkee);
  run?.stop();
  x.follow(parkee, x.untilUnbridged(parkee));
  x.enter(bridge, leg);
  x.setConnected(leg, parkee.caller);
  x.setConnected(parkee, leg.caller);
  yield* x.untilUnbridged(leg);
}

/** Waits on the parking place; when time is up the call goes back to who parked it. */
function* wait(x: Exchange, lot: Lot, parked: ParkedCall): Routine {
  const place = { context: 'park-dial', exten: parked.parker, priority: 1, ofDevice: true };
  let back = false;
  try {
    yield* until<void>((resume) => x.after(parked.timeoutMs, () => resume()));
    back = true;
  } finally {
    if (lot.calls.get(parked.space) === parked) {
      lot.calls.delete(parked.space);
      x.setMusic(parked.leg, false);
      x.leave(parked.leg);
      if (back) parked.leg.place = place;
      x.emit({ type: back ? 'parkingTimedOut' : 'parkingAbandoned', parked });
    }
  }
  const targets = [{ kind: 'phone', number: parked.parker }] as const;
  x.step(parked.leg, place, { kind: 'ring', targets, seconds: 10, features: 'none' });
  const { outcome, cause } = yield* dial(x, parked.leg, targets, 10);
  if (outcome === 'answered' || parked.leg.ended) return;
  parked.leg.rangOut = { outcome, cause };
  x.emit({ type: 'rangOut', leg: parked.leg });
}

/** The place is read out to who parked, who is then let go. */
function announce(x: Exchange, bridge: Bridge): void {
  const { announcementMs } = x.office.parking;
  for (const leg of bridge.legs) {
    const letGo = (): void => {
      if (leg.bridge === bridge) x.dissolve(bridge);
    };
    if (announcementMs === 0) x.soon(letGo);
    else x.after(announcementMs, letGo);
  }
}

function freeSpace(x: Exchange, lot: Lot): string | undefined {
  const { first, last } = x.office.parking;
  for (let space = first; space <= last; space++) if (!lot.calls.has(String(space))) return String(space);
  return undefined;
}
