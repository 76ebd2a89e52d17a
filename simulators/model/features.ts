import { beginConsultation, consultByNumber, endConsultation } from './consultation.ts';
import type { ModelEvent } from './events.ts';
import type { Exchange } from './exchange.ts';
import type { Leg } from './leg.ts';
import { parkLeg } from './parking.ts';
import { blindTransfer } from './transfer.ts';

/** How long the exchange waits for the next key of a code, and of the number after it. */
const CODE_TIMEOUT_MS = 1000;
const NUMBER_TIMEOUT_MS = 3000;

interface Collected {
  digits: string;
  stop: () => void;
}

/**
 * Listens to the keys that telephones of the office press during a call: `#1`, `*2`, `#72`, `*0`. Keys that belong to no
 * code go to the other party.
 */
export function watchFeatureCodes(x: Exchange): void {
  const collected = new WeakMap<Leg, Collected>();
  x.subscribe((event) => {
    if (event.type !== 'digit' || event.direction !== 'received' || event.queued) return;
    const { leg, digit } = event;
    if (leg.bridge?.kind !== 'basic') return;
    if (!collected.has(leg) && digit !== '#' && digit !== '*') passOn(x, event);
    if (leg.line.kind !== 'phone' || event.phase !== 'end') return;
    const before = collected.get(leg);
    before?.stop();
    if (!before && digit !== '#' && digit !== '*') return;
    const digits = `${before?.digits ?? ''}${digit}`;
    if (digits === '#72' || digits === '*0') {
      collected.delete(leg);
      x.soon(() => atOnce(x, leg, digits));
      return;
    }
    if (digits === '*2' || digits === '#1') x.soon(() => beginConsultation(x, leg));
    const isNumber = digits.startsWith('#1') || digits.startsWith('*2');
    if (isNumber && x.isComplete('internal', digits.slice(2))) {
      collected.delete(leg);
      return x.soon(() => withNumber(x, leg, digits));
    }
    const stop = x.after(isNumber ? NUMBER_TIMEOUT_MS : CODE_TIMEOUT_MS, () => {
      collected.delete(leg);
      if (isNumber) withNumber(x, leg, digits);
    });
    collected.set(leg, { digits, stop });
  });
}

function passOn(x: Exchange, event: ModelEvent & { readonly type: 'digit' }): void {
  for (const peer of event.leg.bridge?.peers(event.leg) ?? []) x.emit({ ...event, leg: peer, direction: 'sent' });
}

function atOnce(x: Exchange, leg: Leg, code: string): void {
  const peer = leg.bridge?.peers(leg)[0];
  if (code === '*0') x.hangUp(leg, { cause: 16 });
  else if (peer) parkLeg(x, peer, leg.device ?? '');
}

function withNumber(x: Exchange, leg: Leg, digits: string): void {
  const number = digits.slice(2);
  if (leg.ended) return;
  if (!x.knows('internal', number)) return void endConsultation(x, leg);
  if (digits.startsWith('#1')) blindTransfer(x, leg, number, 'internal', true);
  else consultByNumber(x, leg, number, 'internal');
}
