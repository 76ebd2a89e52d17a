import { isSupportedCountry } from 'libphonenumber-js/max';
import { OffhookError } from '../domain/error.ts';
import type { E164 } from '../domain/number.ts';

/** Numbers of one length, both ends included: `{ from: '1000', to: '1999' }`. Leading zeros count. */
export interface NumberRange {
  readonly from: string;
  readonly to: string;
}

/** The site's own direct dial-in numbers, and how the extension behind one is spelled. */
export interface OwnNumbers {
  readonly from: E164;
  readonly to: E164;
  /**
   * How many of the last digits are dialled through. Absent: the numbers are ours, but no extension follows from them.
   */
  readonly extensionDigits?: number;
  /** Put before those digits: with `10`, `+442079460101` of two digits is extension `1001`. Default: nothing. */
  readonly extensionPrefix?: string;
}

/** Changes a number before it is understood. Prefixes, not patterns: a plan cannot make the program slow. */
export interface RewriteRule {
  /** What the number must begin with, `+` included; empty matches every number. */
  readonly prefix: string;
  /** What stands there instead. */
  readonly replaceWith: string;
  /** The least number of characters for the rule to apply, the prefix included. Default 0. */
  readonly minLength?: number;
  /** The greatest number of characters for the rule to apply, the prefix included. Default 256. */
  readonly maxLength?: number;
}

/** What is peculiar to numbers that come in over one trunk. */
export interface TrunkRules {
  /** The first rule that applies is used; the plan's own `rewrite` is then left out. */
  readonly rewrite?: readonly RewriteRule[];
  /**
   * What digits without any prefix are: `international` for carriers that send E.164 without its plus, `national` for
   * those that drop the trunk zero. Default `auto`: national where that makes a valid number, else international.
   */
  readonly bareDigits?: 'auto' | 'national' | 'international';
  /**
   * True: a tie line to another PBX, whose callers may be extensions. Default false: nobody outside is an extension.
   */
  readonly internal?: boolean;
}

/** How numbers are written and dialled at a site. Only `country` is required. */
export interface NumberingPlan {
  /** ISO 3166-1 alpha-2: `GB`. */
  readonly country: string;
  /** The site's area code without the national prefix, `20` for London: makes sense of numbers dialled locally. */
  readonly areaCode?: string;
  /** Dialled to get an outside line: `9` or `0`. Stripped from what comes in where that makes a valid number. */
  readonly outsideLinePrefix?: string;
  /** Dialled before a country's calling code. Default: the country's own, `00` or `011`. */
  readonly internationalPrefix?: string;
  /** Dialled before an area code. Default: the country's own, `0` or `1`. */
  readonly nationalPrefix?: string;
  /**
   * The extensions of the site. Absent: any two to five digits that do not begin with 0 and are no short code of the
   * country. Empty: none.
   */
  readonly extensions?: readonly NumberRange[];
  /** Further short codes, exactly as dialled. They go before `extensions`. */
  readonly shortCodes?: readonly string[];
  /** The emergency numbers. Default: those of the country, and 112. They go before everything else. */
  readonly emergency?: readonly string[];
  readonly ownNumbers?: readonly OwnNumbers[];
  /** For all trunks that have no rules of their own, and for what users type. */
  readonly rewrite?: readonly RewriteRule[];
  /** By the name of the trunk, as the adapter tells it. */
  readonly trunks?: Readonly<Record<string, TrunkRules>>;
}

/** The longest own range: larger ones are a mistake of a digit. */
const MAX_OWN_RANGE = 100_000;

/**
 * Checks a plan that came from a file or a user.
 * @throws OffhookError `numbering-plan.invalid`, with the path of what is wrong in `field` (`ownNumbers[0].to`).
 */
