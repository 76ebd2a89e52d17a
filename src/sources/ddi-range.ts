import { type DdiRange, MAX_RANGE, type NumberingPlan, normalise } from '../recognition/index.ts';

/**
 * Reads a range of direct dial-in numbers: two numbers, the second perhaps only its last digits
 * (`+442079460400-499`, `020 7946 0400 - 020 7946 0499`, `+493023125000..23125099`). `undefined` where it is none: an
 * impossible number, the
 * end below the beginning, more than {@link MAX_RANGE} numbers.
 */
export function readRange(text: string, plan: NumberingPlan): DdiRange | undefined {
  // The separator that leaves a valid number before it; dashes also stand within numbers, so the last one is tried
  // first.
  for (const separator of [...text.matchAll(/\s*(?:\.\.+|–|-|\bto\b|\bbis\b|\btot\b)\s*/giu)].reverse()) {
    const from = text.slice(0, separator.index);
    const to = text.slice(separator.index + separator[0].length);
    const range = between(from, to, plan);
    if (range !== undefined) return range;
  }
  return undefined;
}

function between(from: string, to: string, plan: NumberingPlan): DdiRange | undefined {
  const first = e164(from, plan);
  if (first === undefined) return undefined;
  const digits = to.replace(/[^0-9]/g, '');
  if (digits === '' || /[^0-9+\s().-]/.test(to)) return undefined;
  const last = digits.length < 7 && !to.includes('+') ? first.slice(0, -digits.length) + digits : e164(to, plan);
  if (last === undefined || last.length !== first.length) return undefined;
  const size = Number(last.slice(1)) - Number(first.slice(1)) + 1;
  return size >= 1 && size <= MAX_RANGE ? { first, last } : undefined;
}

function e164(text: string, plan: NumberingPlan): string | undefined {
  const number = normalise(text, plan);
  return number.kind === 'e164' && number.valid && number.extension === undefined ? number.e164 : undefined;
}
