import type { DeviceCategory, DeviceId, Party } from '../../domain/device.ts';
import { isWithheld, MAX_NAME, shownParty, withheldParty } from '../shared/identity.ts';
import { unescape as unescapeAmi } from './unescape.ts';

/**
 * A header's name, without the escapes that AMI and, before it, chan_pjsip put in: `null` where there is none.
 */
export function nameOf(text: string | undefined): string | null {
  if (text === undefined) return null;
  const value = text.trim();
  if (value === '' || value === '<unknown>') return null;
  const once = unescapeAmi(value);
  return (once.includes('\\') ? unescapeAmi(once) : once).slice(0, MAX_NAME);
}

/** The name in a caller id as it is configured: `"Alice Jansen" <1001>`; `null` where there is none. */
export function nameOfCallerId(text: string | undefined): string | null {
  const name = /^\s*(?:"(?<quoted>(?:[^"\\]|\\.)*)"|(?<plain>[^"<]*?))\s*<[^<>]*>\s*$/s.exec(text ?? '')?.groups;
  return nameOf(name?.['quoted'] ?? name?.['plain']);
}

/** A party of the outside world or of the switch, as it may be shown. */
export function partyOf(
  category: DeviceCategory,
  device: DeviceId | null,
  number: string | undefined,
  name: string | undefined,
): Party {
  if (category === 'trunk' && isWithheld(number, name)) return withheldParty(device);
  return shownParty(category, device, number, nameOf(name));
}
