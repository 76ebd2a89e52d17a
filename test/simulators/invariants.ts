import { headerOf, type Message } from './ami-text.ts';

/** What is true of every run of the real thing; gives what is not. */
export function violations(events: readonly Message[]): string[] {
  const found: string[] = [];
  const channels = new Map<string, 'alive' | 'gone'>();
  const bridges = new Map<string, Set<string>>();
  for (const [index, event] of events.entries()) {
    const id = headerOf(event, 'Uniqueid');
    const at = `${index} ${event.name} ${headerOf(event, 'Channel') ?? ''}`;
    for (const [key, value] of event.headers) {
      if (!/Uniqueid$/.test(key) || /^(Bridge|.*BridgeUniqueid|.*Swap)/.test(key) || !/\d+\.\d+/.test(value)) continue;
      if (channels.get(value) === 'gone') found.push(`${at}: ${key} is of a channel that is gone`);
    }
    if (event.name === 'Newchannel' && id !== undefined) {
      if (channels.has(id)) found.push(`${at}: came twice`);
      channels.set(id, 'alive');
    } else if (event.name === 'Hangup' && id !== undefined) {
      if (channels.get(id) !== 'alive') found.push(`${at}: hung up without being there`);
      channels.set(id, 'gone');
      for (const [bridge, members] of bridges)
        if (members.has(id)) found.push(`${at}: hung up inside bridge ${bridge}`);
    }
    const bridge = headerOf(event, 'BridgeUniqueid') ?? '';
    if (event.name === 'BridgeCreate') bridges.set(bridge, new Set());
    else if (event.name === 'BridgeEnter') bridges.get(bridge)?.add(id ?? '');
    else if (event.name === 'BridgeLeave' && bridges.get(bridge)?.delete(id ?? '') === false)
      found.push(`${at}: left a bridge that it was not in`);
    else if (event.name === 'BridgeDestroy') {
      if ((bridges.get(bridge)?.size ?? 0) > 0) found.push(`${at}: destroyed with somebody in it`);
      bridges.delete(bridge);
    }
  }
  return found;
}
