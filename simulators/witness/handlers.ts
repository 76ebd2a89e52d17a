import type { ModelEvent } from '../model/events.ts';

/** A model event of one type. */
export type Of<T extends ModelEvent['type']> = ModelEvent & { readonly type: T };

/** What is done about events of some types. */
export type Handlers = { readonly [T in ModelEvent['type']]?: (event: Of<T>) => void };

/** Does what is to be done about an event. */
export function handle(handlers: Handlers, event: ModelEvent): void {
  // The type of a handler is that of its event, which TypeScript cannot tell for an event of any type.
  (handlers[event.type] as ((event: ModelEvent) => void) | undefined)?.(event);
}
