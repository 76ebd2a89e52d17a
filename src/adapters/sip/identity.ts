import type { RedirectionParty } from '../../domain/call.ts';
import type { DeviceId, Party } from '../../domain/device.ts';
import { isWithheld, MAX_NAME, numberOf, shownParty, withheldParty } from '../shared/identity.ts';
import type { DialogParty } from './dialog-info.ts';
import type { SipMessage } from './message.ts';
import { type NameAddr, nameAddrs, shownName, userOf } from './name-addr.ts';

/** Values of Privacy (RFC 3323, RFC 3325) with which a caller is not to be shown. */
const HIDES = new Set(['id', 'user', 'header', 'full']);

/**
 * Who calls, as it may be shown: P-Asserted-Identity, else Remote-Party-ID, else From. An anonymous From, or Privacy, hides what
 * the network asserts.
 */
export function callerOf(message: SipMessage, device: DeviceId): Party {
  const [from] = nameAddrs(message.all('from'));
  const asserted = nameAddrs(message.all('p-asserted-identity'));
  const [remote] = nameAddrs(message.all('remote-party-id'));
  const hides = message
    .all('privacy')
    .some((value) => value.split(/[;,\s]+/).some((each) => HIDES.has(each.toLowerCase())));
  const isHidden = hides || isAnonymous(from) || /;\s*privacy\s*=\s*"?(?:full|uri)/i.test(remote?.parameters ?? '');
  if (isHidden) return withheldParty(device);
  const best = asserted[0] ?? remote ?? from;
  const number = userOf(asserted.find((each) => /^tel:/i.test(each.uri))?.uri ?? best?.uri ?? '');
  return partyOf(device, number, best?.display || from?.display || '');
}

/** Who the other end of a dialog is; `undefined` where the notifier does not tell. */
export function dialogParty({ identity, display = '' }: DialogParty, device: DeviceId): Party | undefined {
  if (identity === undefined) return undefined;
  const [address] = nameAddrs([identity]);
  if (address === undefined) return undefined;
  if (isAnonymous(address)) return withheldParty(device);
  return partyOf(device, userOf(address.uri), shownName(display) || address.display);
}

/** A party of a number and a name. */
export function partyOf(device: DeviceId, number: string, display: string): Party {
  if (isWithheld(number, display)) return withheldParty(device);
  const shown = numberOf(number);
  const name = display === '' || display === number ? null : display.slice(0, MAX_NAME);
  // A station's own device is told by its own line alone: this party is no line.
  return isExternal(number)
    ? shownParty('trunk', device, shown ?? undefined, name)
    : shownParty('station', null, shown ?? undefined, name);
}

/** SIP does not tell an extension from an outside number: what is longer than six digits, or global, is outside. */
function isExternal(number: string): boolean {
  return number === '' || number.startsWith('+') || /^[*#]?\d{7,}$/.test(number);
}

function isAnonymous(address: NameAddr | undefined): boolean {
  return (
    address !== undefined &&
    (/@anonymous\.invalid\b/i.test(address.uri) || isWithheld(userOf(address.uri), address.display))
  );
}

const DIVERSIONS: ReadonlyMap<string, RedirectionParty['reason']> = new Map(
  Object.entries({
    'user-busy': 'busy',
    'no-answer': 'noanswer',
    unconditional: 'unconditional',
    deflection: 'deflected',
    unavailable: 'unavailable',
    'out-of-service': 'unavailable',
    // The cause parameter of History-Info (RFC 4458).
    '302': 'unconditional',
    '404': 'unavailable',
    '408': 'noanswer',
    '480': 'deflected',
    '486': 'busy',
    '503': 'unavailable',
  } as const),
);

/** Who sent the call on before it came here: the first entry of Diversion (RFC 5806), or the last but one of History-Info. */
export function diversionOf(message: SipMessage): RedirectionParty | undefined {
  const [diversion] = nameAddrs(message.all('diversion'));
  if (diversion !== undefined) {
    if (/;\s*privacy\s*=\s*"?(?:full|uri)/i.test(diversion.parameters)) return { number: null };
    return redirection(diversion, /;\s*reason\s*=\s*"?([\w-]+)/i.exec(diversion.parameters)?.[1]);
  }
  const history = nameAddrs(message.all('history-info'));
  const last = history.at(-1);
  const from = history.at(-2);
  const cause = /[;?&]cause=(\d{3})/i.exec(last?.uri ?? '')?.[1];
  return from === undefined || cause === undefined ? undefined : redirection(from, cause);
}

function redirection(address: NameAddr, reason: string | undefined): RedirectionParty | undefined {
  const number = numberOf(userOf(address.uri));
  if (number === null) return undefined;
  if (isAnonymous(address)) return { number: null };
  const meant = DIVERSIONS.get(reason?.toLowerCase() ?? '');
  const name = address.display === '' ? {} : { name: address.display.slice(0, MAX_NAME) };
  return { number, ...name, ...(meant === undefined ? {} : { reason: meant }) };
}
