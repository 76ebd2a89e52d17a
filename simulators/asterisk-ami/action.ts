import type { EventStage } from '../link/event-stage.ts';
import type { ModelPbx } from '../model/model-pbx.ts';
import type { EventClass } from './classes.ts';
import type { AmiEvent, AsteriskVersion } from './event-context.ts';
import type { AmiRequest, Header } from './message.ts';
import type { PastAnswers } from './past-answers.ts';
import type { Snapshots } from './snapshots.ts';

/** What the actions of the manager interface work with. */
export interface AmiHost {
  readonly pbx: ModelPbx;
  readonly snapshots: Snapshots;
  readonly version: AsteriskVersion;
  readonly systemName: string | undefined;
  readonly startedAt: number;
  /** Where all events pass. */
  readonly stage: EventStage;
  /** Set while lists are told as they were a moment before. */
  readonly past?: PastAnswers | undefined;
  /** The time by the clock of the switch, which may be wrong. */
  readonly timeNow: () => number;
  /** Sends an event to everybody who may see it. */
  broadcast(event: AmiEvent): void;
}

/** One request and the ways to answer it. */
export interface ActionContext extends AmiHost {
  readonly request: AmiRequest;
  /** `Response: Success` with these headers. */
  succeed(headers?: readonly Header[]): void;
  /** `Response: Error` with a message. */
  fail(message: string): void;
  /** An answer in a form of its own. */
  respond(response: string, headers: readonly Header[]): void;
  /** A list: its announcement, its items (events to this client alone), its end. */
  list(message: string, items: readonly ListItem[], complete: string, more?: readonly Header[]): void;
}

/** One item of a list. `idLast`: the ActionID comes at the end. */
export interface ListItem {
  readonly event: string;
  readonly headers: readonly Header[];
  readonly idLast?: boolean;
}

/** An action: who may ask for it, what it is for, what it does. */
export interface Action {
  readonly name: string;
  /** Any one of these is enough; none: everybody. */
  readonly classes: readonly EventClass[];
  readonly summary: string;
  readonly run: (context: ActionContext) => void;
}
