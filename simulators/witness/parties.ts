import type { Exchange } from '../model/exchange.ts';
import type { Leg } from '../model/leg.ts';
import type { ExpectedOther, ExpectedParty } from '../scenario/expectation.ts';
import type { Journeys } from './journey.ts';

/** Who is at the far end of a leg that is no loop, as those who deal with them should see it. */
export function partyOf(x: Exchange, journeys: Journeys, leg: Leg): ExpectedParty {
  if (leg.line.kind === 'phone') return partyAt(x, leg.line.number);
  const { isPlaced, presented } = journeys.of(leg);
  if (isPlaced && presented.withheld) return { number: null, name: null, withheld: true };
  const number = isPlaced ? presented.number : leg.dialled;
  const name = isPlaced ? (presented.ownName ?? presented.name) || null : null;
  const looksInternal = number !== null && x.office.extensions.has(number);
  return { number, name, ...(looksInternal ? { external: true } : {}) };
}

/** Whoever is reached by a number: a telephone of the office with its name, or a number. */
export function partyAt(x: Exchange, number: string): ExpectedParty {
  return { number, name: x.phoneBook.identity(number).name };
}

/** The same for those who took part in a redirection. */
export function otherAt(x: Exchange, number: string, reason?: string): ExpectedOther {
  const { name } = x.phoneBook.identity(number);
  return { number, ...(name === null ? {} : { name }), ...(reason === undefined ? {} : { reason }) };
}

/** A party as one to whom a call went. */
export function otherOf({ number, name }: ExpectedParty): ExpectedOther | undefined {
  if (number === null) return undefined;
  return { number, ...(name == null ? {} : { name }) };
}

/** Whether two parties look the same to a user. */
export function isSameParty(a: ExpectedParty, b: ExpectedParty): boolean {
  return a.number === b.number && (a.withheld ?? false) === (b.withheld ?? false) && a.external === b.external;
}
