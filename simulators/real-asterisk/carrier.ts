import type { Person } from '../scenario/scenario.ts';
import type { Header } from './sip-message.ts';

/** What the carrier sends of a caller. */
export interface Presented {
  readonly number: string;
  readonly name: string;
  /** The URI of From, where it is not made from the number. */
  readonly uri?: string;
  readonly headers: readonly Header[];
}

/** A caller as the carrier presents them: From, P-Asserted-Identity and Privacy (RFC 3325), Diversion (RFC 5806). */
export function presentedBy({ number, name = '', withheld = false, asserted, divertedFrom }: Person): Presented {
  const headers: Header[] = [];
  if (asserted) {
    const display = asserted.name === undefined ? '' : `"${asserted.name.replace(/["\\]/g, '\\$&')}" `;
    headers.push(['P-Asserted-Identity', `${display}<sip:${asserted.number}@127.0.0.2>`]);
    if (withheld) headers.push(['Privacy', 'id']);
  }
  if (divertedFrom !== undefined)
    headers.push(['Diversion', `<sip:${divertedFrom}@127.0.0.2>;reason=unconditional;counter=1`]);
  if (withheld) return { number: 'anonymous', name: 'Anonymous', uri: 'sip:anonymous@anonymous.invalid', headers };
  if (number === null) return { number: '', name, uri: 'sip:127.0.0.2', headers };
  return { number, name, headers };
}
