import type { RedirectionParty } from '../../domain/call.ts';
import type { DeviceId, Party } from '../../domain/device.ts';
import { isWithheld, MAX_NAME, shownParty, withheldParty } from '../shared/identity.ts';

/** What an event, or a row of a list, tells of one channel, by the names that events have for it. */
export interface ChannelFacts {
  get(header: string): string | undefined;
}

/** What the switch writes where it knows no name. */
const NO_NAME = new Set(['', 'Outbound Call', 'Inbound Call', 'unknown', '_undef_']);

/** What the switch writes where a caller has sent no number (`SWITCH_DEFAULT_CLID_NUMBER`). */
const NO_NUMBER = '0000000000';

/** A character that a SIP display name has an escape for (RFC 3261 25.1, quoted-pair), which the switch leaves there. */
const QUOTED_PAIR = /\\(["\\])/g;

/** A name as it may be shown: `null` where there is none. The switch repeats the number where a caller sent no name. */
export function nameOf(text: string | undefined, number?: string): string | null {
  const name = (text ?? '').trim();
  return NO_NAME.has(name) || name === number ? null : name.slice(0, MAX_NAME);
}

/**
 * Who is at the other end of a trunk. Whoever calls in is a caller with an id, which may be restricted although it is there
 * (P-Asserted-Identity with Privacy); whoever is called out to is the number that was sent.
 */
export function trunkParty(device: DeviceId, facts: ChannelFacts): Party {
  if (facts.get('Call-Direction') === 'outbound') {
    return shownParty('trunk', device, facts.get('Caller-Destination-Number'), null);
  }
  const sent = facts.get('Caller-Caller-ID-Number');
  const number = sent === NO_NUMBER ? undefined : sent;
  const name = facts.get('Caller-Caller-ID-Name');
  const hidden = facts.get('Caller-Privacy-Hide-Number') === 'true';
  if (hidden || isWithheld(number, name)) return withheldParty(device);
  return shownParty('trunk', device, number, callerName(name, sent, facts));
}

/** The name of whoever calls in. One that is the number was sent by the caller only if the caller's display name says so. */
function callerName(name: string | undefined, number: string | undefined, facts: ChannelFacts): string | null {
  const isSent = name !== undefined && name === facts.get('variable_sip_from_display');
  return nameOf(name?.replace(QUOTED_PAIR, '$1'), isSent ? undefined : number);
}

const REASONS: ReadonlyMap<string, RedirectionParty['reason']> = new Map(
  Object.entries({
    'user-busy': 'busy',
    'no-answer': 'noanswer',
    unconditional: 'unconditional',
    deflection: 'deflected',
    unavailable: 'unavailable',
    'out-of-service': 'unavailable',
  } as const),
);

/** Who forwarded a call before it came in: the first entry of its Diversion header (RFC 5806). */
export function diversion(facts: ChannelFacts): RedirectionParty | undefined {
  const header = facts.get('variable_sip_h_Diversion');
  const user = header === undefined ? undefined : /(?:sips?|tel):([^@;>,\s]{1,128})/i.exec(header)?.[1];
  if (header === undefined || user === undefined) return undefined;
  const reason = REASONS.get(/;\s*reason="?([\w-]+)/i.exec(header)?.[1]?.toLowerCase() ?? '');
  return { number: user, ...(reason === undefined ? {} : { reason }) };
}
