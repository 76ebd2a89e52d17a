import type { ModelEvent } from '../model/events.ts';
import { part } from './bridging.ts';
import { callEvents, type EventRenderers, linkUp } from './call-events.ts';
import type { EslContext } from './context.ts';
import { endRest } from './endings.ts';
import { queueEvents } from './queue-events.ts';
import { conferenceEvents, parkingEvents } from './service-events.ts';
import { stepEvents } from './step-events.ts';
import { retrieve, transferEvents } from './transfer-events.ts';

/** Makes what renders the events of the model as events of FreeSWITCH; returns how to stop. */
export function renderModel(context: EslContext): () => void {
  const groups: readonly EventRenderers[] = [
    stepEvents(context),
    queueEvents(context),
    callEvents(context),
    transferEvents(context),
    parkingEvents(context),
    conferenceEvents(context),
  ];
  const stop = context.x.subscribe((event) => {
    // The type of a renderer is that of its event, which TypeScript cannot tell for an event of any type.
    for (const group of groups) (group[event.type] as ((event: ModelEvent) => void) | undefined)?.(event);
  });
  const stopSettling = context.x.onSettled(() => settle(context));
  return () => {
    stop();
    stopSettling();
  };
}

/** All that happens at once has happened: what was put off is told, and bridges are what they are in the model. */
function settle(context: EslContext): void {
  for (const channel of [...context.retrieved]) retrieve(context, channel);
  if (context.unfinished.size > 0) endRest(context);
  for (const channel of context.loose) {
    if (channel.ending !== 'no') continue;
    const { peer, leg } = channel;
    if (peer && leg.bridge?.legs.includes(peer.leg) !== true) part(context, channel);
    const [one, two] = leg.bridge?.kind === 'basic' && leg.bridge.legs.length === 2 ? leg.bridge.legs : [];
    const [called, caller] = [one && context.channels.of(one), two && context.channels.of(two)];
    if (called && caller && called.peer !== caller) linkUp(context, caller, called);
  }
  context.loose.clear();
}
