import type { AmiEvent } from './event-context.ts';

/** Headers that say what an event is about: channels with their calls, bridges, devices, queues, rooms, registrations. */
const ABOUT = /(?:Uniqueid|Linkedid)$|^(?:Device|Hint|Queue|Conference|AOR|Peer)$/;

/** What an event is about: events that have something in common keep their order. */
export function keysOf({ headers }: AmiEvent): string[] {
  const keys = new Set<string>();
  for (const [name, value] of headers) if (value !== '' && ABOUT.test(name)) keys.add(String(value));
  return [...keys];
}
