import { md5 } from './identifiers.ts';
import { escapedUser } from './message.ts';

/** Where the telephone of a number is reached, as it registered: the same every time. */
export const telephoneContact = (number: string): string =>
  `sip:${escapedUser(number)}-0x${md5(number).slice(0, 12)}@127.0.50.11:5060`;
