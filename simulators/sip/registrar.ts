import type { Clock } from '../../src/domain/clock.ts';
import type { ToldBinding } from './dialect.ts';
import { isSipUri, uriOf } from './message.ts';

/** Devices that may be registered for one number. */
const MAX_BINDINGS = 10;
const DEFAULT_SECONDS = 3_600;

interface Binding {
  readonly uri: string;
  readonly expiresAt: number;
}

/** What came of a REGISTER. */
export type Registration = 'ok' | 'too-many' | 'too-brief';

/** Keeps where the numbers are reached beside their own telephones (RFC 3261 10.3). */
export class Registrar {
  readonly #clock: Clock;
  readonly #leastSeconds: number;
  readonly #bindings = new Map<string, Binding[]>();

  constructor(clock: Clock, leastSeconds: number) {
    this.#clock = clock;
    this.#leastSeconds = leastSeconds;
  }

  /** Takes the contacts of a REGISTER. `expires`: of the whole request; empty: none. */
  register(number: string, contacts: readonly string[], expires: string): Registration {
    if (contacts.includes('*')) {
      this.#bindings.delete(number);
      return 'ok';
    }
    const wanted = contacts
      .map((contact) => ({ uri: uriOf(contact), seconds: secondsOf(contact, expires) }))
      .filter(({ uri }) => isSipUri(uri));
    if (wanted.some(({ seconds }) => seconds > 0 && seconds < this.#leastSeconds)) return 'too-brief';
    let bindings = this.#liveOf(number);
    for (const { uri, seconds } of wanted) {
      bindings = bindings.filter((binding) => binding.uri !== uri);
      if (seconds > 0) bindings = [...bindings, { uri, expiresAt: this.#clock.now() + seconds * 1000 }];
    }
    if (bindings.length > MAX_BINDINGS) return 'too-many';
    this.#bindings.set(number, bindings);
    return 'ok';
  }

  /** Where the number is registered now. */
  contactsOf(number: string): string[] {
    return this.#liveOf(number).map(({ uri }) => uri);
  }

  /** The same, as it is told to who registers. */
  toldOf(number: string): ToldBinding[] {
    const now = this.#clock.now();
    return this.#liveOf(number).map(({ uri, expiresAt }) => ({ uri, seconds: Math.round((expiresAt - now) / 1000) }));
  }

  #liveOf(number: string): Binding[] {
    const now = this.#clock.now();
    return (this.#bindings.get(number) ?? []).filter(({ expiresAt }) => expiresAt > now);
  }
}

function secondsOf(contact: string, expires: string): number {
  const own = /;\s*expires\s*=\s*"?(\d{1,9})/i.exec(contact.replace(/<[^>]*>/, ''))?.[1];
  const text = own ?? expires;
  return /^\d{1,9}$/.test(text) ? Number(text) : DEFAULT_SECONDS;
}
