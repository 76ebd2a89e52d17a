import { OffhookError } from '../domain/error.ts';

/**
 * A number as people write it, as it is dialled: without spaces, brackets, points and dashes, and without the zero in
 * brackets of `+44 (0)20`. Throws `cli.usage` for what no telephone's keys can write.
 */
export function toDial(text: string): string {
  const dialled = text
    .trim()
    .replace(/^(\+\d[\d\s]*)\(0\)/, '$1')
    .replace(/[\s().\-/\u00a0\u2010-\u2015]/g, '')
    .toUpperCase();
  if (/^\+?[0-9A-D*#]{1,40}$/.test(dialled)) return dialled;
  throw new OffhookError('cli.usage', `${JSON.stringify(text)} cannot be dialled.`, {
    field: 'number',
    remedy: 'Write digits, * and #, with or without a plus before them: +442079460991',
  });
}
