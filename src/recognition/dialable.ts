import { type CountryCode, getCountryCallingCode, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import type { CallableNumber } from '../domain/number.ts';
import { normalise } from './normalise.ts';
import type { NumberingPlan } from './numbering-plan.ts';

/**
 * The digits that a telephone of the site dials to reach a number: the reverse of {@link normalise}. Extensions and own
 * numbers come out as extensions, numbers of the site's country with the national prefix, others with the
 * international one; all outside numbers with the outside-line prefix. Emergency numbers are dialled bare: a PBX must
 * take them so. `null`: there is nothing to dial. An extension behind an outside number is left out: it is dialled
 * after the answer. Never throws; the result holds digits, `*` and `#` only.
 */
export function toDialable(number: CallableNumber | string, plan: NumberingPlan): string | null {
  const target = typeof number === 'string' ? normalise(number, plan) : number;
  switch (target.kind) {
    case 'withheld':
    case 'unavailable':
      return null;
    case 'extension':
      return target.extension;
    case 'shortCode':
      // Feature codes (`*72`) are the PBX's own.
      return target.emergency || /[*#]/.test(target.code) ? target.code : outside(target.code, plan);
    case 'e164':
      return target.internal ?? outside(dialledDigits(target.e164, plan), plan);
  }
}

function outside(digits: string, plan: NumberingPlan): string {
  return (plan.outsideLinePrefix ?? '') + digits;
}

function dialledDigits(e164: string, plan: NumberingPlan): string {
  const digits = e164.slice(1);
  const country = plan.country as CountryCode;
  const phone = parsePhoneNumberFromString(e164);
  if (phone !== undefined && phone.countryCallingCode === getCountryCallingCode(country)) {
    if (plan.nationalPrefix !== undefined) return plan.nationalPrefix + phone.nationalNumber;
    const national = phone.format('NATIONAL', { nationalPrefix: true });
    // One form for all of +1: national formatting drops the 1, and trunks there want it.
    return phone.countryCallingCode === '1' ? digits : national.replace(/[^0-9]/g, '');
  }
  if (plan.internationalPrefix !== undefined) return plan.internationalPrefix + digits;
  const international = phone?.format('IDD', { fromCountry: country })?.replace(/[^0-9]/g, '');
  return international || `00${digits}`;
}
