import type { Exchange } from '../model/exchange.ts';
import type { QueueMember } from '../model/queue-state.ts';
import type { Header } from './message.ts';
import { interfacesOf } from './names.ts';
import { DEVICE_STATES } from './texts.ts';

const seconds = (ms: number): number => Math.floor(ms / 1000);

/** The state number of a queue's member. */
export const memberStatus = (x: Exchange, member: QueueMember): number =>
  DEVICE_STATES[x.devices.state(member.number)].member;

/** What events about a member tell of it. */
export function memberHeaders(x: Exchange, queue: string, member: QueueMember): Header[] {
  return [
    ['Queue', queue],
    ['MemberName', member.name],
    ['Interface', interfacesOf(member).interface],
    ['StateInterface', interfacesOf(member).state],
    ...memberFigures(x, member),
    ['Ringinuse', 0],
    ['Wrapuptime', 0],
  ];
}

/** The figures of a member, alike in events and in the list of QueueStatus. */
export function memberFigures(x: Exchange, member: QueueMember): Header[] {
  return [
    ['Membership', member.dynamic ? 'dynamic' : 'static'],
    ['Penalty', member.penalty],
    ['CallsTaken', member.callsTaken],
    ['LastCall', seconds(member.lastCall)],
    ['LastPause', seconds(member.lastPause)],
    ['LoginTime', seconds(member.since)],
    ['InCall', member.inCall ? 1 : 0],
    ['Status', memberStatus(x, member)],
    ['Paused', member.paused ? 1 : 0],
    ['PausedReason', member.pausedReason],
  ];
}
