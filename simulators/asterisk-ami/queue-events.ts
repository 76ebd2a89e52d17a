import type { QueueMember } from '../model/queue-state.ts';
import { type EventContext, type EventRenderers, type Of, seconds } from './event-context.ts';
import type { Header } from './message.ts';
import { interfacesOf } from './names.ts';
import { memberHeaders } from './queue-headers.ts';

type QueueEvents =
  | 'queueJoined'
  | 'queueLeft'
  | 'queueAbandoned'
  | 'agentCalled'
  | 'agentRefused'
  | 'agentConnected'
  | 'agentCompleted'
  | 'memberState'
  | 'memberAdded'
  | 'memberRemoved'
  | 'memberPaused';

/** Events of queues, their callers and their members. */
export function queueEvents(context: EventContext): Pick<EventRenderers, QueueEvents> {
  const { x, snapshots, version, out } = context;
  const member = (
    name: string,
    event: { readonly queue: string; readonly member: QueueMember },
    more: readonly Header[] = [],
  ): void => out(name, 'agent', [...memberHeaders(x, event.queue, event.member), ...more]);
  return {
    queueJoined: (event) => renderCaller(context, 'QueueCallerJoin', event),
    queueLeft: (event) => renderCaller(context, 'QueueCallerLeave', event),
    queueAbandoned: ({ leg, queue, position, waitedMs }) =>
      out('QueueCallerAbandon', 'agent', [
        ...snapshots.channel(leg),
        ['Queue', queue],
        ['Position', position],
        ['OriginalPosition', position],
        ['HoldTime', seconds(waitedMs)],
      ]),
    agentCalled: (event) => renderAgent(context, 'AgentCalled', event),
    agentRefused: (event) => renderAgent(context, 'AgentRingNoAnswer', event, [['RingTime', event.ringMs]]),
    agentConnected: (event) =>
      renderAgent(context, 'AgentConnect', event, [
        ['HoldTime', seconds(event.waitedMs)],
        ['RingTime', seconds(event.ringMs)],
      ]),
    agentCompleted: (event) =>
      renderAgent(context, 'AgentComplete', event, [
        ['HoldTime', seconds(event.waitedMs)],
        ['TalkTime', seconds(event.talkedMs)],
        ['Reason', event.by],
      ]),
    memberState: (event) => member('QueueMemberStatus', event),
    memberAdded: (event) => member('QueueMemberAdded', event),
    memberRemoved: (event) => member('QueueMemberRemoved', event),
    memberPaused: (event) =>
      member(
        'QueueMemberPause',
        event,
        version === '16' && event.member.pausedReason !== '' ? [['Reason', event.member.pausedReason]] : [],
      ),
  };
}

/** A queue with callers in it rings, as a device. */
function renderCaller({ snapshots, out }: EventContext, name: string, event: Of<'queueJoined' | 'queueLeft'>): void {
  const { leg, queue, position, count } = event;
  out(name, 'agent', [...snapshots.channel(leg), ['Queue', queue], ['Position', position], ['Count', count]]);
  const first = event.type === 'queueJoined' && count === 1;
  if (!first && count > 0) return;
  out('DeviceStateChange', 'call', [
    ['Device', `Queue:${queue}`],
    ['State', first ? 'RINGING' : 'NOT_INUSE'],
  ]);
}

type AgentEvent = Of<'agentCalled' | 'agentRefused' | 'agentConnected' | 'agentCompleted'>;

function renderAgent(
  { snapshots, out }: EventContext,
  name: string,
  event: AgentEvent,
  more: readonly Header[] = [],
): void {
  out(name, 'agent', [
    ...snapshots.channel(event.from),
    ...snapshots.channel(event.to, 'Dest'),
    ['Queue', event.queue],
    ['Interface', interfacesOf(event.member).interface],
    ['MemberName', event.member.name],
    ...more,
  ]);
}
