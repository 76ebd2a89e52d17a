import { type CountryCode, type PhoneNumber, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import type { CallableNumber } from '../domain/number.ts';
import type { NumberingPlan, OwnNumbers, RewriteRule } from './numbering-plan.ts';
import { isEmergency, isNamedShortCode, isNationalShortCode } from './short-codes.ts';
import { readSpelling, type Spelling } from './spelling.ts';

/** Where a number came from. */
export interface NormaliseOptions {
  /** The trunk that a call came in over: its rules in `plan.trunks` apply, and its callers are outside. */
  readonly trunk?: string;
  /** True: whoever this is, is no extension of ours, even when he calls himself 1001. Default: true with a `trunk`. */
  readonly outside?: boolean;
}

/** Shorter digits without a plus are never handed to libphonenumber, which makes `+311234` of 1234. */
const MAX_SHORT = 6;
const MAX_E164_DIGITS = 15;
/** Digits without a plus are taken for another country's number from this length on. */
const MIN_BARE_INTERNATIONAL = 11;
/** Local numbers, dialled without an area code, have at most so many digits. */
const MAX_LOCAL = 8;
/** Those of Brazil's mobile telephones have one more: elsewhere so many digits are rather a whole number. */
const MAX_LOCAL_MOBILE = 9;

/**
 * Prefixes that were given up and are in records and switches still. Mexico, August 2019: 01 before an area code, 044 and
 * 045 before a mobile number, and the 1 behind its calling code.
 */
const FORMER_PREFIXES = [{ country: 'MX', callingCode: '52', pattern: /^(?:01|04[45]|1)(?=\d{10}$)/ }] as const;

/**
 * Makes of a string what it is under a site's numbering plan: an E.164 number, an extension, a short code, or the news
 * that there is none. In this order: words for a hidden caller; emergency numbers, extensions and short codes; then
 * libphonenumber, on each reading of the digits that the plan allows, the first valid one winning. Never throws; text
 * of more than 256 characters, and text that is no number, is `unavailable`. Letters are not read as digits.
 */
export function normalise(raw: string, plan: NumberingPlan, options: NormaliseOptions = {}): CallableNumber {
  const spelling = readSpelling(raw);
  if (typeof spelling === 'string') return { kind: spelling, raw };
  const trunk = options.trunk === undefined ? undefined : plan.trunks?.[options.trunk];
  const rewritten = rewrite(spelling, trunk?.rewrite ?? plan.rewrite);
  if (rewritten.digits === '') return { kind: 'unavailable', raw };
  const outside = options.outside ?? (options.trunk !== undefined && trunk?.internal !== true);
  if (!rewritten.plus) {
    const short = readShort(raw, rewritten.digits, plan, outside);
    if (short !== undefined) return short;
  }
  const reading = read(rewritten, plan, trunk?.bareDigits ?? 'auto');
  if (reading === undefined) return { kind: 'unavailable', raw };
  if (reading.kind !== 'e164') return { ...reading, raw };
  return e164(raw, reading.parsed, spelling.extension, plan);
}

/** `valid` is asked once: it costs as much as the parsing. */
interface Parsed {
  readonly phone: PhoneNumber;
  readonly valid: boolean;
}

type Reading =
  | { readonly kind: 'e164'; readonly parsed: Parsed }
  | { readonly kind: 'shortCode'; readonly code: string; readonly emergency: boolean };

function rewrite(spelling: Spelling, rules: readonly RewriteRule[] | undefined): Spelling {
  if (rules === undefined) return spelling;
  const text = spelling.plus ? `+${spelling.digits}` : spelling.digits;
  const rule = rules.find(
    ({ prefix, minLength = 0, maxLength = Number.POSITIVE_INFINITY }) =>
      // A rule for what has no plus must not touch what has one, not even the rule with an empty prefix.
      spelling.plus === prefix.startsWith('+') &&
      text.startsWith(prefix) &&
      text.length >= minLength &&
      text.length <= maxLength,
  );
  if (rule === undefined) return spelling;
  const result = rule.replaceWith + text.slice(rule.prefix.length);
  const digits = result.replace(/^\++/, '');
  return { ...spelling, plus: result.startsWith('+'), digits: digits.replaceAll('+', '') };
}

/** What is judged before libphonenumber sees it. */
function readShort(raw: string, digits: string, plan: NumberingPlan, outside: boolean): CallableNumber | undefined {
  if (isEmergency(digits, plan)) return helpCall(raw, digits);
  if (isNamedShortCode(digits, plan)) return { kind: 'shortCode', raw, code: digits, emergency: false };
  const helpBehindPrefix = emergencyBehindPrefix(digits, plan);
  // Extensions that are only guessed give way to 9911 and 0112; those that the plan names do not.
  if (plan.extensions === undefined && helpBehindPrefix !== undefined) return helpCall(raw, helpBehindPrefix);
  if (!outside && isExtension(digits, plan)) return { kind: 'extension', raw, extension: digits };
  if (helpBehindPrefix !== undefined) return helpCall(raw, helpBehindPrefix);
  // Carriers send a row of zeros for a caller without a number.
  if (/^0+$/.test(digits)) return { kind: 'unavailable', raw };
  if (digits.length > 32) return { kind: 'unavailable', raw };
  if (/[*#]/.test(digits)) return { kind: 'shortCode', raw, code: digits, emergency: false };
  if (isNationalShortCode(digits, plan)) return { kind: 'shortCode', raw, code: digits, emergency: false };
  if (digits.length > MAX_SHORT || readShortAsNumber(digits, plan)) return undefined;
  return { kind: 'shortCode', raw, code: digits, emergency: false };
}

function helpCall(raw: string, code: string): CallableNumber {
  return { kind: 'shortCode', raw, code, emergency: true };
}

function emergencyBehindPrefix(digits: string, plan: NumberingPlan): string | undefined {
  const rest = withoutOutsidePrefix(digits, plan);
  return rest !== undefined && isEmergency(rest, plan) ? rest : undefined;
}

/** Few digits are a number where the site's area code or a national prefix makes a valid one of them. */
function readShortAsNumber(digits: string, plan: NumberingPlan): boolean {
  if (digits.startsWith('0')) return parse(digits, plan)?.valid ?? false;
  return readLocal(digits, plan) !== undefined;
}

function isExtension(digits: string, plan: NumberingPlan): boolean {
  if (plan.extensions === undefined) return /^[1-9][0-9]{1,4}$/.test(digits) && !isNationalShortCode(digits, plan);
  return plan.extensions.some(({ from, to }) => digits.length === from.length && digits >= from && digits <= to);
}

function read(spelling: Spelling, plan: NumberingPlan, bareDigits: 'auto' | 'national' | 'international') {
  if (spelling.context !== undefined && !spelling.plus) {
    const inContext = parseInternational(spelling.context + spelling.digits);
    if (inContext?.valid) return reading(inContext);
  }
  return spelling.plus ? readInternational(spelling.digits, plan) : readDigits(spelling.digits, plan, bareDigits);
}

function readInternational(digits: string, plan: NumberingPlan): Reading | undefined {
  // No calling code begins with 0: `+0044` is a habit of some carriers, `+020` of some users.
  if (digits.startsWith('0')) return readDigits(digits, plan, 'auto');
  return reading(parseInternational(digits));
}

/** Each reading of digits without a plus; the first that is a valid number counts, else the national one. */
function readDigits(
  digits: string,
  plan: NumberingPlan,
  bareDigits: 'auto' | 'national' | 'international',
): Reading | undefined {
  const prefix = plan.internationalPrefix;
  if (prefix !== undefined && prefix !== '' && digits.startsWith(prefix)) {
    const international = parseInternational(digits.slice(prefix.length));
    if (international?.valid) return reading(international);
  }
  const isBare = !digits.startsWith('0');
  if (bareDigits === 'international' && isBare) {
    const international = parseInternational(digits);
    if (international?.valid) return reading(international);
  }
  const mayBeLocal = bareDigits === 'auto' && isBare;
  const local = mayBeLocal ? readLocal(digits, plan) : undefined;
  if (local !== undefined) return reading(local);
  const national = parse(digits, plan);
  if (national?.valid) return reading(national);
  const mobile = mayBeLocal ? readLocal(digits, plan, MAX_LOCAL_MOBILE) : undefined;
  if (mobile !== undefined) return reading(mobile);
  const former = parseFormer(digits, plan.country);
  if (former !== undefined) return reading(former);
  return (
    readBehindOutsidePrefix(digits, plan, bareDigits) ??
    readForeignPrefix(digits) ??
    (isBare && bareDigits !== 'national' ? readBareInternational(digits, national) : undefined) ??
    reading(national)
  );
}

/** Digits dialled within the site's area. Longer than local numbers are, they are rather national without the zero. */
function readLocal(digits: string, plan: NumberingPlan, longest = MAX_LOCAL): Parsed | undefined {
  if (plan.areaCode === undefined || digits.length > longest || digits.length < 5) return undefined;
  const phone = parse((plan.nationalPrefix ?? '') + plan.areaCode + digits, plan);
  return phone?.valid ? phone : undefined;
}

function withoutOutsidePrefix(digits: string, plan: NumberingPlan): string | undefined {
  const prefix = plan.outsideLinePrefix;
  if (prefix === undefined || prefix === '' || !digits.startsWith(prefix)) return undefined;
  return digits.slice(prefix.length);
}

function readBehindOutsidePrefix(
  digits: string,
  plan: NumberingPlan,
  bareDigits: 'auto' | 'national' | 'international',
): Reading | undefined {
  const rest = withoutOutsidePrefix(digits, plan);
  if (rest === undefined || rest === '') return undefined;
  const { outsideLinePrefix: _, ...withoutPrefix } = plan;
  const result = readDigits(rest, withoutPrefix, bareDigits);
  return result?.kind === 'e164' && result.parsed.valid ? result : undefined;
}

/** 00 and 011 mean what they mean elsewhere, where the country at hand has no number of that kind. */
function readForeignPrefix(digits: string): Reading | undefined {
  for (const prefix of ['00', '011']) {
    if (!digits.startsWith(prefix)) continue;
    const phone = parseInternational(digits.slice(prefix.length));
    if (phone?.valid) return reading(phone);
  }
  return undefined;
}

/** E.164 without its plus: plausible where the digits are too many for the country, or far too many for a mistake. */
function readBareInternational(digits: string, national: Parsed | undefined): Reading | undefined {
  const isTooLong = national === undefined || !national.phone.isPossible();
  if (digits.length < (isTooLong ? MIN_BARE_INTERNATIONAL - 1 : MIN_BARE_INTERNATIONAL)) return undefined;
  const phone = parseInternational(digits);
  return phone?.valid ? reading(phone) : undefined;
}

function reading(parsed: Parsed | undefined): Reading | undefined {
  return parsed === undefined ? undefined : { kind: 'e164', parsed };
}

/**
 * `+48 (0)22 …`: people write the zero of their neighbours' plans where theirs has none. libphonenumber drops it
 * where it is the
 * country's own prefix and keeps it where it belongs to the number (Italy); what is left invalid is tried without.
 */
function parseInternational(digits: string): Parsed | undefined {
  const parsed = parse(`+${digits}`);
  if (parsed === undefined || parsed.valid) return parsed;
  const former = parseFormer(parsed.phone.nationalNumber, countryOfCode(parsed.phone.countryCallingCode));
  if (former !== undefined) return former;
  if (!parsed.phone.nationalNumber.startsWith('0')) return parsed;
  const withoutZero = parse(`+${parsed.phone.countryCallingCode}${parsed.phone.nationalNumber.slice(1)}`);
  return withoutZero?.valid ? withoutZero : parsed;
}

/** A number behind a prefix that its country no longer has; `undefined` where it is none. */
function parseFormer(digits: string, country: string | undefined): Parsed | undefined {
  const prefix = FORMER_PREFIXES.find((each) => each.country === country && each.pattern.test(digits));
  if (prefix === undefined) return undefined;
  const parsed = parse(`+${prefix.callingCode}${digits.replace(prefix.pattern, '')}`);
  return parsed?.valid ? parsed : undefined;
}

function countryOfCode(callingCode: string): string | undefined {
  return FORMER_PREFIXES.find((each) => each.callingCode === callingCode)?.country;
}

function parse(text: string, plan?: NumberingPlan): Parsed | undefined {
  try {
    const defaultCountry = plan?.country as CountryCode | undefined;
    const phone = parsePhoneNumberFromString(text, { extract: false, ...(defaultCountry && { defaultCountry }) });
    return phone && { phone, valid: phone.isValid() };
  } catch {
    return undefined;
  }
}

function e164(
  raw: string,
  { phone, valid }: Parsed,
  extension: string | undefined,
  plan: NumberingPlan,
): CallableNumber {
  if (phone.number.length > MAX_E164_DIGITS + 1) return { kind: 'unavailable', raw };
  // An impossible number may lose another digit when it is read again; then it is no identity to search by.
  if (!valid && parse(phone.number)?.phone.number !== phone.number) return { kind: 'unavailable', raw };
  const ext = extension ?? phone.ext;
  return {
    kind: 'e164',
    raw,
    e164: phone.number,
    ...(phone.country !== undefined && { country: phone.country }),
    ...(ext !== undefined && { extension: ext }),
    valid,
    ...own(phone.number, plan.ownNumbers),
  };
}

function own(number: string, ranges: readonly OwnNumbers[] | undefined): { own?: true; internal?: string } {
  const range = ranges?.find(({ from, to }) => number.length === from.length && number >= from && number <= to);
  if (range === undefined) return {};
  if (range.extensionDigits === undefined) return { own: true };
  return { own: true, internal: (range.extensionPrefix ?? '') + number.slice(-range.extensionDigits) };
}
