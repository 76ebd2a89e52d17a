import type { ModelEvent } from '../model/events.ts';
import type { Exchange } from '../model/exchange.ts';
import type { EventClass } from './classes.ts';
import type { Header } from './message.ts';
import type { Snapshots } from './snapshots.ts';

/** Asterisk releases that are imitated. */
export type AsteriskVersion = '16' | '22';

/** An event of the manager interface, ready to be written. */
export interface AmiEvent {
  readonly name: string;
  readonly class: EventClass;
  readonly headers: readonly Header[];
}

/** What it takes to render an event. */
export interface EventContext {
  readonly x: Exchange;
  readonly snapshots: Snapshots;
  readonly version: AsteriskVersion;
  readonly out: (name: string, eventClass: EventClass, headers: readonly Header[]) => void;
}

/** The model events of one or more types. */
export type Of<T extends ModelEvent['type']> = Extract<ModelEvent, { readonly type: T }>;

/** How each type of model event is rendered. */
export type EventRenderers = { readonly [T in ModelEvent['type']]: (event: ModelEvent & { readonly type: T }) => void };

/** Whole seconds. */
export const seconds = (ms: number): number => Math.floor(ms / 1000);
