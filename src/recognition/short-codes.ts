import type { NumberingPlan } from './numbering-plan.ts';

/** Emergency numbers by country, besides 112, which mobile networks take everywhere. From the national plans. */
const EMERGENCY: Readonly<Record<string, readonly string[]>> = {
  AE: ['997', '998', '999'],
  AR: ['100', '101', '107', '911'],
  AT: ['122', '133', '140', '144'],
  AU: ['000', '106'],
  BE: ['100', '101'],
  BR: ['190', '192', '193'],
  CA: ['911'],
  CH: ['117', '118', '144', '1414'],
  CL: ['131', '132', '133'],
  CN: ['110', '119', '120', '122'],
  CZ: ['150', '155', '156', '158'],
  DE: ['110'],
  ES: ['061', '062', '080', '085', '091', '092'],
  FR: ['15', '17', '18', '114', '115', '119', '191', '196'],
  GB: ['999'],
  GR: ['100', '108', '166', '199'],
  HK: ['999'],
  HR: ['192', '193', '194', '195'],
  HU: ['104', '105', '107'],
  IE: ['999'],
  IL: ['100', '101', '102'],
  IN: ['100', '101', '102', '108'],
  IT: ['113', '115', '118', '1530'],
  JP: ['110', '118', '119'],
  KR: ['119'],
  LU: ['113'],
  MX: ['911'],
  NO: ['110', '113'],
  NZ: ['111'],
  PL: ['997', '998', '999'],
  RU: ['101', '102', '103', '104'],
  SG: ['995', '999'],
  SI: ['113'],
  SK: ['150', '155', '158'],
  TR: ['110', '155', '156'],
  UA: ['101', '102', '103', '104'],
  US: ['911'],
  ZA: ['10111', '10177'],
};

/** Other short codes that a site's extensions are most often mistaken for. Not complete: a plan names its own. */
const SHORT_CODES: Readonly<Record<string, RegExp>> = {
  AT: /^(?:116\d{3}|118\d{3}|11\d{3})$/,
  BE: /^(?:116\d{3}|1[0-9]\d{2}|10[2-9])$/,
  CA: /^(?:[2-8]11|988)$/,
  CH: /^(?:116\d{3}|11[1-9]|143|145|147|18\d{2})$/,
  DE: /^(?:115|116\d{3}|118\d{2,3})$/,
  ES: /^(?:01[0-9]|10\d{2}|116\d{3}|118\d{2})$/,
  FR: /^(?:10\d{2}|116\d{3}|118\d{3}|3[0-9]\d{2})$/,
  GB: /^(?:100|101|105|111|119|123|141|1471|1571|155|159|195|116\d{3}|118\d{3})$/,
  IE: /^(?:116\d{3}|118\d{2}|190[1-9])$/,
  IT: /^(?:1[0-9]{2}|12\d{2}|116\d{3}|15[0-9]{2}|19\d{1,3}|4[0-9]{4})$/,
  NL: /^(?:116\d{3}|14\d{3,4}|18\d{2}|144)$/,
  PL: /^(?:116\d{3}|118\d{3}|19\d{3}|98[1-9]|99[1-6])$/,
  US: /^(?:[2-8]11|988)$/,
};

/** Whether digits, exactly as dialled, call for help under a plan. */
export function isEmergency(digits: string, plan: NumberingPlan): boolean {
  if (plan.emergency !== undefined) return plan.emergency.includes(digits);
  return digits === '112' || (EMERGENCY[plan.country]?.includes(digits) ?? false);
}

/** Whether digits are a short code that the plan names. */
export function isNamedShortCode(digits: string, plan: NumberingPlan): boolean {
  return plan.shortCodes?.includes(digits) ?? false;
}

/** Whether digits are a well-known short code of the plan's country. */
export function isNationalShortCode(digits: string, plan: NumberingPlan): boolean {
  return SHORT_CODES[plan.country]?.test(digits) ?? false;
}
