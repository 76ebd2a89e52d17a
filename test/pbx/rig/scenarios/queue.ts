// Queues: support rings 1001 to 1003 together, sales takes 1004 to 1006 in turn, helpdesk reaches 1007 and 1008 through Local channels.

import { carol, dave, type Named, party } from '../people.ts';
import type { CallFacts, PlannedCall, ScenarioSource, Step } from '../scenario.ts';

const people = { carol, dave };
const from = (person: Named, queue: string, number: string): CallFacts => ({
  direction: 'in',
  remote: party(person),
  dialled: number,
  queue,
});
const support = (person: Named = carol): CallFacts => from(person, 'support', '+442079460301');
const elsewhere = (ext: string, at: string, base: CallFacts): PlannedCall => ({
  ...base,
  cause: 'answered-elsewhere',
  endedBy: 'pbx',
  missed: false,
  states: [`alerting:connected @${ext}.ring`, `null:null @${at}`],
});
const members = ['1001', '1002', '1003'];

export const scenarios: readonly ScenarioSource[] = [
  {
    name: 'queue-answered',
    title: 'Queue, all ring, the second answers, the caller hangs up',
    phones: members,
    people,
    steps: [
      ['carol', 'calls', '+442079460301'],
      ['carol', 'sees', 'answered'],
      ['1001', 'rings'],
      ['1002', 'rings'],
      ['1003', 'rings'],
      ['wait', 1200],
      ['1002', 'answers'],
      ['1001', 'sees', 'ended'],
      ['1003', 'sees', 'ended'],
      ['wait', 1500],
      ['carol', 'hangs-up'],
      ['1002', 'sees', 'ended'],
    ],
    truth: {
      1001: [elsewhere('1001', '1002.answer', support())],
      1002: [
        {
          ...support(),
          cause: 'normal',
          endedBy: 'remote',
          states: ['alerting:connected @1002.ring', 'connected:connected @1002.answer', 'null:null @carol.hangup'],
        },
      ],
      1003: [elsewhere('1003', '1002.answer', support())],
    },
  },
  {
    name: 'queue-agent-hangs-up',
    title: 'Queue, the agent ends the call',
    phones: members,
    people,
    steps: [
      ['carol', 'calls', '+442079460301'],
      ['1001', 'rings'],
      ['1002', 'rings'],
      ['1003', 'rings'],
      ['wait', 500],
      ['1001', 'answers'],
      ['1002', 'sees', 'ended'],
      ['1003', 'sees', 'ended'],
      ['wait', 1000],
      ['1001', 'hangs-up'],
      ['carol', 'sees', 'ended'],
    ],
    truth: {
      1001: [
        {
          ...support(),
          cause: 'normal',
          endedBy: 'local',
          states: ['alerting:connected @1001.ring', 'connected:connected @1001.answer', 'null:null @1001.hangup'],
        },
      ],
      1002: [elsewhere('1002', '1001.answer', support())],
      1003: [elsewhere('1003', '1001.answer', support())],
    },
  },
  {
    name: 'queue-abandoned',
    title: 'Queue, the caller gives up',
    phones: members,
    people,
    steps: [
      ['carol', 'calls', '+442079460301'],
      ['1001', 'rings'],
      ['1002', 'rings'],
      ['1003', 'rings'],
      ['wait', 1500],
      ['carol', 'hangs-up'],
      ['1001', 'sees', 'ended'],
      ['1002', 'sees', 'ended'],
      ['1003', 'sees', 'ended'],
    ],
    truth: Object.fromEntries(
      members.map((ext) => [
        ext,
        [
          {
            ...support(),
            cause: 'cancelled',
            endedBy: 'remote',
            missed: true,
            states: [`alerting:connected @${ext}.ring`, 'null:null @carol.hangup'],
          },
        ],
      ]),
    ),
  },
  {
    name: 'queue-round-robin',
    title: 'Round robin: the first agent does not answer, the second does',
    phones: ['1004', '1005', '1006'],
    people,
    steps: [
      ['carol', 'calls', '+442079460302'],
      ['1004', 'rings'],
      ['1004', 'sees', 'ended', { within: 9000 }],
      ['1005', 'rings', null, { within: 6000 }],
      ['wait', 600],
      ['1005', 'answers'],
      ['wait', 1000],
      ['carol', 'hangs-up'],
      ['1005', 'sees', 'ended'],
    ],
    truth: {
      1004: [
        {
          ...from(carol, 'sales', '+442079460302'),
          cause: 'noanswer',
          endedBy: 'pbx',
          missed: true,
          states: ['alerting:connected @1004.ring', 'null:null @1004.ended'],
        },
      ],
      1005: [
        {
          ...from(carol, 'sales', '+442079460302'),
          cause: 'normal',
          endedBy: 'remote',
          states: ['alerting:connected @1005.ring', 'connected:connected @1005.answer', 'null:null @carol.hangup'],
        },
      ],
      1006: [],
    },
  },
  {
    name: 'queue-local-members',
    title: 'Members behind Local/...@agents/n channels, as web-configured PBXs do it',
    phones: ['1007', '1008'],
    people,
    steps: [
      ['carol', 'calls', '+442079460303'],
      ['1007', 'rings'],
      ['1008', 'rings'],
      ['wait', 800],
      ['1008', 'answers'],
      ['1007', 'sees', 'ended'],
      ['wait', 1500],
      ['1008', 'hangs-up'],
      ['carol', 'sees', 'ended'],
    ],
    truth: {
      1007: [elsewhere('1007', '1008.answer', from(carol, 'helpdesk', '+442079460303'))],
      1008: [
        {
          ...from(carol, 'helpdesk', '+442079460303'),
          cause: 'normal',
          endedBy: 'local',
          states: ['alerting:connected @1008.ring', 'connected:connected @1008.answer', 'null:null @1008.hangup'],
        },
      ],
    },
  },
  {
    name: 'queue-wrap-up',
    title: 'One agent, two callers: the second waits through the first call and the wrap-up time',
    phones: ['1001'],
    people,
    steps: [
      ['carol', 'calls', '+442079460301'],
      ['1001', 'rings'],
      ['wait', 300],
      ['1001', 'answers'],
      ['wait', 500],
      ['dave', 'calls', '+442079460301'],
      ['dave', 'sees', 'answered'],
      ['wait', 1200],
      ['carol', 'hangs-up'],
      ['1001', 'sees', 'ended'],
      ['1001', 'rings', party(dave), { leg: 'second', within: 10000 }],
      ['wait', 500],
      ['1001', 'answers', null, { leg: 'second' }],
      ['wait', 800],
      ['dave', 'hangs-up'],
      ['1001', 'sees', 'ended', { leg: 'second' }],
    ],
    notes: [
      'Dave is queued from dave.answered until 1001 rings for the second time, at least 3 s after the first call.',
    ],
    truth: {
      1001: [
        {
          ...support(carol),
          cause: 'normal',
          endedBy: 'remote',
          states: ['alerting:connected @1001.ring', 'connected:connected @1001.answer', 'null:null @carol.hangup'],
        },
        {
          ...support(dave),
          cause: 'normal',
          endedBy: 'remote',
          states: [
            'alerting:connected @1001:second.ring',
            'connected:connected @1001:second.answer',
            'null:null @dave.hangup',
          ],
        },
      ],
    },
  },
  {
    name: 'queue-agent-log-in-out',
    title: 'An agent logs in to "sales", pauses, unpauses and logs out by feature codes; then by AMI',
    phones: ['1009'],
    steps: [
      ...['*45', '*47', '*48', '*46'].flatMap((code, i): Step[] => [
        ['1009', 'calls', code, { leg: `c${i}` }],
        ['1009', 'sees', 'ended', { leg: `c${i}` }],
        ['wait', 300],
      ]),
      [
        'ami',
        {
          Action: 'QueueAdd',
          Queue: 'sales',
          Interface: 'PJSIP/1009',
          MemberName: 'Łukasz Żak',
          StateInterface: 'PJSIP/1009',
          Penalty: 2,
        },
      ],
      [
        'ami',
        { Action: 'QueuePause', Queue: 'sales', Interface: 'PJSIP/1009', Paused: 'true', Reason: 'Töpfern: Pause' },
      ],
      ['ami', { Action: 'QueueStatus', Queue: 'sales' }],
      ['wait', 300],
      ['ami', { Action: 'QueuePause', Queue: 'sales', Interface: 'PJSIP/1009', Paused: 'false' }],
      ['ami', { Action: 'QueueRemove', Queue: 'sales', Interface: 'PJSIP/1009' }],
    ],
    notes: ['The feature-code calls are calls of 1009 to a service; only their existence is of interest.'],
    truth: {},
  },
];
