import { type EslEvent, headerOf } from '../../../simulators/freeswitch-esl/event.ts';

/** How a call's state may change (freeswitch.md, point 13). */
const CHANGES: Readonly<Record<string, readonly string[]>> = {
  DOWN: ['RINGING', 'EARLY', 'ACTIVE', 'HANGUP'],
  RINGING: ['EARLY', 'ACTIVE', 'HANGUP'],
  EARLY: ['ACTIVE', 'HANGUP', 'RINGING'],
  ACTIVE: ['HELD', 'RINGING', 'RING_WAIT', 'HANGUP'],
  HELD: ['UNHELD', 'HANGUP'],
  UNHELD: ['ACTIVE', 'HANGUP'],
  RING_WAIT: ['ACTIVE', 'HANGUP'],
};

interface Seen {
  readonly names: string[];
  callState: string;
  bridged: string | undefined;
  readonly running: string[];
}

/** What in a stream of events is as a real FreeSWITCH would never tell it. Empty for a sound one; all calls must be over. */
export function brokenRules(events: readonly EslEvent[]): string[] {
  const channels = new Map<string, Seen>();
  const broken: string[] = [];
  for (const event of events) {
    const uuid = headerOf(event, 'Unique-ID');
    for (const [name, value] of event.headers)
      if (/undefined|\[object/.test(String(value)))
        broken.push(`${headerOf(event, 'Event-Name')}: ${name} is ${String(value)}`);
    if (uuid === '' || headerOf(event, 'Event-Name') === 'CUSTOM') continue;
    const seen = channels.get(uuid) ?? { names: [], callState: 'DOWN', bridged: undefined, running: [] };
    channels.set(uuid, seen);
    broken.push(...follow(event, seen, channels).map((text) => `${headerOf(event, 'Channel-Name')}: ${text}`));
  }
  for (const [, { names, bridged, running }] of channels) {
    const only = (name: string): number => names.filter((each) => each === name).length;
    for (const name of ['CHANNEL_CREATE', 'CHANNEL_HANGUP', 'CHANNEL_HANGUP_COMPLETE', 'CHANNEL_DESTROY'])
      if (only(name) !== 1) broken.push(`${name} is told ${only(name)} times in ${names.join(' ')}`);
    if (only('CHANNEL_ANSWER') > 1) broken.push('CHANNEL_ANSWER is told twice');
    if (names.at(-1) !== 'CHANNEL_STATE CS_DESTROY') broken.push(`ends with ${names.slice(-3).join(' ')}`);
    if (bridged !== undefined) broken.push('a bridge has no end');
    if (running.length > 0) broken.push(`${running.join(' ')} has no end`);
  }
  return broken;
}

function follow(event: EslEvent, seen: Seen, channels: ReadonlyMap<string, Seen>): string[] {
  const name = headerOf(event, 'Event-Name');
  const state = headerOf(event, 'Channel-State');
  const broken: string[] = [];
  if (seen.names.includes('CHANNEL_STATE CS_DESTROY')) broken.push(`${name} after the end`);
  seen.names.push(name === 'CHANNEL_STATE' ? `${name} ${state}` : name);
  if (name === 'CHANNEL_CALLSTATE') {
    const [before, after] = [headerOf(event, 'Original-Channel-Call-State'), headerOf(event, 'Channel-Call-State')];
    if (before !== seen.callState) broken.push(`the call was ${seen.callState}, not ${before}`);
    if (CHANGES[before]?.includes(after) !== true) broken.push(`${before} becomes ${after}`);
    seen.callState = after;
  }
  const application = headerOf(event, 'Application');
  if (name === 'CHANNEL_EXECUTE' && application !== 'uuid_bridge') seen.running.push(application);
  if (name === 'CHANNEL_EXECUTE_COMPLETE') {
    const at = seen.running.lastIndexOf(application);
    if (at < 0) broken.push(`${application} ends and did not begin`);
    else seen.running.splice(at, 1);
  }
  if (name === 'CHANNEL_BRIDGE' || name === 'CHANNEL_UNBRIDGE') {
    const other = channels.get(headerOf(event, 'Bridge-B-Unique-ID'));
    const id = `${headerOf(event, 'Bridge-A-Unique-ID')}+${headerOf(event, 'Bridge-B-Unique-ID')}`;
    if (!other) broken.push(`${name} with an unknown channel`);
    for (const one of [seen, other]) {
      if (!one) continue;
      if (one.bridged !== (name === 'CHANNEL_BRIDGE' ? undefined : id))
        broken.push(`${name} while bridged as ${one.bridged ?? 'nothing'}`);
      one.bridged = name === 'CHANNEL_BRIDGE' ? id : undefined;
    }
  }
  return broken;
}
