import type { Exchange } from './exchange.ts';
import type { Leg } from './leg.ts';
import { type Routine, until } from './routine.ts';

/** Takes a call that rings at a telephone of the same group. Tells whether there was one. */
export function* pickUpGroup(x: Exchange, leg: Leg): Routine<boolean> {
  const group = groupOf(x, leg.device);
  const inGroup = (target: Leg): boolean => target !== leg && isRinging(target) && groupOf(x, target.device) === group;
  return yield* take(x, leg, x.devices.ringing().find(inGroup), 16);
}

/** Takes the call that rings at one telephone. */
export function* pickUp(x: Exchange, leg: Leg, number: string): Routine<boolean> {
  return yield* take(x, leg, x.devices.legsOf(number).find(isRinging), ANSWERED_ELSEWHERE);
}

/** Q.850. A telephone shows no missed call then. */
const ANSWERED_ELSEWHERE = 26;

function* take(x: Exchange, leg: Leg, target: Leg | undefined, cause: number): Routine<boolean> {
  const { listener } = target ?? {};
  if (!target || !listener) return false;
  x.setConnected(leg, target.connected);
  leg.answeredByService = true;
  x.answer(leg);
  yield* x.pause(20);
  if (target.ended || !target.listener) return false;
  const { dialledBy } = target;
  // What rings the target is told that this leg answered in its place.
  x.emit({ type: 'pickup', leg, target });
  swapInto(x, leg, target, cause);
  if (dialledBy) x.setConnected(dialledBy, leg.caller);
  yield* until<void>(() => () => {});
  return true;
}

/** The picking leg becomes the leg that answered; the other ends as if its caller had gone. */
function swapInto(x: Exchange, leg: Leg, target: Leg, cause: number): void {
  const { dialledBy, listener, place } = target;
  const { run } = leg;
  leg.dialledBy = dialledBy;
  target.listener = undefined;
  const own = leg.place;
  x.step(leg, place, { kind: 'rung', by: 'leg' });
  target.place = own;
  for (const [name, value] of target.variables) leg.variables.set(name, value);
  x.soon(() => {
    leg.run = undefined;
    run?.stop();
    if (target.onPickedUp) target.onPickedUp(leg);
    else listener?.('answered');
    if (cause === ANSWERED_ELSEWHERE) x.emit({ type: 'hangupRequested', leg: target, soft: true, cause: 16 });
    x.hangUp(target, { cause });
  });
}

const isRinging = (leg: Leg): boolean => leg.state === 'ringing' && leg.listener !== undefined;

const groupOf = (x: Exchange, device: string | undefined): string | undefined =>
  device === undefined || !x.office.extensions.has(device)
    ? undefined
    : (x.office.extensions.get(device)?.pickupGroup ?? '1');
