import { OffhookError } from '../../domain/error.ts';
import type { AmiFields } from './session.ts';

const LOGIN = /^Action: *Login *$/im;
/** Headers of a login whose values nobody may see. */
const SECRET = /^(Secret|Key): *.*$/gim;
const FORBIDDEN = /[\r\n\0]/;

/**
 * Checks an action before any of it is written. Throws `command.invalid-argument`, which names the field, for CR, LF or
 * NUL anywhere (they would begin a second action), and for a header name that is empty, holds a colon or is `Action`. The value is not
 * repeated: it may be a secret.
 */
export function checkAction(action: string, fields: AmiFields): void {
  checkText('Action', action);
  if (action === '') throw invalid('Action', 'is empty');
  for (const [name, value] of Object.entries(fields)) {
    if (name === '' || name.includes(':') || FORBIDDEN.test(name) || /^\s*action\s*$/i.test(name)) {
      throw invalid(JSON.stringify(name), 'cannot be the name of a field');
    }
    for (const one of valuesOf(value)) checkText(name, one);
  }
}

/** An action as it goes on the wire. Its fields must have passed {@link checkAction}. */
export function encodeAction(action: string, id: string, fields: AmiFields): string {
  const lines = [`Action: ${action}`, `ActionID: ${id}`];
  for (const [name, value] of Object.entries(fields)) {
    if (name.toLowerCase() === 'actionid') continue;
    for (const one of valuesOf(value)) lines.push(`${name}: ${one}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** The caller's own ActionID among the fields; `undefined` when there is none. */
export function ownActionId(fields: AmiFields): string | undefined {
  for (const [name, value] of Object.entries(fields)) {
    if (name.toLowerCase() === 'actionid') return String(value);
  }
  return undefined;
}

/** The same text with `***` for the secrets of logins: for recordings. */
export function withoutSecrets(text: string): string {
  return LOGIN.test(text) ? text.replace(SECRET, '$1: ***') : text;
}

/** A field's values as texts. */
export function valuesOf(value: AmiFields[string]): readonly string[] {
  return typeof value === 'object' ? value.map(String) : [String(value)];
}

function checkText(field: string, value: string): void {
  if (FORBIDDEN.test(value)) throw invalid(field, 'must not contain CR, LF or NUL');
}

function invalid(field: string, what: string): OffhookError {
  return new OffhookError('command.invalid-argument', `${field} ${what}`, { field });
}
