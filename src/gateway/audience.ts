import type { Call } from '../domain/call.ts';
import type { EngineEvent } from '../domain/journal.ts';
import type { Engine } from '../engine/engine.ts';
import type { LineFilter } from './filter.ts';
import { seesCall, seesEntry } from './filter.ts';

/**
 * Decides which entries a filter lets through. An entry tells that by itself, but for one case: a call that was merged
 * into another has lost its connections to it, and those who had it must still hear that it is gone. They are the ones
 * who see the call that it went into, as that was at the time.
 */
export class Audience {
  readonly #engine: Engine;
  /** Lives as long as the engine's journal keeps the entry. */
  readonly #heirs = new WeakMap<EngineEvent, Call>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** To be called with each entry when it is new. */
  note(entry: EngineEvent): void {
    const heir = this.#heirNow(entry);
    if (heir !== undefined) this.#heirs.set(entry, heir);
  }

  sees(filter: LineFilter, entry: EngineEvent): boolean {
    if (seesEntry(filter, entry)) return true;
    const heir = this.#heirs.get(entry) ?? this.#heirNow(entry);
    return heir !== undefined && seesCall(filter, heir);
  }

  #heirNow(entry: EngineEvent): Call | undefined {
    if (entry.kind !== 'call' || entry.call.mergedInto === undefined) return undefined;
    return this.#engine.call(entry.call.mergedInto);
  }
}
