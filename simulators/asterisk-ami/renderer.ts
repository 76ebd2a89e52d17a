import type { ModelEvent } from '../model/events.ts';
import type { EventContext, EventRenderers } from './event-context.ts';
import { legEvents } from './leg-events.ts';
import { queueEvents } from './queue-events.ts';
import { serviceEvents } from './service-events.ts';
import { stateEvents } from './state-events.ts';

/** Makes what renders the events of the model as events of Asterisk's manager interface. */
export function createRenderer(context: EventContext): (event: ModelEvent) => void {
  const renderers: EventRenderers = {
    ...legEvents(context),
    ...queueEvents(context),
    ...serviceEvents(context),
    ...stateEvents(context),
  };
  // The type of a renderer is that of its event, which TypeScript cannot tell for an event of any type.
  return (event) => (renderers[event.type] as (event: ModelEvent) => void)(event);
}
