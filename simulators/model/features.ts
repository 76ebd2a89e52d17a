import { beginConsultation, consultByNumber } from './consultation.ts';
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

/** Listens to the keys that telephones of the office press during a call: `#1`, `*2`, `#72`, `*0`. */
export function watchFeatureCodes(x: Exchange): void {
  const collected = new WeakMap<Leg, Collected>();
  x.subscribe((event) => {
    if (event.type !== 'digit' || event.phase !== 'end' || event.direction !== 'received') return;
    const { leg, digit } = event;
    if (leg.line.kind !== 'phone' || leg.bridge?.kind !== 'basic') return;
    const before = collected.get(leg);
    before?.stop();
    if (!before && digit !== '#' && digit !== '*') return;
    const digits = `${before?.digits ?? ''}${digit}`;
    if (digits === '#72' || digits === '*0') {
      collected.delete(leg);
      x.soon(() => atOnce(x, leg, digits));
      return;
    }
    if (digits === '*2') x.soon(() => beginConsultation(x, leg));
    const isNumber = digits.startsWith('#1') || digits.startsWith('*2');
    const stop = x.after(isNumber ? NUMBER_TIMEOUT_MS : CODE_TIMEOUT_MS, () => {
      collected.delete(leg);
      if (isNumber) withNumber(x, leg, digits);
    });
    collected.set(leg, { digits, stop });
  });
}

function atOnce(x: Exchange, leg: Leg, code: string): void {
  const peer = leg.bridge?.peers(leg)[0];
  if (code === '*0') x.hangUp(leg, { cause: 16 });
  else if (peer) parkLeg(x, peer, leg.device ?? '');
}

function withNumber(x: Exchange, leg: Leg, digits: string): void {
  const number = digits.slice(2);
  if (leg.ended || number === '') return;
  if (digits.startsWith('#1')) blindTransfer(x, leg, number);
  else consultByNumber(x, leg, number, 'internal');
}
