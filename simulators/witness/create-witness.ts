import type { ModelPbx } from '../model/model-pbx.ts';
import type { Histories } from '../scenario/expectation.ts';
import { Observer } from './observer.ts';

/** Knows what every telephone of a model PBX has done, as its user should have been told. */
export interface Witness {
  /**
   * The calls of lines, oldest first, in milliseconds since the witness was made; a line without a call has an empty list.
   * A call that goes on has the cause `unknown`.
   *
   * @param lines by number. @default all telephones of the office
   */
  histories(lines?: readonly string[]): Histories;
  /** Looks away from now on. */
  stop(): void;
}

/** How a witness is made. */
export interface WitnessOptions {
  /** Zero of all times, by the clock of the model. Milliseconds since the epoch. @default now */
  readonly zero?: number;
}

/**
 * Makes a witness of all calls from now on; it must be there before the first of them. It looks at legs, bridges and
 * telephones, never at what a switch tells its clients. A model that has been restarted is another one, which needs a
 * witness of its own.
 */
export function createWitness({ exchange }: ModelPbx, options: WitnessOptions = {}): Witness {
  const observer = new Observer(exchange, options.zero ?? exchange.clock.now());
  const stops = [exchange.subscribe((event) => observer.take(event)), exchange.onSettled(() => observer.settle())];
  return {
    histories: (lines = [...exchange.office.extensions.keys()]) => observer.histories(lines),
    stop: () => {
      for (const stop of stops) stop();
    },
  };
}
