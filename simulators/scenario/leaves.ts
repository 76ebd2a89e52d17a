import { z } from 'zod';
import { parseTime, TIME_FORM } from './time-words.ts';
import { isDialled, isName } from './words.ts';

// Every scalar of a scenario is a text when it is looked at; an editor may take one for a number or a boolean.
const NUMBER_LIKE = { type: ['string', 'integer'] };

/** One line of text. */
export function line(max = 500) {
  return z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(max, `has at most ${max} characters`)
    .regex(/^[^\r\n\0]*$/, 'is one line');
}

/** A text of which an editor may think that it is a number. */
export function digits(pattern: RegExp, message: string) {
  return z.string().regex(pattern, message).meta(NUMBER_LIKE);
}

/** A number as it is dialled. */
export const dialled = z
  .string()
  .refine(isDialled, 'is no number that can be dialled')
  .meta({ ...NUMBER_LIKE, description: 'A number as it is dialled.' });

/** The name of a call, a person or a mark. */
export const name = z.string().refine(isName, 'is no name: letters, digits and hyphens, a letter first');

/** The number of a telephone of the office. */
export const lineNumber = digits(/^[1-9][0-9]{1,7}$/, 'is no telephone: two to eight digits');

/** Last digits from outside. */
export const did = digits(/^[0-9]{1,8}$/, 'must be digits');

/** `300 ms`, `2 s`, `1.5 s`, `1 min`, or a number of milliseconds. */
export const time = z
  .string()
  .transform((text, context) => {
    const ms = parseTime(text);
    if (ms === undefined) context.addIssue({ code: 'custom', message: `is no time: ${TIME_FORM}` });
    return ms ?? 0;
  })
  .meta({ type: ['string', 'integer'], description: `A time: ${TIME_FORM}; a bare number is milliseconds.` });

/** `true` or `false`. */
export const flag = z
  .enum(['true', 'false'])
  .transform((text) => text === 'true')
  .meta({ type: 'boolean', enum: [true, false] });

/** A whole number. */
export function integer(min: number, max: number) {
  return z
    .string()
    .transform((text, context) => {
      const value = /^[0-9]{1,9}$/.test(text) ? Number(text) : Number.NaN;
      if (value >= min && value <= max) return value;
      context.addIssue({ code: 'custom', message: `must be a whole number from ${min} to ${max}` });
      return min;
    })
    .meta({ type: 'integer', minimum: min, maximum: max });
}
