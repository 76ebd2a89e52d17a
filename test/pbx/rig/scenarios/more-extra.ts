// More of queues, menus and conferences, many calls at once, click to dial, and calls that the client moves.

import type { AmiFields } from '../ami-recorder.ts';
import { carol, dave, extension, joerg, party } from '../people.ts';
import type { CallFacts, PlannedCall, ScenarioSource, Step } from '../scenario.ts';

const people = { carol };
const incoming: CallFacts = { direction: 'in', remote: party(carol), dialled: '+442079460101' };
const support: CallFacts = { ...incoming, dialled: '+442079460301', queue: 'support' };
const outside = { number: '00493023125042', name: null, e164: joerg.number };
const talking: readonly Step[] = [
  ['carol', 'calls', '+442079460101'],
  ['1001', 'rings'],
  ['wait', 300],
  ['1001', 'answers'],
  ['carol', 'sees', 'answered'],
  ['wait', 600],
];
const start = ['alerting:connected @1001.ring', 'connected:connected @1001.answer'];
const elsewhere = (ext: string, at: string, base: CallFacts): PlannedCall => ({
  ...base,
  cause: 'answered-elsewhere',
  endedBy: 'pbx',
  missed: false,
  states: [`alerting:connected @${ext}.ring`, `null:null @${at}`],
});
const originate = (fields: AmiFields = {}): Step => [
  'ami',
  {
    Action: 'Originate',
    Channel: 'PJSIP/1001',
    Context: 'internal',
    Exten: '00493023125042',
    Priority: 1,
    Timeout: 15000,
    CallerID: 'Click to dial <00493023125042>',
    Async: 'true',
    Variable: ['CALLTAG=click', 'CRM_ID=4711'],
    ...fields,
  },
  { as: 'originate' },
];
const click: CallFacts = { direction: 'out', remote: outside, dialled: '00493023125042', originated: true };
const clicked = ['initiated @originate', 'initiated:null @1001.ring', 'connected:null @1001.answer'];
const ten = Array.from({ length: 10 }, (_, i) => ({
  who: `caller${i}`,
  number: `+44207946098${i}`,
  name: `Caller ${i}`,
  ext: String(1001 + i),
  did: `+4420794601${String(i + 1).padStart(2, '0')}`,
}));
const room = { number: '6600', name: null };

