import type { Bridge } from './bridge.ts';
import type { Exchange } from './exchange.ts';
import type { Leg } from './leg.ts';
import { type Routine, until } from './routine.ts';

/** Finds a conference that goes on. */
export function findConference(x: Exchange, room: string): Bridge | undefined {
  return [...x.bridges].find((bridge) => bridge.kind === 'conference' && bridge.name === room);
}

/** Keeps a leg in a conference room until it leaves. The first opens the room, the last closes it. */
export function* conference(x: Exchange, leg: Leg, room: string): Routine {
  const bridge = findConference(x, room) ?? open(x, room);
  x.enter(bridge, leg);
  x.emit({ type: 'conferenceJoined', bridge, leg });
  try {
    yield* until<void>(() => () => {});
  } finally {
    x.emit({ type: 'conferenceLeft', bridge, leg });
    if (leg.bridge === bridge) x.leave(leg);
    if (bridge.legs.length === 0) close(x, bridge);
  }
}

/** The announcer of the room is a loop that nobody sees: it counts as a party and uses up two serial numbers. */
function open(x: Exchange, room: string): Bridge {
  const bridge = x.createBridge('conference', room);
  bridge.extra = 1;
  x.emit({ type: 'conferenceStarted', bridge });
  x.skipSerials(2);
  return bridge;
}

function close(x: Exchange, bridge: Bridge): void {
  x.emit({ type: 'conferenceEnded', bridge });
  bridge.extra = 0;
  x.destroy(bridge);
}
