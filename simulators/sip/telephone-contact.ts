import { md5 } from './identifiers.ts';
import { escapedUser } from './message.ts';

/** The user part that the telephone of a number made up for itself: the same every time. */
export const telephoneUser = (number: string): string => `${number}-0x${md5(number).slice(0, 12)}`;

/** Where the telephone of a number is reached, as it registered: the same every time. */
export const telephoneContact = (number: string): string =>
  `sip:${escapedUser(telephoneUser(number))}@127.0.50.11:5060`;
