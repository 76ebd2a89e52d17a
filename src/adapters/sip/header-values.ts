import { z } from 'zod';
import { OffhookError } from '../../domain/error.ts';

/** Longest header value that is sent. */
const MAX_VALUE = 2_048;

/** The user part of a SIP URI as a telephone system has it: nothing that would have to be escaped but `#` (RFC 3261 25.1). */
export const userSchema = z
  .string()
  .regex(/^[A-Za-z0-9_.!~*+#-]{1,64}$/, 'must be letters, digits and _ . - + * # ! ~');

/** A host name, an IPv4 address or an IPv6 address in brackets; with a port or without. */
export const hostSchema = z
  .string()
  .max(260)
  .regex(
    /^(?:[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/,
    'must be a host, such as pbx.example.org:5060',
  );

/** Where requests are sent: `sip:host:port;transport=tcp`. */
export const proxySchema = z
  .string()
  .max(300)
  .regex(
    /^sips?:(?:[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?:;transport=(?:udp|tcp|tls|ws|wss))?(?:;lr)?$/,
    'must be a SIP URI without a user, such as sip:pbx.example.org:5060;transport=tcp',
  );

/** User names and passwords for digest: anything on one line. */
export const credentialSchema = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[^\r\n\0"\\]*$/, 'must not hold line breaks, quotes or backslashes');

/**
 * A header's value, checked before it is sent: CR, LF or NUL would begin another header. Throws `command.invalid-argument`. The
 * text is not repeated: it may hold personal data.
 */
export function headerText(value: string): string {
  if (/[\r\n\0]/.test(value) || value.length > MAX_VALUE) {
    throw new OffhookError('command.invalid-argument', 'a header must not contain CR, LF or NUL, nor be very long', {
      field: 'headers',
    });
  }
  return value;
}

/** `sip:user@host`. A number's `#` is escaped (RFC 3261 19.1.2). Throws `command.invalid-argument` where it would be another URI. */
export function sipUri(user: string, host: string): string {
  if (!userSchema.safeParse(user).success) throw refused('user');
  if (!hostSchema.safeParse(host).success) throw refused('host');
  return `sip:${user.replaceAll('#', '%23')}@${host}`;
}

/** `"name" <uri>`; without a name, `<uri>`. Of the name, what could end it or begin a header is left out. */
export function nameAddr(uri: string, name?: string): string {
  const address = `<${headerText(uri).replace(/[<>"\s]/g, '')}>`;
  const shown = (name ?? '')
    .replace(/[\p{Cc}"\\<>]/gu, '')
    .slice(0, 80)
    .trim();
  return shown === '' ? address : `"${shown}" ${address}`;
}

function refused(field: string): OffhookError {
  return new OffhookError('command.invalid-argument', `${field}: cannot stand in a SIP address`, { field });
}
