import type { LineCall } from '../../domain/call.ts';
import type { MatchReason, Recognition, RecognitionHit } from '../../domain/contact.ts';
import type { Party } from '../../domain/device.ts';
import { sanitise } from './text.ts';

/** Who the other side is, in words that are safe on a terminal. */
export interface Who {
  /** The contact's name, else what the PBX says. */
  readonly name: string;
  /** The contact's company, where it is not the name already. */
  readonly organisation: string;
  /** The number, where it is not the name already. */
  readonly number: string;
  /** Why the name is believed: `exact match`. Empty where there is nothing to say. */
  readonly why: string;
  /** True: the name is a contact's. */
  readonly known: boolean;
  /** True: the look-up has not returned. */
  readonly pending: boolean;
}

/** Why a contact is believed to be the party, in words. */
export const REASONS: Readonly<Record<MatchReason, string>> = {
  exact: 'exact match',
  exactWithExtension: 'exact match with extension',
  extension: 'colleague',
  ddiRange: "within the company's range",
  nationalSuffix: 'same national number',
};

/** Who a line talks to. */
export function whoOf(call: Pick<LineCall, 'remote' | 'remoteRecognition' | 'dialled' | 'direction'>): Who {
  const { remote } = call;
  if (remote === null) {
    const dialled = call.direction === 'out' ? (call.dialled ?? '') : '';
    return { name: sanitise(dialled), organisation: '', number: '', why: '', known: false, pending: false };
  }
  return whoIs(remote, call.remoteRecognition);
}

/** Who a party is. */
export function whoIs(party: Party, recognition: Recognition | undefined): Who {
  if (recognition?.status === 'known' && recognition.hits[0] !== undefined) return contactOf(party, recognition.hits);
  return {
    ...asPresented(party),
    organisation: '',
    why: whyNot(party, recognition),
    known: false,
    pending: recognition?.status === 'pending',
  };
}

function contactOf(party: Party, hits: readonly RecognitionHit[]): Who {
  const [first, ...others] = hits as readonly [RecognitionHit, ...RecognitionHit[]];
  const { name, organisation = '' } = first.contact;
  const more = others.length === 0 ? '' : ` or ${others.length} ${others.length === 1 ? 'other' : 'others'}`;
  return {
    name: sanitise(`${name}${more}`),
    organisation: organisation === name ? '' : sanitise(organisation),
    number: sanitise(party.number ?? ''),
    why: others.length === 0 ? REASONS[first.reason] : 'shared number',
    known: true,
    pending: false,
  };
}

function asPresented(party: Party): { name: string; number: string } {
  if (party.presentation === 'restricted') return { name: 'number withheld', number: '' };
  const number = sanitise(party.number ?? '');
  const name = sanitise(party.name ?? '');
  if (party.category === 'queue' || party.category === 'group' || party.category === 'conference') {
    return { name: `${party.category} ${name || number || sanitise(party.device ?? '')}`, number: '' };
  }
  if (name !== '') return { name, number };
  return { name: number === '' ? 'unknown number' : number, number: '' };
}

function whyNot(party: Party, recognition: Recognition | undefined): string {
  if (party.category === 'station' && recognition?.status !== 'pending') return '';
  if (party.presentation !== 'allowed') return '';
  switch (recognition?.status) {
    case 'pending':
      return 'looking up…';
    case 'unknown':
      return 'not in the contacts';
    case 'failed':
      return `look-up failed (${sanitise(recognition.code)})`;
    default:
      return '';
  }
}
