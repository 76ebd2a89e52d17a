import type { BaseLeg, CallsState, Conn } from './calls.ts';
import { change, emit } from './calls.ts';

/** What is kept of the digits that were pressed in a call: the last ones. */
const KEPT_DIGITS = 256;

/** A device pressed keys: those who are connected with it hear them. */
export function pressDigits<L extends BaseLeg<L>>(
  s: CallsState<L>,
  conn: Conn<L>,
  digits: string,
  origin: string,
): void {
  const changes = [change(conn, undefined, { digitsSent: grow(conn.facts.digitsSent, digits) })];
  for (const other of conn.call.conns) {
    if (other === conn || other.state !== 'connected' || other.service) continue;
    changes.push(change(other, undefined, { digitsReceived: grow(other.facts.digitsReceived, digits) }));
  }
  emit(s, 'digitsGenerated', conn.call, changes, { origin });
}

function grow(digits: string | undefined, more: string): string {
  return ((digits ?? '') + more).slice(-KEPT_DIGITS);
}
