import { DEFAULT_LINES } from '../scenario/default-office.ts';

/** The names of the extensions from 1001 up, chosen for their quotes, commas and alphabets. */
export const PHONE_NAMES: readonly string[] = Object.values(DEFAULT_LINES).map(({ name }) => name);
