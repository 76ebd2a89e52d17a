import type { Identity } from './leg.ts';
import type { OfficePlan } from './office.ts';

/** What the exchange keeps about telephones between calls: names and forwarding. */
export class PhoneBook {
  /** Forwarding by kind and number, as set with the feature codes `*72`, `*90`, `*92`. */
  readonly forwarding = {
    all: new Map<string, string>(),
    busy: new Map<string, string>(),
    noanswer: new Map<string, string>(),
  };
  /** Any other entries: family/key to value. */
  readonly entries = new Map<string, string>();
  readonly #office: OfficePlan;

  constructor(office: OfficePlan) {
    this.#office = office;
  }

  /** Number and name of a telephone. */
  identity(number: string): Identity {
    return { number, name: this.#office.extensions.get(number)?.name ?? null };
  }
}
