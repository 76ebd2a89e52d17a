import { randomUUID } from 'node:crypto';
import type { Leg } from '../model/leg.ts';
import type { EventRenderers } from './call-events.ts';
import type { Channel } from './channel.ts';
import type { EslContext } from './context.ts';
import { causeOfEnd, tellHangup } from './endings.ts';
import { HOLD_MUSIC, startAudio, stopPlaying } from './playback.ts';
import type { Extras } from './teller.ts';

/** A caller of a queue. */
interface Member {
  readonly id: string;
  readonly queue: string;
  readonly joined: number;
  agent?: { readonly name: string; readonly uuid: string; readonly called: number; answered: number };
}

type Fields = NonNullable<Extras['last']>;

/** Queues, as mod_callcenter tells of them. */
export function queueEvents(context: EslContext): EventRenderers {
  const { channels, teller, domain } = context;
  const members = new WeakMap<Leg, Member>();
  const seconds = (): number => Math.floor(teller.origin.now / 1_000_000);
  const info = (last: Fields, channel?: Channel): void =>
    teller.custom('callcenter::info', channel ? { channel, last } : { last });
  const about = ({ id }: Member, channel: Channel): Fields => [
    ['CC-Member-UUID', id],
    ['CC-Member-Session-UUID', channel.uuid],
    ['CC-Member-CID-Name', channel.profile?.caller.name ?? ''],
    ['CC-Member-CID-Number', channel.profile?.caller.number ?? ''],
  ];
  const count = (queue: string, waiting: number): void =>
    info([
      ['CC-Queue', queue],
      ['CC-Action', 'members-count'],
      ['CC-Count', String(waiting)],
      ['CC-Selection', 'Single-Queue'],
    ]);
  const agentState = (agent: string, state: string): void =>
    info([
      ['CC-Agent', agent],
      ['CC-Action', 'agent-state-change'],
      ['CC-Agent-State', state],
    ]);
  const agentTimes = ({ agent, joined }: Member): Fields =>
    agent
      ? [
          ['CC-Agent', agent.name],
          ['CC-Agent-System', 'single_box'],
          ['CC-Agent-UUID', agent.uuid],
          ['CC-Agent-Called-Time', String(agent.called)],
          ['CC-Agent-Answered-Time', String(agent.answered)],
          ['CC-Member-Joined-Time', String(joined)],
        ]
      : [['CC-Member-Joined-Time', String(joined)]];
  const left = (member: Member, channel: Channel, cause: string): void =>
    info(
      [
        ['CC-Queue', member.queue],
        ['CC-Action', 'member-queue-end'],
        ...(cause === 'Terminated' ? [['CC-Hangup-Cause', 'SUCCESS'] as const] : []),
        ['CC-Cause', cause],
        ...(cause === 'Cancel' ? [['CC-Cancel-Reason', 'BREAK_OUT'] as const] : []),
        ...(cause === 'Timeout' ? [['CC-Cancel-Reason', 'TIMEOUT'] as const] : []),
        ['CC-Member-Leaving-Time', String(seconds())],
        ...agentTimes(member),
        ...about(member, channel),
      ],
      channel,
    );
  return {
    queueJoined({ leg, queue, count: waiting }) {
      const channel = channels.of(leg);
      if (!channel) return;
      const member = { id: randomUUID(), queue: `${queue}@${domain}`, joined: seconds() };
      members.set(leg, member);
      teller.execute(channel, 'callcenter', member.queue);
      channel.set('cc_side', 'member');
      channel.set('cc_member_uuid', member.id);
      channel.set('cc_queue_joined_epoch', String(member.joined));
      channel.set('cc_queue', member.queue);
      info([['CC-Queue', member.queue], ['CC-Action', 'member-queue-start'], ...about(member, channel)], channel);
      count(member.queue, waiting);
      startAudio(context, channel, HOLD_MUSIC);
    },
    agentCalled({ from, to, member: { number } }) {
      const [channel, member] = [channels.of(from), members.get(from)];
      if (!channel || !member) return;
      const agent = `${number}@${domain}`;
      agentState(agent, 'Receiving');
      info([
        ['CC-Queue', member.queue],
        ['CC-Action', 'agent-offering'],
        ['CC-Agent', agent],
        ['CC-Agent-Type', 'callback'],
        ['CC-Agent-System', 'single_box'],
        ...about(member, channel),
        ['CC-Member-DNIS', channel.initialDestination],
      ]);
      for (const [name, value] of [
        ['cc_queue', member.queue],
        ['cc_member_uuid', member.id],
        ['cc_member_session_uuid', channel.uuid],
        ['cc_member_pre_answer_uuid', member.id],
        ['cc_agent', agent],
        ['cc_agent_type', 'callback'],
        ['cc_side', 'agent'],
      ] as const)
        to.variables.set(name, value);
    },
    agentRefused({ member: { number } }) {
      agentState(`${number}@${domain}`, 'Waiting');
    },
    queueLeft({ leg, count: waiting }) {
      const member = members.get(leg);
      if (member) count(member.queue, waiting);
    },
    agentConnected({ from, to, member: { number } }) {
      const [channel, called, member] = [channels.of(from), channels.of(to), members.get(from)];
      if (!channel || !called || !member) return;
      const agent = `${number}@${domain}`;
      const calledAt = Math.floor(called.times.created / 1_000_000);
      member.agent = { name: agent, uuid: called.uuid, called: calledAt, answered: seconds() };
      teller.tell('CHANNEL_OUTGOING', called);
      const last: Fields = [
        ['CC-Queue', member.queue],
        ['CC-Action', 'bridge-agent-start'],
        ...agentTimes(member),
        ...about(member, channel),
        ['CC-Member-DNIS', channel.initialDestination],
      ];
      info(last, called);
      channel.set('cc_cause', 'answered');
      context.x.soon(() => {
        channel.set('cc_agent', agent);
        channel.set('cc_agent_bridged', 'true');
      });
      agentState(agent, 'In a queue call');
    },
    agentCompleted({ from, to }) {
      const [channel, called, member] = [channels.of(from), channels.of(to), members.get(from)];
      if (!channel || !called || !member) return;
      const agent = member.agent?.name ?? '';
      called.lastWords.push(() => {
        info(
          [
            ['CC-Queue', member.queue],
            ['CC-Action', 'bridge-agent-end'],
            ...agentTimes(member),
            ...about(member, channel),
          ],
          called,
        );
        agentState(agent, 'Waiting');
      });
      if (from.ended || to.ended) channel.lastWords.push(() => left(member, channel, 'Terminated'));
    },
    queueAbandoned({ leg }) {
      const [channel, member] = [channels.of(leg), members.get(leg)];
      if (!channel || !member) return;
      if (leg.ended) tellHangup(context, channel, causeOfEnd(channel));
      stopPlaying(context, channel);
      left(member, channel, leg.ended ? 'Cancel' : 'Timeout');
      if (!leg.ended) teller.executed(channel, 'callcenter');
    },
    memberPaused({ member: { number, paused } }) {
      info([
        ['CC-Agent', `${number}@${domain}`],
        ['CC-Action', 'agent-status-change'],
        ['CC-Agent-Status', paused ? 'On Break' : 'Available'],
      ]);
    },
  };
}