export function validateNumberingPlan(value: unknown): NumberingPlan {
  const plan = object(value, 'plan');
  onlyKnown(plan, PLAN_FIELDS, '');
  if (typeof plan.country !== 'string' || !isSupportedCountry(plan.country)) {
    fail('country', 'must be an ISO 3166-1 alpha-2 code in capitals, such as GB');
  }
  for (const field of ['areaCode', 'outsideLinePrefix', 'internationalPrefix', 'nationalPrefix'] as const) {
    if (plan[field] !== undefined) text(plan[field], field, /^[0-9*#]{0,8}$/, 'must be at most 8 digits');
  }
  list(plan.extensions, 'extensions', range);
  list(plan.shortCodes, 'shortCodes', shortCode);
  list(plan.emergency, 'emergency', shortCode);
  list(plan.ownNumbers, 'ownNumbers', ownNumbers);
  list(plan.rewrite, 'rewrite', rewriteRule);
  if (plan.trunks !== undefined) {
    for (const [name, rules] of Object.entries(object(plan.trunks, 'trunks'))) trunkRules(rules, `trunks.${name}`);
  }
  return plan as unknown as NumberingPlan;
}

const PLAN_FIELDS = [
  'country',
  'areaCode',
  'outsideLinePrefix',
  'internationalPrefix',
  'nationalPrefix',
  'extensions',
  'shortCodes',
  'emergency',
  'ownNumbers',
  'rewrite',
  'trunks',
];

function range(value: unknown, path: string): void {
  const { from, to } = object(value, path);
  text(from, `${path}.from`, /^[0-9]{1,9}$/, 'must be 1 to 9 digits');
  text(to, `${path}.to`, /^[0-9]{1,9}$/, 'must be 1 to 9 digits');
  if ((from as string).length !== (to as string).length) fail(`${path}.to`, 'must have as many digits as `from`');
  if ((from as string) > (to as string)) fail(`${path}.to`, 'must not be below `from`');
}

function shortCode(value: unknown, path: string): void {
  text(value, path, /^[0-9*#]{1,16}$/, 'must be 1 to 16 digits, * or #');
}

function ownNumbers(value: unknown, path: string): void {
  const own = object(value, path);
  onlyKnown(own, ['from', 'to', 'extensionDigits', 'extensionPrefix'], path);
  text(own.from, `${path}.from`, /^\+[1-9][0-9]{5,14}$/, 'must be a number in E.164 form: +442079460100');
  text(own.to, `${path}.to`, /^\+[1-9][0-9]{5,14}$/, 'must be a number in E.164 form: +442079460199');
  const size = Number(own.to) - Number(own.from);
  if ((own.from as string).length !== (own.to as string).length || size < 0 || size >= MAX_OWN_RANGE) {
    fail(`${path}.to`, `must be a number of the same length, not below \`from\` and within ${MAX_OWN_RANGE} of it`);
  }
  const digits = own.extensionDigits;
  if (digits !== undefined && !(Number.isInteger(digits) && (digits as number) >= 1 && (digits as number) <= 9)) {
    fail(`${path}.extensionDigits`, 'must be a whole number from 1 to 9');
  }
  if (own.extensionPrefix !== undefined) {
    text(own.extensionPrefix, `${path}.extensionPrefix`, /^[0-9]{0,8}$/, 'must be at most 8 digits');
  }
}

function rewriteRule(value: unknown, path: string): void {
  const rule = object(value, path);
  onlyKnown(rule, ['prefix', 'replaceWith', 'minLength', 'maxLength'], path);
  text(rule.prefix, `${path}.prefix`, /^\+?[0-9*#]{0,15}$/, 'must be digits, with or without a plus before them');
  text(rule.replaceWith, `${path}.replaceWith`, /^\+?[0-9*#]{0,15}$/, 'must be digits, with or without a plus');
  for (const field of ['minLength', 'maxLength'] as const) {
    const length = rule[field];
    if (length !== undefined && !(Number.isInteger(length) && (length as number) >= 0)) {
      fail(`${path}.${field}`, 'must be a whole number, not below 0');
    }
  }
}

function trunkRules(value: unknown, path: string): void {
  const rules = object(value, path);
  onlyKnown(rules, ['rewrite', 'bareDigits', 'internal'], path);
  list(rules.rewrite, `${path}.rewrite`, rewriteRule);
  if (!['auto', 'national', 'international', undefined].includes(rules.bareDigits as string | undefined)) {
    fail(`${path}.bareDigits`, 'must be auto, national or international');
  }
  if (rules.internal !== undefined && typeof rules.internal !== 'boolean')
    fail(`${path}.internal`, 'must be a boolean');
}

function list(value: unknown, path: string, each: (entry: unknown, path: string) => void): void {
  if (value === undefined) return;
  if (!Array.isArray(value)) fail(path, 'must be a list');
  for (const [index, entry] of (value as unknown[]).entries()) each(entry, `${path}[${index}]`);
}

function object(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) fail(path, 'must be an object');
  return value as Record<string, unknown>;
}

function text(value: unknown, path: string, pattern: RegExp, rule: string): void {
  if (typeof value !== 'string' || !pattern.test(value)) fail(path, rule);
}

/** A misspelt field would be a rule that silently does nothing. */
function onlyKnown(value: Record<string, unknown>, known: readonly string[], path: string): void {
  for (const field of Object.keys(value)) {
    if (!known.includes(field)) fail(path === '' ? field : `${path}.${field}`, 'is not a field of a numbering plan');
  }
}

function fail(field: string, rule: string): never {
  throw new OffhookError('numbering-plan.invalid', `Numbering plan: ${field} ${rule}.`, { field });
}
