import { randomUUID } from 'node:crypto';
import type { Leg } from './leg.ts';

/** `basic` joins two parties and ends with either; `parking` and `conference` hold any number. */
export type BridgeKind = 'basic' | 'parking' | 'conference';

/** Legs that hear each other. */
export class Bridge {
  readonly id: string = randomUUID();
  readonly kind: BridgeKind;
  readonly name: string | null;
  readonly legs: Leg[] = [];
  /** Parties that are no calls: the announcer of a conference. */
  extra = 0;

  constructor(kind: BridgeKind, name: string | null = null) {
    this.kind = kind;
    this.name = name;
  }

  get size(): number {
    return this.legs.length + this.extra;
  }

  /** The other parties. */
  peers(leg: Leg): Leg[] {
    return this.legs.filter((other) => other !== leg);
  }
}
