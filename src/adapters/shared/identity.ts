import type { DeviceCategory, DeviceId, Party, Presentation } from '../../domain/device.ts';

/** Longest number and name that are passed on; what a caller can send is not bounded by the switch. */
const MAX_NUMBER = 128;
export const MAX_NAME = 512;

/** What carriers and phones put where a number was withheld. Compared in lower case. */
const WITHHELD = new Set(['anonymous', 'private', 'restricted', 'withheld', 'unavailable-private', 'blocked']);

/** What switches put where there is no number. */
const ABSENT = new Set(['', '<unknown>', 'unknown', 'unavailable', 's']);

/** A header's number: `null` where there is none. */
export function numberOf(text: string | undefined): string | null {
  if (text === undefined) return null;
  const value = text.trim();
  return ABSENT.has(value.toLowerCase()) ? null : value.slice(0, MAX_NUMBER);
}

/** True for the words that stand where a caller's number was withheld. */
export function isWithheld(number: string | undefined, name?: string): boolean {
  if (number !== undefined && WITHHELD.has(number.trim().toLowerCase())) return true;
  return numberOf(number) === null && name !== undefined && WITHHELD.has(name.trim().toLowerCase());
}

/** A party of the outside world or of the switch, as it may be shown. `name`: the text, `null` where there is none. */
export function shownParty(
  category: DeviceCategory,
  device: DeviceId | null,
  number: string | undefined,
  name: string | null,
): Party {
  const shown = numberOf(number);
  const presentation: Presentation = shown === null && category === 'trunk' ? 'unavailable' : 'allowed';
  return { device, category, number: shown, name, presentation };
}

/** A party whose identity must not be shown: restriction wins over anything that arrived with it (RFC 3325 9). */
export function withheldParty(device: DeviceId | null): Party {
  return { device, category: 'trunk', number: null, name: null, presentation: 'restricted' };
}
