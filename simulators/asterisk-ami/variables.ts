import type { Leg } from '../model/leg.ts';
import { DIAL_STATUS } from './texts.ts';

/** Facts of the model that the dialplan keeps in variables. */
const NAMES: Readonly<Record<string, string>> = { did: 'FROM_DID', pickupMark: 'PICKUPMARK' };
const FACTS = new Map(Object.entries(NAMES).map(([fact, name]) => [name, fact]));

/** The name of a variable of the model in the dialplan. */
export const amiVariable = (name: string): string => NAMES[name] ?? name;

/** The name in the model of a variable of the dialplan. */
export const modelVariable = (name: string): string => FACTS.get(name) ?? name;

/** The value of a channel's variable by its name in the dialplan. */
export function variableOf(leg: Leg, name: string): string | undefined {
  const own = leg.variables.get(modelVariable(name));
  if (own !== undefined || !leg.rangOut) return own;
  if (name === 'DIALSTATUS') return DIAL_STATUS[leg.rangOut.outcome];
  return name === 'HANGUPCAUSE' ? String(leg.rangOut.cause) : undefined;
}
