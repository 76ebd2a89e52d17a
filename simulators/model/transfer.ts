import type { Bridge } from './bridge.ts';
import { dialledFor, isDialling, takeOverDialling } from './dial.ts';
import type { ModelEvent } from './events.ts';
import type { Exchange } from './exchange.ts';
import type { Leg } from './leg.ts';
import { parkLeg } from './parking.ts';

/** Gives the other party of a leg's call away to a number. False: there is no other party. */
export function blindTransfer(x: Exchange, leg: Leg, exten: string, context = 'internal', byKeys = false): boolean {
  const { bridge } = leg;
  const transferee = bridge?.kind === 'basic' ? bridge.peers(leg)[0] : undefined;
  if (!bridge || !transferee) return false;
  retrieveHeld(x, leg, true);
  x.setMusic(transferee, false);
  x.emit({ type: 'blindTransfer', transferer: leg, transferee, bridge, context, exten, byKeys });
  if (exten === x.office.parking.exten) return parkLeg(x, transferee, leg.device ?? '') !== undefined;
  x.divert(transferee, context, exten);
  return true;
}

/**
 * Joins the parties of two calls of the same device, which leaves both; if the second still rings, it rings for the
 * party of the first from now on. False: one of them has no other party.
 */
export function attendedTransfer(x: Exchange, first: Leg, second: Leg): boolean {
  if (!second.bridge) return transferWhileRinging(x, first, second);
  const firstBridge = first.bridge;
  const secondBridge = second.bridge;
  const transferee = firstBridge?.peers(first)[0];
  const target = secondBridge?.peers(second)[0];
  if (!firstBridge || !secondBridge || !transferee || !target) return false;
  if (firstBridge === secondBridge || firstBridge.kind !== 'basic' || secondBridge.kind !== 'basic') return false;
  retrieveHeld(x, first, true);
  retrieveHeld(x, second, true);
  const sizes = { firstSize: firstBridge.size, secondSize: secondBridge.size };
  const { linked } = target;
  second.onUnbridged = undefined;
  x.leave(transferee);
  x.enter(secondBridge, transferee, second);
  x.emit({ type: 'hangupRequested', leg: second, soft: true, cause: 1 });
  tellAttended(x, linked, {
    type: 'attendedTransfer',
    first,
    firstBridge,
    second,
    secondBridge,
    ...sizes,
    transferee,
    target,
    into: secondBridge,
  });
  introduce(x, transferee, target);
  endTransferer(x, first, firstBridge);
  x.hangUp(second, { cause: 16 });
  return true;
}

/** The party of the first call takes the place of the device in the second, which nobody has answered yet. */
function transferWhileRinging(x: Exchange, first: Leg, second: Leg): boolean {
  const { bridge } = first;
  const transferee = bridge?.kind === 'basic' ? bridge.peers(first)[0] : undefined;
  if (!bridge || !transferee || !isDialling(second)) return false;
  retrieveHeld(x, first, true);
  x.emit({ type: 'transferWhileRinging', first, bridge, second, transferee });
  const ringing = second.connected;
  transferee.answeredByService = true;
  if (!takeOverDialling(x, second, transferee)) return false;
  x.setConnected(transferee, ringing);
  for (const leg of dialledFor(transferee)) x.setConnected(leg, transferee.caller);
  x.hangUp(second, { cause: 16 });
  return true;
}

/** The call is taken back from hold, which the exchange says even if it was not held. */
export function retrieveHeld(x: Exchange, leg: Leg, always = false): void {
  if (leg.holding || always) x.emit({ type: 'retrieved', leg });
  if (!leg.holding) return;
  leg.holding = false;
  for (const peer of leg.bridge?.peers(leg) ?? []) x.setMusic(peer, false);
  for (const peer of leg.bridge?.peers(leg) ?? []) x.devices.refresh(peer.device);
}

/** Puts the other party on hold. */
export function hold(x: Exchange, leg: Leg): void {
  if (leg.holding || !leg.bridge) return;
  leg.holding = true;
  x.emit({ type: 'held', leg });
  for (const peer of leg.bridge.peers(leg)) x.setMusic(peer, true);
  for (const peer of leg.bridge?.peers(leg) ?? []) x.devices.refresh(peer.device);
}

/** Two parties who did not know of each other are shown each other. */
export function introduce(x: Exchange, a: Leg, b: Leg): void {
  x.setConnected(a, b.caller);
  x.setConnected(b, a.caller);
}

/** Takes two legs out of what they do and joins them. What each did goes on when they part. */
export function joinLegs(x: Exchange, a: Leg, b: Leg): void {
  const joined = x.createBridge('basic');
  for (const leg of [a, b]) {
    const { run } = leg;
    leg.run = undefined;
    leg.onUnbridged = undefined;
    x.unbridge(leg);
    run?.stop();
    // It is to go on after the step that it was taken out of.
    if (run && leg.step?.kind !== 'ring') leg.place = { ...leg.place, priority: leg.place.priority + 1 };
    x.enter(joined, leg);
    if (run) x.follow(leg, x.untilUnbridged(leg));
  }
  introduce(x, a, b);
}

function endTransferer(x: Exchange, first: Leg, bridge: Bridge): void {
  first.onUnbridged = undefined;
  x.leave(first);
  x.destroy(bridge);
  x.hangUp(first, { cause: 16 });
}

/** The target is told with the calls that it belonged to before. */
function tellAttended(x: Exchange, linked: Leg, event: ModelEvent & { readonly type: 'attendedTransfer' }): void {
  const { target } = event;
  const merged = target.linked;
  target.linked = linked;
  x.emit(event);
  target.linked = merged;
}
