import type { Histories } from '../scenario/expectation.ts';
import type { CommandStep } from '../scenario/scenario.ts';

/** How a service went that a client asked for. */
export type CommandOutcome = { readonly ok: true } | { readonly ok: false; readonly message: string };

/** What a client tells of a line at this moment: the local states of its calls, or that it does not know. */
export interface LineNow {
  readonly known: boolean;
  readonly states: readonly string[];
}

/** Something that a client told while the scenario was played. */
export interface Told {
  readonly time: number;
  readonly line: string;
  readonly text: string;
}

/**
 * A program that is connected to the switch and is to be tested. A program of which nothing is known but that it connects
 * has no `view`.
 */
export interface ClientUnderTest extends AsyncDisposable {
  readonly name: string;
  /** Begins to connect. */
  connect(): Promise<void>;
  /** Whether it is connected and has heard what is up. */
  isReady(): boolean;
  /** What can be told of a client that has no `view`: that it came and went. Returns how to stop listening. */
  listen?(listener: (told: Told) => void): () => void;
  readonly view?: ClientView;
}

/** A client that can be asked what it told. */
export interface ClientView {
  lineNow(line: string): LineNow;
  /** All calls that it told of, in milliseconds since `zero`. */
  histories(lines: readonly string[], zero: number): Histories;
  /** Everything that it found to be impossible: 0 in a sound client. */
  illegalEvents(): number;
  command(step: CommandStep): Promise<CommandOutcome>;
  /** Sends a request in the switch's own language; resolves with the word of the answer (`Success`, `Error`). */
  request(request: unknown): Promise<string>;
  /** Told of every change; returns how to stop listening. */
  listen(listener: (told: Told) => void): () => void;
}