export const scenarios: readonly ScenarioSource[] = [
  {
    name: 'queue-rings-twice',
    group: 'queue',
    title: 'The only agent does not answer for 15 s, the queue tries again, then it answers',
    phones: ['1001'],
    people,
    steps: [
      ['carol', 'calls', '+442079460301'],
      ['carol', 'sees', 'answered'],
      ['1001', 'rings', party(carol)],
      ['1001', 'sees', 'ended', { within: 18000 }],
      ['1001', 'rings', party(carol), { leg: 'again', within: 8000 }],
      ['wait', 600],
      ['1001', 'answers', null, { leg: 'again' }],
      ['wait', 800],
      ['carol', 'hangs-up'],
      ['1001', 'sees', 'ended', { leg: 'again' }],
    ],
    truth: {
      1001: [
        {
          ...support,
          cause: 'noanswer',
          endedBy: 'pbx',
          missed: true,
          states: ['alerting:connected @1001.ring', 'null:null @1001.ended'],
        },
        {
          ...support,
          cause: 'normal',
          endedBy: 'remote',
          states: [
            'alerting:connected @1001:again.ring',
            'connected:connected @1001:again.answer',
            'null:null @carol.hangup',
          ],
        },
      ],
    },
  },
  {
    name: 'queue-timeout',
    group: 'queue',
    title: 'Nobody takes the queue call: after a minute the queue gives up',
    phones: ['1001'],
    people,
    steps: [
      ['carol', 'calls', '+442079460301'],
      ['carol', 'sees', 'answered'],
      ...[1, 2, 3, 4].flatMap((n): Step[] => [
        ['1001', 'rings', party(carol), { leg: `try${n}`, within: 5000 }],
        ['1001', 'sees', 'ended', { leg: `try${n}`, within: 18_000 }],
      ]),
      ['carol', 'sees', 'ended'],
    ],
    notes: ['The phone rings for 15 s, four times, the last time until the minute is over.'],
    truth: {
      1001: [1, 2, 3, 4].map((n) => ({
        ...support,
        cause: 'noanswer',
        endedBy: 'pbx',
        missed: true,
        states: [`alerting:connected @1001:try${n}.ring`, `null:null @1001:try${n}.ended`],
      })),
    },
  },
  {
    name: 'queue-nobody-there',
    group: 'queue',
    title: 'No agent is reachable: the caller waits and gives up',
    people,
    steps: [
      ['carol', 'calls', '+442079460301'],
      ['carol', 'sees', 'answered'],
      ['wait', 3000],
      ['carol', 'hangs-up'],
    ],
    truth: { 1001: [], 1002: [], 1003: [] },
  },
  {
    name: 'queue-internal-caller',
    group: 'queue',
    title: 'An extension calls the queue, an agent answers',
    phones: ['1001', '1002', '1004'],
    steps: [
      ['1004', 'calls', '6301'],
      ['1004', 'sees', 'answered'],
      ['1001', 'rings', extension(1004)],
      ['1002', 'rings', extension(1004)],
      ['wait', 900],
      ['1002', 'answers'],
      ['1001', 'sees', 'ended'],
      ['wait', 900],
      ['1004', 'hangs-up'],
      ['1002', 'sees', 'ended'],
    ],
    truth: {
      1001: [
        {
          direction: 'in',
          remote: extension(1004),
          dialled: '6301',
          queue: 'support',
          cause: 'answered-elsewhere',
          endedBy: 'pbx',
          missed: false,
          states: ['alerting:connected @1001.ring', 'null:null @1002.answer'],
        },
      ],
      1002: [
        {
          direction: 'in',
          remote: extension(1004),
          dialled: '6301',
          queue: 'support',
          cause: 'normal',
          endedBy: 'remote',
          states: ['alerting:connected @1002.ring', 'connected:connected @1002.answer', 'null:null @1004.hangup'],
        },
      ],
      1004: [
        {
          direction: 'out',
          remote: { number: '6301', name: null },
          dialled: '6301',
          cause: 'normal',
          endedBy: 'local',
          states: [
            'initiated @1004.call',
            'connected:queued @1004.answered',
            ['connected:connected @1002.answer', { remoteParty: extension(1002) }],
            'null:null @1004.hangup',
          ],
        },
      ],
    },
  },
  {
    name: 'queue-agent-transfers',
    group: 'queue',
    title: 'The agent sends the queue call on to 1004 (blind)',
    phones: ['1001', '1004'],
    people,
    steps: [
      ['carol', 'calls', '+442079460301'],
      ['1001', 'rings'],
      ['wait', 500],
      ['1001', 'answers'],
      ['wait', 900],
      ['1001', 'refers', '1004'],
      ['1004', 'rings', party(carol)],
      ['1001', 'sees', 'ended'],
      ['wait', 600],
      ['1004', 'answers'],
      ['wait', 900],
      ['carol', 'hangs-up'],
      ['1004', 'sees', 'ended'],
    ],
    truth: {
      1001: [
        {
          ...support,
          cause: 'transferred',
          endedBy: 'local',
          transferredTo: extension(1004),
          states: [...start, 'null:null @1001.refer'],
        },
      ],
      1004: [
        {
          ...incoming,
          dialled: '1004',
          transferredBy: extension(1001),
          cause: 'normal',
          endedBy: 'remote',
          states: ['alerting:connected @1004.ring', 'connected:connected @1004.answer', 'null:null @carol.hangup'],
        },
      ],
    },
  },
  {
    name: 'queue-member-declines',
    group: 'queue',
    title: 'Queue: one agent is busy, one declines, one answers',
    phones: ['1001', '1002', '1003'],
    people,
    steps: [
      ['carol', 'calls', '+442079460301'],
      ['1001', 'rings'],
      ['1002', 'rings'],
      ['1003', 'rings', null, { silent: true }],
      ['1003', 'rejects', 486],
      ['wait', 700],
      ['1001', 'rejects', 603],
      ['wait', 700],
      ['1002', 'answers'],
      ['wait', 900],
      ['1002', 'hangs-up'],
      ['carol', 'sees', 'ended'],
    ],
    truth: {
      1001: [
        {
          ...support,
          cause: 'rejected',
          endedBy: 'local',
          missed: true,
          states: ['alerting:connected @1001.ring', 'null:null @1001.reject'],
        },
      ],
      1002: [
        {
          ...support,
          cause: 'normal',
          endedBy: 'local',
          states: ['alerting:connected @1002.ring', 'connected:connected @1002.answer', 'null:null @1002.hangup'],
        },
      ],
      1003: [
        {
          ...support,
          cause: 'busy',
          endedBy: 'local',
          missed: true,
          states: ['alerting:connected @1003.ring', 'null:null @1003.reject'],
        },
      ],
    },
  },
  {
    name: 'queue-member-in-a-call',
    group: 'queue',
    title: 'An agent who talks already is left alone by the queue; another answers',
    phones: ['1001', '1002'],
    people: { carol, dave },
    steps: [
      ['dave', 'calls', '+442079460101'],
      ['1001', 'rings'],
      ['wait', 300],
      ['1001', 'answers'],
      ['dave', 'sees', 'answered'],
      ['wait', 500],
      ['carol', 'calls', '+442079460301'],
      ['1002', 'rings', party(carol)],
      ['wait', 900],
      ['1002', 'answers'],
      ['wait', 900],
      ['carol', 'hangs-up'],
      ['1002', 'sees', 'ended'],
      ['dave', 'hangs-up'],
      ['1001', 'sees', 'ended'],
    ],
    truth: {
      1001: [
        {
          ...incoming,
          remote: party(dave),
          cause: 'normal',
          endedBy: 'remote',
          states: [...start, 'null:null @dave.hangup'],
        },
      ],
      1002: [
        {
          ...support,
          cause: 'normal',
          endedBy: 'remote',
          states: ['alerting:connected @1002.ring', 'connected:connected @1002.answer', 'null:null @carol.hangup'],
        },
      ],
    },
  },
  {
    name: 'queue-member-paused',
    group: 'queue',
    title: 'A paused agent is not rung',
    phones: ['1001', '1002'],
    people,
    steps: [
      ['ami', { Action: 'QueuePause', Queue: 'support', Interface: 'PJSIP/1001', Paused: 'true', Reason: 'Lunch' }],
      ['wait', 200],
      ['carol', 'calls', '+442079460301'],
      ['1002', 'rings', party(carol)],
      ['wait', 800],
      ['1002', 'answers'],
      ['wait', 800],
      ['carol', 'hangs-up'],
      ['1002', 'sees', 'ended'],
      ['ami', { Action: 'QueuePause', Queue: 'support', Interface: 'PJSIP/1001', Paused: 'false' }],
    ],
    truth: {
      1001: [],
      1002: [
        {
          ...support,
          cause: 'normal',
          endedBy: 'remote',
          states: ['alerting:connected @1002.ring', 'connected:connected @1002.answer', 'null:null @carol.hangup'],
        },
      ],
    },
  },
  {
    name: 'queue-local-members-abandoned',
    group: 'queue',
    title: 'Members behind Local channels ring, the caller gives up',
    phones: ['1007', '1008'],
    people,
    steps: [
      ['carol', 'calls', '+442079460303'],
      ['1007', 'rings'],
      ['1008', 'rings'],
      ['wait', 1200],
      ['carol', 'hangs-up'],
      ['1007', 'sees', 'ended'],
      ['1008', 'sees', 'ended'],
    ],
    truth: Object.fromEntries(
      ['1007', '1008'].map((ext) => [
        ext,
        [
          {
            ...incoming,
            dialled: '+442079460303',
            queue: 'helpdesk',
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
    name: 'menu-queue',
    group: 'queue',
    title: 'Voice menu: the caller presses 2 for the queue, an agent answers',
    phones: ['1001', '1002'],
    people,
    steps: [
      ['carol', 'calls', '+442079460400'],
      ['carol', 'sees', 'answered'],
      ['wait', 1500],
      ['carol', 'dials', '2'],
      ['1001', 'rings', party(carol), { within: 9000 }],
      ['1002', 'rings'],
      ['wait', 700],
      ['1001', 'answers'],
      ['1002', 'sees', 'ended'],
      ['wait', 900],
      ['carol', 'hangs-up'],
      ['1001', 'sees', 'ended'],
    ],
    tries: 2,
    truth: {
      1001: [
        {
          ...support,
          dialled: '+442079460400',
          cause: 'normal',
          endedBy: 'remote',
          states: [...start, 'null:null @carol.hangup'],
        },
      ],
      1002: [elsewhere('1002', '1001.answer', { ...support, dialled: '+442079460400' })],
    },
  },
  {
    name: 'menu-extension',
    title: 'Voice menu: the caller dials the extension 1003',
    phones: ['1003'],
    people,
    steps: [
      ['carol', 'calls', '+442079460400'],
      ['carol', 'sees', 'answered'],
      ['wait', 1500],
      ['carol', 'dials', '1003'],
      ['1003', 'rings', party(carol), { within: 9000 }],
      ['wait', 500],
      ['1003', 'answers'],
      ['wait', 800],
      ['1003', 'hangs-up'],
      ['carol', 'sees', 'ended'],
    ],
    tries: 2,
    truth: {
      1003: [
        {
          ...incoming,
          dialled: '+442079460400',
          cause: 'normal',
          endedBy: 'local',
          states: ['alerting:connected @1003.ring', 'connected:connected @1003.answer', 'null:null @1003.hangup'],
        },
      ],
    },
  },
  {
    name: 'conference-three',
    title: 'Three extensions in a conference; the last one stays alone for a moment',
    phones: ['1001', '1002', '1003'],
    steps: [
      ...['1001', '1002', '1003'].flatMap((ext): Step[] => [
        [ext, 'calls', '6600'],
        [ext, 'sees', 'answered'],
        ['wait', 500],
      ]),
      ['wait', 800],
      ['1002', 'hangs-up'],
      ['wait', 500],
      ['1003', 'hangs-up'],
      ['wait', 500],
      ['1001', 'hangs-up'],
    ],
    truth: Object.fromEntries(
      ['1001', '1002', '1003'].map((ext) => [
        ext,
        [
          {
            direction: 'out',
            remote: room,
            conference: '6600',
            dialled: '6600',
            cause: 'normal',
            endedBy: 'local',
            states: [`initiated @${ext}.call`, `connected:connected @${ext}.answered`, `null:null @${ext}.hangup`],
          },
        ],
      ]),
    ),
  },
  {
    name: 'conference-blind-transfer',
    title: 'A caller is sent into the conference room by blind transfer',
    phones: ['1001', '1002'],
    people,
    steps: [
      ['1002', 'calls', '6600'],
      ['1002', 'sees', 'answered'],
      ...talking,
      ['1001', 'refers', '6600'],
      ['1001', 'sees', 'ended'],
      ['wait', 1200],
      ['carol', 'hangs-up'],
      ['wait', 400],
      ['1002', 'hangs-up'],
    ],
    truth: {
      1001: [
        {
          ...incoming,
          cause: 'transferred',
          endedBy: 'local',
          transferredTo: { number: '6600' },
          states: [...start, 'null:null @1001.refer'],
        },
      ],
      1002: [
        {
          direction: 'out',
          remote: room,
          conference: '6600',
          dialled: '6600',
          cause: 'normal',
          endedBy: 'local',
          states: ['initiated @1002.call', 'connected:connected @1002.answered', 'null:null @1002.hangup'],
        },
      ],
    },
  },
  {
    name: 'internal-declined',
    title: 'Extension to extension, declined while it rings',
    phones: ['1001', '1002'],
    steps: [
      ['1001', 'calls', '1002'],
      ['1002', 'rings', extension(1001)],
      ['wait', 800],
      ['1002', 'rejects', 603],
      ['1001', 'sees', 'rejected'],
    ],
    truth: {
      1001: [
        {
          direction: 'out',
          remote: extension(1002),
          dialled: '1002',
          cause: 'rejected',
          endedBy: 'remote',
          states: [
            'initiated @1001.call',
            'connected:alerting @1002.ring',
            'connected:fail @1002.reject',
            'null:null @1001.rejected',
          ],
        },
      ],
      1002: [
        {
          direction: 'in',
          remote: extension(1001),
          dialled: '1002',
          cause: 'rejected',
          endedBy: 'local',
          missed: true,
          states: ['alerting:connected @1002.ring', 'null:null @1002.reject'],
        },
      ],
    },
  },
  {
    name: 'internal-to-self',
    title: 'An extension calls its own number: its second line rings, it declines',
    phones: ['1001'],
    steps: [
      ['1001', 'calls', '1001'],
      ['1001', 'rings', extension(1001), { leg: 'self' }],
      ['wait', 800],
      ['1001', 'rejects', 486, { leg: 'self' }],
      ['1001', 'sees', 'rejected'],
    ],
    truth: {
      1001: [
        {
          direction: 'out',
          remote: extension(1001),
          dialled: '1001',
          cause: 'busy',
          endedBy: 'remote',
          states: [
            'initiated @1001.call',
            'connected:alerting @1001:self.ring',
            'connected:fail @1001:self.reject',
            'null:null @1001.rejected',
          ],
        },
        {
          direction: 'in',
          remote: extension(1001),
          dialled: '1001',
          cause: 'busy',
          endedBy: 'local',
          missed: true,
          states: ['alerting:connected @1001:self.ring', 'null:null @1001:self.reject'],
        },
      ],
    },
  },
  {
    name: 'internal-to-self-answered',
    title: 'An extension calls its own number and answers on its second line',
    phones: ['1001'],
    steps: [
      ['1001', 'calls', '1001'],
      ['1001', 'rings', extension(1001), { leg: 'self' }],
      ['wait', 600],
      ['1001', 'answers', null, { leg: 'self' }],
      ['1001', 'sees', 'answered'],
      ['wait', 800],
      ['1001', 'hangs-up'],
      ['1001', 'sees', 'ended', { leg: 'self' }],
    ],
    truth: {
      1001: [
        {
          direction: 'out',
          remote: extension(1001),
          dialled: '1001',
          cause: 'normal',
          endedBy: 'local',
          states: [
            'initiated @1001.call',
            'connected:alerting @1001:self.ring',
            'connected:connected @1001:self.answer',
            'null:null @1001.hangup',
          ],
        },
        {
          direction: 'in',
          remote: extension(1001),
          dialled: '1001',
          cause: 'normal',
          endedBy: 'remote',
          states: [
            'alerting:connected @1001:self.ring',
            'connected:connected @1001:self.answer',
            'null:null @1001.hangup',
          ],
        },
      ],
    },
  },
  {
    name: 'ten-calls-at-once',
    title: 'Ten callers from outside at once, one for each phone; all answered, all ended by the callers',
    phones: ten.map(({ ext }) => ext),
    people: Object.fromEntries(ten.map(({ who, number, name }) => [who, { number, name }])),
    steps: [
      ['together', ten.map(({ who, did }) => [who, 'calls', did])],
      ['together', ten.map(({ ext, number, name }) => [ext, 'rings', { number, name }])],
      ['wait', 600],
      ['together', ten.map(({ ext }) => [ext, 'answers'])],
      ['wait', 1000],
      ['together', ten.map(({ who }) => [who, 'hangs-up'])],
      ['together', ten.map(({ ext }) => [ext, 'sees', 'ended'])],
    ],
    truth: Object.fromEntries(
      ten.map(({ who, number, name, ext, did }) => [
        ext,
        [
          {
            direction: 'in',
            remote: { number, name },
            dialled: did,
            cause: 'normal',
            endedBy: 'remote',
            states: [
              `alerting:connected @${ext}.ring`,
              `connected:connected @${ext}.answer`,
              `null:null @${who}.hangup`,
            ],
          },
        ],
      ]),
    ),
  },
  {
    name: 'five-internal-calls-at-once',
    title: 'Five pairs of extensions call each other at once; some answer, some are busy, some give up',
    phones: ten.map(({ ext }) => ext),
    steps: [
      [
        'together',
        [
          ['1001', 'calls', '1002'],
          ['1003', 'calls', '1004'],
          ['1005', 'calls', '1006'],
          ['1007', 'calls', '1008'],
          ['1009', 'calls', '1010'],
        ],
      ],
      [
        'together',
        [
          ['1002', 'rings'],
          ['1004', 'rings'],
          ['1006', 'rings'],
          ['1008', 'rings'],
          ['1010', 'rings'],
        ],
      ],
      ['wait', 500],
      [
        'together',
        [
          ['1002', 'answers'],
          ['1004', 'rejects', 486],
          ['1005', 'hangs-up'],
          ['1008', 'answers'],
          ['1010', 'answers'],
        ],
      ],
      ['1003', 'sees', 'rejected'],
      ['1006', 'sees', 'ended'],
      ['wait', 700],
      [
        'together',
        [
          ['1001', 'hangs-up'],
          ['1008', 'hangs-up'],
          ['1009', 'hangs-up'],
        ],
      ],
      [
        'together',
        [
          ['1002', 'sees', 'ended'],
          ['1007', 'sees', 'ended'],
          ['1010', 'sees', 'ended'],
        ],
      ],
    ],
    truth: {
      ...Object.fromEntries(
        (
          [
            [1001, 1002, '1001'],
            [1007, 1008, '1008'],
            [1009, 1010, '1009'],
          ] as const
        ).flatMap(([a, b, by]) => [
          [
            a,
            [
              {
                direction: 'out',
                remote: extension(b),
                dialled: String(b),
                cause: 'normal',
                endedBy: String(a) === by ? 'local' : 'remote',
                states: [
                  `initiated @${a}.call`,
                  `connected:alerting @${b}.ring`,
                  `connected:connected @${b}.answer`,
                  `null:null @${by}.hangup`,
                ],
              },
            ],
          ],
          [
            b,
            [
              {
                direction: 'in',
                remote: extension(a),
                dialled: String(b),
                cause: 'normal',
                endedBy: String(b) === by ? 'local' : 'remote',
                states: [
                  `alerting:connected @${b}.ring`,
                  `connected:connected @${b}.answer`,
                  `null:null @${by}.hangup`,
                ],
              },
            ],
          ],
        ]),
      ),
      1003: [
        {
          direction: 'out',
          remote: extension(1004),
          dialled: '1004',
          cause: 'busy',
          endedBy: 'remote',
          states: [
            'initiated @1003.call',
            'connected:alerting @1004.ring',
            'connected:fail @1004.reject',
            'null:null @1003.rejected',
          ],
        },
      ],
      1004: [
        {
          direction: 'in',
          remote: extension(1003),
          dialled: '1004',
          cause: 'busy',
          endedBy: 'local',
          missed: true,
          states: ['alerting:connected @1004.ring', 'null:null @1004.reject'],
        },
      ],
      1005: [
        {
          direction: 'out',
          remote: extension(1006),
          dialled: '1006',
          cause: 'cancelled',
          endedBy: 'local',
          states: ['initiated @1005.call', 'connected:alerting @1006.ring', 'null:null @1005.hangup'],
        },
      ],
      1006: [
        {
          direction: 'in',
          remote: extension(1005),
          dialled: '1006',
          cause: 'cancelled',
          endedBy: 'remote',
          missed: true,
          states: ['alerting:connected @1006.ring', 'null:null @1005.hangup'],
        },
      ],
    },
  },
  {
    name: 'originate-given-up',
    title: 'Click to dial: the user hangs up while the destination rings',
    phones: ['1001'],
    people: { joerg },
    steps: [
      originate(),
      ['1001', 'rings'],
      ['wait', 400],
      ['1001', 'answers'],
      ['joerg', 'rings'],
      ['wait', 900],
      ['1001', 'hangs-up'],
      ['joerg', 'sees', 'ended'],
    ],
    truth: {
      1001: [
        {
          ...click,
          cause: 'cancelled',
          endedBy: 'local',
          states: [...clicked, 'connected:alerting @joerg.ring', 'null:null @1001.hangup'],
        },
      ],
    },
  },
  {
    name: 'originate-destination-unallocated',
    title: 'Click to dial: the number does not exist',
    phones: ['1001'],
    people: { joerg },
    steps: [
      originate(),
      ['1001', 'rings'],
      ['wait', 300],
      ['1001', 'answers'],
      ['joerg', 'rings', null, { silent: true }],
      ['joerg', 'rejects', 404],
      ['1001', 'sees', 'ended', { within: 15000 }],
    ],
    truth: {
      1001: [
        {
          ...click,
          cause: 'unallocated',
          endedBy: 'pbx',
          states: [...clicked, 'connected:fail @joerg.reject', 'null:null @1001.ended'],
        },
      ],
    },
  },
  {
    name: 'originate-destination-declined',
    title: 'Click to dial to another extension, which declines',
    phones: ['1001', '1002'],
    steps: [
      originate({ Exten: '1002', CallerID: 'Alice Jansen <1001>' }),
      ['1001', 'rings'],
      ['wait', 300],
      ['1001', 'answers'],
      ['1002', 'rings', extension(1001)],
      ['wait', 800],
      ['1002', 'rejects', 486],
      ['wait', 1200],
      ['1001', 'hangs-up'],
    ],
    truth: {
      1001: [
        {
          ...click,
          remote: extension(1002),
          dialled: '1002',
          cause: 'busy',
          endedBy: 'local',
          states: [
            ...clicked,
            'connected:alerting @1002.ring',
            'connected:fail @1002.reject',
            'null:null @1001.hangup',
          ],
        },
      ],
      1002: [
        {
          direction: 'in',
          remote: extension(1001),
          dialled: '1002',
          cause: 'busy',
          endedBy: 'local',
          missed: true,
          states: ['alerting:connected @1002.ring', 'null:null @1002.reject'],
        },
      ],
    },
  },
  {
    name: 'originate-cancelled-by-client',
    title: 'Click to dial: the client takes it back while the own phone rings',
    phones: ['1001'],
    steps: [
      originate(),
      ['1001', 'rings'],
      ['wait', 800],
      ['ami', { Action: 'Hangup', Channel: '{channel:PJSIP/1001}' }, { as: 'hangup' }],
      ['1001', 'sees', 'ended'],
    ],
    truth: {
      1001: [
        {
          ...click,
          cause: 'cancelled',
          endedBy: 'client',
          states: ['initiated @originate', 'initiated:null @1001.ring', 'null:null @hangup'],
        },
      ],
    },
  },
  {
    name: 'originate-local-kept',
    title: 'Click to dial through a Local channel that stays (/n)',
    phones: ['1001'],
    people: { joerg },
    steps: [
      originate({ Channel: 'Local/1001@internal/n' }),
      ['1001', 'rings'],
      ['wait', 500],
      ['1001', 'answers'],
      ['joerg', 'rings'],
      ['wait', 700],
      ['joerg', 'answers'],
      ['wait', 1000],
      ['joerg', 'hangs-up'],
      ['1001', 'sees', 'ended'],
    ],
    truth: {
      1001: [
        {
          ...click,
          cause: 'normal',
          endedBy: 'remote',
          states: [
            ...clicked,
            'connected:alerting @joerg.ring',
            'connected:connected @joerg.answer',
            'null:null @joerg.hangup',
          ],
        },
      ],
    },
  },
  {
    name: 'originate-local-internal',
    title: 'Click to dial through a Local channel, to another extension',
    phones: ['1001', '1002'],
    steps: [
      originate({ Channel: 'Local/1001@internal', Exten: '1002', CallerID: 'Alice Jansen <1001>' }),
      ['1001', 'rings'],
      ['wait', 500],
      ['1001', 'answers'],
      ['1002', 'rings'],
      ['wait', 700],
      ['1002', 'answers'],
      ['wait', 1000],
      ['1002', 'hangs-up'],
      ['1001', 'sees', 'ended'],
    ],
    truth: {
      1001: [
        {
          ...click,
          remote: extension(1002),
          dialled: '1002',
          cause: 'normal',
          endedBy: 'remote',
          states: [
            ...clicked,
            'connected:alerting @1002.ring',
            'connected:connected @1002.answer',
            'null:null @1002.hangup',
          ],
        },
      ],
      1002: [
        {
          direction: 'in',
          remote: extension(1001),
          dialled: '1002',
          cause: 'normal',
          endedBy: 'local',
          states: ['alerting:connected @1002.ring', 'connected:connected @1002.answer', 'null:null @1002.hangup'],
        },
      ],
    },
  },
  {
    name: 'originate-local-rejected',
    title: 'Click to dial through a Local channel; the user rejects the ringing phone',
    phones: ['1001'],
    steps: [
      originate({ Channel: 'Local/1001@internal' }),
      ['1001', 'rings'],
      ['wait', 500],
      ['1001', 'rejects', 603],
      ['wait', 800],
    ],
    truth: {
      1001: [
        {
          ...click,
          cause: 'rejected',
          endedBy: 'local',
          states: ['initiated @originate', 'initiated:null @1001.ring', 'null:null @1001.reject'],
        },
      ],
    },
  },
  {
    name: 'originate-during-a-call',
    title: 'Click to dial while the phone rings with a call from outside; both are answered in turn',
    phones: ['1001'],
    people: { carol, joerg },
    steps: [
      ['carol', 'calls', '+442079460101'],
      ['1001', 'rings', party(carol), { leg: 'in' }],
      ['wait', 500],
      originate(),
      ['1001', 'rings'],
      ['wait', 500],
      ['carol', 'hangs-up'],
      ['1001', 'sees', 'ended', { leg: 'in' }],
      ['wait', 300],
      ['1001', 'answers'],
      ['joerg', 'rings'],
      ['wait', 500],
      ['joerg', 'answers'],
      ['wait', 800],
      ['1001', 'hangs-up'],
      ['joerg', 'sees', 'ended'],
    ],
    truth: {
      1001: [
        {
          ...incoming,
          cause: 'cancelled',
          endedBy: 'remote',
          missed: true,
          states: ['alerting:connected @1001:in.ring', 'null:null @carol.hangup'],
        },
        {
          ...click,
          cause: 'normal',
          endedBy: 'local',
          states: [
            ...clicked,
            'connected:alerting @joerg.ring',
            'connected:connected @joerg.answer',
            'null:null @1001.hangup',
          ],
        },
      ],
    },
  },
  {
    name: 'ami-deflect',
    title: 'The client sends the ringing call on to 1002 (Redirect of the caller while 1001 rings)',
    phones: ['1001', '1002'],
    people,
    steps: [
      ['carol', 'calls', '+442079460101'],
      ['1001', 'rings'],
      ['wait', 900],
      [
        'ami',
        { Action: 'Redirect', Channel: '{channel:PJSIP/trunk}', Context: 'internal', Exten: '1002', Priority: 1 },
        { as: 'redirect' },
      ],
      ['1001', 'sees', 'ended'],
      ['1002', 'rings', party(carol)],
      ['wait', 600],
      ['1002', 'answers'],
      ['carol', 'sees', 'answered'],
      ['wait', 800],
      ['carol', 'hangs-up'],
      ['1002', 'sees', 'ended'],
    ],
    truth: {
      1001: [
        {
          ...incoming,
          cause: 'deflected',
          endedBy: 'client',
          divertedTo: extension(1002),
          states: ['alerting:connected @1001.ring', 'null:null @redirect'],
        },
      ],
      1002: [
        {
          ...incoming,
          dialled: '1002',
          divertedFrom: extension(1001),
          cause: 'normal',
          endedBy: 'remote',
          states: ['alerting:connected @1002.ring', 'connected:connected @1002.answer', 'null:null @carol.hangup'],
        },
      ],
    },
  },
  {
    name: 'ami-atxfer',
    title: 'The client starts an attended transfer (Atxfer) of 1001 to 1002; 1001 completes it by hanging up',
    phones: ['1001', '1002'],
    people,
    steps: [
      ...talking,
      [
        'ami',
        { Action: 'Atxfer', Channel: '{channel:PJSIP/1001}', Context: 'internal', Exten: '1002' },
        { as: 'atxfer' },
      ],
      ['1002', 'rings', null, { within: 9000 }],
      ['wait', 600],
      ['1002', 'answers'],
      ['wait', 1200],
      ['1001', 'hangs-up'],
      ['wait', 1200],
      ['carol', 'hangs-up'],
      ['1002', 'sees', 'ended'],
    ],
    tries: 4,
    notes: ['At 1001 this is one device call with a consultation inside it; a client may show one call or two.'],
    truth: {
      1001: [
        {
          ...incoming,
          cause: 'transferred',
          endedBy: 'local',
          transferredTo: extension(1002),
          states: [...start, 'hold:connected @atxfer', 'null:null @1001.hangup'],
        },
      ],
      1002: [
        {
          direction: 'in',
          remote: extension(1001),
          dialled: '1002',
          cause: 'normal',
          endedBy: 'remote',
          transferredBy: extension(1001),
          states: [
            'alerting:connected @1002.ring',
            'connected:connected @1002.answer',
            ['connected:connected @1001.hangup', { remoteParty: party(carol) }],
            'null:null @carol.hangup',
          ],
        },
      ],
    },
  },
  {
    name: 'ami-bridge',
    title: 'The client connects the caller of 1001 with 1002, who waits at a service (Bridge)',
    phones: ['1001', '1002'],
    people,
    steps: [
      ['1002', 'calls', '6711'],
      ['1002', 'sees', 'answered'],
      ...talking,
      [
        'ami',
        { Action: 'Bridge', Channel1: '{channel:PJSIP/trunk}', Channel2: '{channel:PJSIP/1002}' },
        { as: 'bridge' },
      ],
      ['1001', 'sees', 'ended'],
      ['wait', 1200],
      ['carol', 'hangs-up'],
      ['1002', 'sees', 'ended'],
    ],
    truth: {
      1001: [
        {
          ...incoming,
          cause: 'transferred',
          endedBy: 'client',
          transferredTo: extension(1002),
          states: [...start, 'null:null @bridge'],
        },
      ],
      1002: [
        {
          direction: 'out',
          remote: { number: '6711', name: null },
          dialled: '6711',
          cause: 'normal',
          endedBy: 'remote',
          states: [
            'initiated @1002.call',
            'connected:connected @1002.answered',
            ['connected:connected @bridge', { remoteParty: party(carol) }],
            'null:null @carol.hangup',
          ],
        },
      ],
    },
  },
  {
    name: 'ami-redirect-both',
    title: 'The client moves both sides of a call into the conference room (Redirect with ExtraChannel)',
    phones: ['1001'],
    people,
    steps: [
      ...talking,
      [
        'ami',
        {
          Action: 'Redirect',
          Channel: '{channel:PJSIP/trunk}',
          Context: 'internal',
          Exten: '6600',
          Priority: 1,
          ExtraChannel: '{channel:PJSIP/1001}',
          ExtraContext: 'internal',
          ExtraExten: '6600',
          ExtraPriority: 1,
        },
        { as: 'redirect' },
      ],
      ['wait', 1500],
      ['carol', 'hangs-up'],
      ['wait', 600],
      ['1001', 'hangs-up'],
    ],
    truth: {
      1001: [
        {
          ...incoming,
          conference: '6600',
          cause: 'normal',
          endedBy: 'local',
          states: [...start, ['connected:connected @redirect', { remoteParty: room }], 'null:null @1001.hangup'],
        },
      ],
    },
  },
  {
    name: 'ami-reconnect',
    title: 'The client loses its connection during a call and comes back before the call ends',
    phones: ['1001', '1002'],
    people,
    steps: [
      ...talking,
      ['1001', 'holds'],
      ['wait', 300],
      ['reconnect'],
      [
        'together',
        ['CoreShowChannels', 'Status', 'BridgeList', 'QueueStatus', 'ParkedCalls'].map(
          (Action): Step => ['ami', { Action }, { expect: null }],
        ),
      ],
      ['wait', 500],
      ['1001', 'resumes'],
      ['wait', 500],
      ['carol', 'hangs-up'],
      ['1001', 'sees', 'ended'],
    ],
    notes: ['Two connections, one after the other; the greeting line comes again with the second.'],
    truth: {
      1001: [
        {
          ...incoming,
          cause: 'normal',
          endedBy: 'remote',
          states: [
            ...start,
            'hold:connected @1001.hold',
            'connected:connected @1001.resume',
            'null:null @carol.hangup',
          ],
        },
      ],
      1002: [],
    },
  },
  {
    name: 'ami-hangup-trunk-leg',
    title: 'The client ends the call at the leg of the outside caller',
    phones: ['1001'],
    people,
    steps: [
      ...talking,
      ['ami', { Action: 'Hangup', Channel: '{channel:PJSIP/trunk}', Cause: 16 }, { as: 'hangup' }],
      ['carol', 'sees', 'ended'],
      ['1001', 'sees', 'ended'],
    ],
    truth: { 1001: [{ ...incoming, cause: 'normal', endedBy: 'client', states: [...start, 'null:null @hangup'] }] },
  },
];
