// Calls that an extension places, inside and to the outside.

import { extension, joerg } from '../people.ts';
import type { CallFacts, ScenarioSource, Step } from '../scenario.ts';

const people = { joerg };
const outgoing: CallFacts = {
  direction: 'out',
  remote: { number: '00493023125042', name: null, e164: joerg.number },
  dialled: '00493023125042',
};
const dial: Step = ['1001', 'calls', '00493023125042'];

export const scenarios: readonly ScenarioSource[] = [
  {
    name: 'internal-answered',
    title: 'Extension to extension; the caller hangs up',
    phones: ['1001', '1002'],
    steps: [
      ['1001', 'calls', '1002'],
      ['1002', 'rings', extension(1001)],
      ['1001', 'sees', 'ringing'],
      ['wait', 800],
      ['1002', 'answers'],
      ['1001', 'sees', 'answered'],
      ['wait', 1200],
      ['1001', 'hangs-up'],
      ['1002', 'sees', 'ended'],
    ],
    truth: {
      1001: [
        {
          direction: 'out',
          remote: extension(1002),
          dialled: '1002',
          cause: 'normal',
          endedBy: 'local',
          states: [
            'initiated @1001.call',
            'connected:alerting @1002.ring',
            'connected:connected @1002.answer',
            'null:null @1001.hangup',
          ],
        },
      ],
      1002: [
        {
          direction: 'in',
          remote: extension(1001),
          dialled: '1002',
          cause: 'normal',
          endedBy: 'remote',
          states: ['alerting:connected @1002.ring', 'connected:connected @1002.answer', 'null:null @1001.hangup'],
        },
      ],
    },
  },
  {
    name: 'internal-utf8',
    title: 'Between extensions with names in Cyrillic and Chinese',
    phones: ['1004', '1008'],
    steps: [
      ['1004', 'calls', '1008'],
      ['1008', 'rings', extension(1004)],
      ['wait', 400],
      ['1008', 'answers'],
      ['1004', 'sees', 'answered'],
      ['wait', 600],
      ['1008', 'hangs-up'],
      ['1004', 'sees', 'ended'],
    ],
    truth: {
      1004: [
        {
          direction: 'out',
          remote: extension(1008),
          dialled: '1008',
          cause: 'normal',
          endedBy: 'remote',
          states: [
            'initiated @1004.call',
            'connected:alerting @1008.ring',
            'connected:connected @1008.answer',
            'null:null @1008.hangup',
          ],
        },
      ],
      1008: [
        {
          direction: 'in',
          remote: extension(1004),
          dialled: '1008',
          cause: 'normal',
          endedBy: 'local',
          states: ['alerting:connected @1008.ring', 'connected:connected @1008.answer', 'null:null @1008.hangup'],
        },
      ],
    },
  },
  {
    name: 'internal-busy',
    title: 'Extension to a busy extension',
    phones: ['1001', '1002'],
    steps: [
      ['1001', 'calls', '1002'],
      ['1002', 'rings', null, { silent: true }],
      ['1002', 'rejects', 486],
      ['1001', 'sees', 'rejected', { status: 486 }],
    ],
    truth: {
      1001: [
        {
          direction: 'out',
          remote: extension(1002),
          dialled: '1002',
          cause: 'busy',
          endedBy: 'remote',
          states: ['initiated @1001.call', 'connected:fail @1002.reject', 'null:null @1001.rejected'],
        },
      ],
      1002: [
        {
          direction: 'in',
          remote: extension(1001),
          dialled: '1002',
          cause: 'busy',
          endedBy: 'local',
          states: ['alerting:connected @1002.ring', 'null:null @1002.reject'],
        },
      ],
    },
  },
  {
    name: 'internal-cancelled',
    title: 'The calling extension gives up',
    phones: ['1001', '1002'],
    steps: [
      ['1001', 'calls', '1002'],
      ['1002', 'rings'],
      ['wait', 1000],
      ['1001', 'hangs-up'],
      ['1002', 'sees', 'ended'],
    ],
    truth: {
      1001: [
        {
          direction: 'out',
          remote: extension(1002),
          dialled: '1002',
          cause: 'cancelled',
          endedBy: 'local',
          states: ['initiated @1001.call', 'connected:alerting @1002.ring', 'null:null @1001.hangup'],
        },
      ],
      1002: [
        {
          direction: 'in',
          remote: extension(1001),
          dialled: '1002',
          cause: 'cancelled',
          endedBy: 'remote',
          missed: true,
          states: ['alerting:connected @1002.ring', 'null:null @1001.hangup'],
        },
      ],
    },
  },
  {
    name: 'internal-wrong-number',
    title: 'An extension dials a number that is not there (404)',
    phones: ['1001'],
    steps: [
      ['1001', 'calls', '4711'],
      ['1001', 'sees', 'rejected', { status: 404 }],
    ],
    notes: ['Asterisk refuses the INVITE before it makes a channel: nothing of it is on AMI.'],
    truth: { 1001: [] },
  },
  {
    name: 'outbound-answered',
    title: 'Outgoing call, answered; the other side hangs up',
    phones: ['1001'],
    people,
    steps: [
      dial,
      ['joerg', 'rings'],
      ['1001', 'sees', 'ringing'],
      ['wait', 1000],
      ['joerg', 'answers'],
      ['1001', 'sees', 'answered'],
      ['wait', 1200],
      ['joerg', 'hangs-up'],
      ['1001', 'sees', 'ended'],
    ],
    truth: {
      1001: [
        {
          ...outgoing,
          cause: 'normal',
          endedBy: 'remote',
          states: [
            'initiated @1001.call',
            'connected:alerting @joerg.ring',
            'connected:connected @joerg.answer',
            'null:null @joerg.hangup',
          ],
        },
      ],
    },
  },
  {
    name: 'outbound-early-media',
    title: 'Outgoing call with 183 Session Progress instead of 180 Ringing',
    phones: ['1001'],
    people,
    steps: [
      dial,
      ['joerg', 'rings', null, { status: 183 }],
      ['1001', 'sees', 'progress'],
      ['wait', 1000],
      ['joerg', 'answers'],
      ['1001', 'sees', 'answered'],
      ['wait', 600],
      ['1001', 'hangs-up'],
      ['joerg', 'sees', 'ended'],
    ],
    truth: {
      1001: [
        {
          ...outgoing,
          cause: 'normal',
          endedBy: 'local',
          states: [
            'initiated @1001.call',
            'connected:alerting @joerg.ring',
            'connected:connected @joerg.answer',
            'null:null @1001.hangup',
          ],
        },
      ],
    },
  },
  {
    name: 'outbound-cancelled',
    title: 'The extension gives up while it rings outside',
    phones: ['1001'],
    people,
    steps: [dial, ['joerg', 'rings'], ['wait', 1000], ['1001', 'hangs-up'], ['joerg', 'sees', 'ended']],
    truth: {
      1001: [
        {
          ...outgoing,
          cause: 'cancelled',
          endedBy: 'local',
          states: ['initiated @1001.call', 'connected:alerting @joerg.ring', 'null:null @1001.hangup'],
        },
      ],
    },
  },
  ...(
    [
      ['busy', 486, 'busy', 'is busy'],
      ['noanswer', 480, 'noanswer', 'does not answer (480 from the carrier)'],
      ['unallocated', 404, 'unallocated', 'does not exist'],
      ['declined', 603, 'rejected', 'declines'],
      ['congestion', 503, 'congestion', 'cannot be reached: 503 from the carrier'],
    ] as const
  ).map(
    ([name, status, cause, words]): ScenarioSource => ({
      name: `outbound-${name}`,
      title: `Outgoing call; the other side ${words}`,
      phones: ['1001'],
      people,
      steps: [
        dial,
        ['joerg', 'rings', null, { silent: true }],
        ['wait', 500],
        ['joerg', 'rejects', status],
        ['1001', 'sees', 'rejected'],
      ],
      truth: {
        1001: [
          {
            ...outgoing,
            cause,
            endedBy: 'remote',
            states: ['initiated @1001.call', 'connected:fail @joerg.reject', 'null:null @1001.rejected'],
          },
        ],
      },
    }),
  ),
];
