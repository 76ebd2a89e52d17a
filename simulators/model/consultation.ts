import type { Bridge } from './bridge.ts';
import type { Exchange } from './exchange.ts';
import type { Leg, LegSignal } from './leg.ts';
import { makePair } from './target.ts';
import { introduce } from './transfer.ts';

/** A device talks to a third party through a loop while the other party of its call waits. */
interface Consultation {
  readonly leg: Leg;
  readonly transferee: Leg;
  readonly one: Leg;
  readonly two: Leg;
  readonly first: Bridge;
  readonly second: Bridge;
}

/** The other party waits; the exchange says that it is on hold, and never that it was taken back. */
export function beginConsultation(x: Exchange, leg: Leg): void {
  const transferee = leg.bridge?.peers(leg)[0];
  if (leg.bridge?.kind !== 'basic' || !transferee || transferee.music) return;
  x.emit({ type: 'held', leg, byExchange: true });
  x.setMusic(transferee, true);
}

/** Nobody is consulted after all: the other party waits no longer. */
export function endConsultation(x: Exchange, leg: Leg): void {
  for (const peer of leg.bridge?.peers(leg) ?? []) x.setMusic(peer, false);
}

/**
 * The exchange itself consults for a device whose telephone keeps its one call: a loop rings the number, and when the
 * device hangs up, the two others are joined. The loop stays in the call. False: there is nobody to wait.
 */
export function consultByNumber(x: Exchange, leg: Leg, exten: string, context: string): boolean {
  const first = leg.bridge;
  const transferee = first?.peers(leg)[0];
  if (first?.kind !== 'basic' || !transferee) return false;
  beginConsultation(x, leg);
  const [one, two] = makePair(x, leg, { kind: 'local', exten, context });
  one.staysInCall = true;
  x.setConnected(one, leg.caller);
  x.equip(one, leg);
  x.equip(two, leg);
  const second = x.createBridge('basic');
  x.setCaller(two, leg.caller);
  x.emit({ type: 'loopJoined', one, two });
  x.enter(second, one);
  x.leave(leg);
  x.enter(second, leg);
  x.setConnected(leg, one.caller);
  const consultation = { leg, transferee, one, two, first, second };
  one.listener = (signal) => onSignal(x, consultation, signal);
  leg.beforeEnd = () => handOver(x, consultation);
  transferee.onLeft = () => fail(x, consultation);
  x.soon(() => !two.ended && x.route(two, context, exten));
  return true;
}

/** How long the exchange takes for a key that a client put among those of a leg. */
const KEY_MS = 62;

/** A consultation that a client asks for: as if the device had pressed the code and the number. */
export function consultByKeys(x: Exchange, leg: Leg, exten: string, context: string): void {
  const keys = [...`*2${exten}`];
  for (const [index, digit] of keys.entries()) {
    x.after(index * KEY_MS, () => {
      if (leg.ended) return;
      x.emit({ type: 'digit', leg, digit, direction: 'received', phase: 'end', durationMs: 0, queued: true });
      if (index === 1) x.soon(() => beginConsultation(x, leg));
      if (index === keys.length - 1) x.soon(() => consultByNumber(x, leg, exten, context));
    });
  }
}

function onSignal(x: Exchange, consultation: Consultation, signal: LegSignal): void {
  const { leg, one, two } = consultation;
  if (signal === 'connected') x.setConnected(leg, two.connected);
  else if (signal === 'ringing') x.emit({ type: 'dialProgress', from: null, to: one });
  else if (signal === 'answered') x.emit({ type: 'dialEnded', from: null, to: one, outcome: 'answered' });
  else if (signal === 'busy' || signal === 'congestion')
    x.emit({ type: 'dialEnded', from: null, to: one, outcome: signal });
  else if (signal === 'ended') takeBack(x, consultation);
  if (signal !== 'ended' && !one.ended) one.listener = (next) => onSignal(x, consultation, next);
}

/** The party that waited has gone before there was an answer: so is the consultation. */
function fail(x: Exchange, { leg, transferee, one, first, second }: Consultation): void {
  transferee.onLeft = undefined;
  if (!transferee.ended || one.state === 'up' || one.ended || leg.bridge !== second) return;
  leg.beforeEnd = undefined;
  one.listener = undefined;
  x.emit({ type: 'transferFailed', leg, first, second, target: one });
  x.soon(() => {
    x.leave(one);
    x.hangUp(one, { cause: 16 });
    x.unbridge(leg);
    x.hangUp(leg, { cause: 16 });
  });
}

/** The third party is gone: the device has its call back. */
function takeBack(x: Exchange, { leg, transferee, first, second }: Consultation): void {
  leg.beforeEnd = undefined;
  transferee.onLeft = undefined;
  if (leg.ended || leg.bridge !== second || transferee.bridge !== first) return;
  x.leave(leg);
  x.setMusic(transferee, false);
  x.enter(first, leg);
  x.setConnected(leg, transferee.caller);
}

/** The device hangs up: the party that waited is joined with the third one. */
function handOver(x: Exchange, { leg, transferee, one, two, first, second }: Consultation): void {
  if (transferee.bridge !== first || leg.bridge !== second || one.bridge !== second) return;
  one.listener = undefined;
  transferee.onLeft = undefined;
  x.emit({ type: 'bridgesMerged', into: first, from: second, fromSize: 1 });
  x.leave(leg);
  x.leave(one);
  x.setMusic(transferee, false);
  x.enter(first, one);
  const transferer = {
    first: leg,
    firstBridge: first,
    firstSize: first.size,
    second: leg,
    secondBridge: second,
    secondSize: 0,
  };
  x.emit({ type: 'attendedTransfer', ...transferer, transferee, target: one, into: first });
  introduce(x, one, transferee);
  x.destroy(second);
  x.setCaller(two, transferee.caller);
  for (const peer of two.bridge?.peers(two) ?? []) x.setConnected(peer, transferee.caller);
}
