// Click to dial: the switch rings the user's own phone first (AMI Originate), then dials the number.

import type { AmiFields } from '../ami-recorder.ts';
import { extension, joerg } from '../people.ts';
import type { CallFacts, ScenarioSource, Step } from '../scenario.ts';

const people = { joerg };
const number = '00493023125042';
const base: CallFacts = {
  direction: 'out',
  remote: { number, name: null, e164: joerg.number },
  dialled: number,
  originated: true,
};
const originate = (fields: AmiFields = {}): Step => [
  'ami',
  {
    Action: 'Originate',
    Channel: 'PJSIP/1001',
    Context: 'internal',
    Exten: number,
    Priority: 1,
    Timeout: 15000,
    CallerID: 'Click to dial <00493023125042>',
    Async: 'true',
    Variable: ['CALLTAG=click', 'CRM_ID=4711'],
    ...fields,
  },
  { as: 'originate' },
];

export const scenarios: readonly ScenarioSource[] = [
  {
    name: 'originate-answered',
    title: 'The phone rings, is answered, the number is dialled and answers',
    phones: ['1001'],
    people,
    steps: [
      originate(),
      ['1001', 'rings'],
      ['wait', 800],
      ['1001', 'answers'],
      ['joerg', 'rings'],
      ['wait', 1000],
      ['joerg', 'answers'],
      ['wait', 1200],
      ['joerg', 'hangs-up'],
      ['1001', 'sees', 'ended'],
    ],
    notes: [
      'Until it answers, the phone of 1001 rings, but the call is an outgoing one of its user: no screen pop as for an incoming call.',
    ],
    truth: {
      1001: [
        {
          ...base,
          cause: 'normal',
          endedBy: 'remote',
          states: [
            'initiated @originate',
            'initiated:null @1001.ring',
            'connected:null @1001.answer',
            'connected:alerting @joerg.ring',
            'connected:connected @joerg.answer',
            'null:null @joerg.hangup',
          ],
        },
      ],
    },
  },
  {
    name: 'originate-internal',
    title: 'Click to dial to another extension',
    phones: ['1001', '1002'],
    steps: [
      originate({ Exten: '1002', CallerID: 'Bob de Vries <1002>' }),
      ['1001', 'rings'],
      ['wait', 400],
      ['1001', 'answers'],
      ['1002', 'rings'],
      ['wait', 800],
      ['1002', 'answers'],
      ['wait', 1000],
      ['1001', 'hangs-up'],
      ['1002', 'sees', 'ended'],
    ],
    notes: [
      'CallerID of Originate is what the phone of 1001 shows while it rings (the number to be dialled).',
      'It also becomes the caller id of the channel: what 1002 gets to see is up to the PBX (here: 1002 itself). 1001 is who really calls.',
    ],
    truth: {
      1001: [
        {
          ...base,
          remote: extension(1002),
          dialled: '1002',
          cause: 'normal',
          endedBy: 'local',
          states: [
            'initiated @originate',
            'initiated:null @1001.ring',
            'connected:null @1001.answer',
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
    name: 'originate-own-caller-id',
    title: 'Click to dial with the caller id of the user',
    phones: ['1001', '1002'],
    steps: [
      originate({ Exten: '1002', CallerID: 'Alice Jansen <1001>' }),
      ['1001', 'rings'],
      ['wait', 400],
      ['1001', 'answers'],
      ['1002', 'rings', extension(1001)],
      ['wait', 600],
      ['1002', 'answers'],
      ['wait', 600],
      ['1002', 'hangs-up'],
      ['1001', 'sees', 'ended'],
    ],
    truth: {
      1001: [
        {
          ...base,
          remote: extension(1002),
          dialled: '1002',
          cause: 'normal',
          endedBy: 'remote',
          states: [
            'initiated @originate',
            'initiated:null @1001.ring',
            'connected:null @1001.answer',
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
    name: 'originate-local',
    title: 'Click to dial through a Local channel, as many integrations do it',
    phones: ['1001'],
    people,
    steps: [
      originate({ Channel: 'Local/1001@internal' }),
      ['1001', 'rings'],
      ['wait', 600],
      ['1001', 'answers'],
      ['joerg', 'rings'],
      ['wait', 800],
      ['joerg', 'answers'],
      ['wait', 1500],
      ['1001', 'hangs-up'],
      ['joerg', 'sees', 'ended'],
    ],
    truth: {
      1001: [
        {
          ...base,
          cause: 'normal',
          endedBy: 'local',
          states: [
            'initiated @originate',
            'initiated:null @1001.ring',
            'connected:null @1001.answer',
            'connected:alerting @joerg.ring',
            'connected:connected @joerg.answer',
            'null:null @1001.hangup',
          ],
        },
      ],
    },
  },
  {
    name: 'originate-rejected',
    title: 'The user rejects the ringing phone',
    phones: ['1001'],
    steps: [originate(), ['1001', 'rings'], ['wait', 500], ['1001', 'rejects', 486], ['wait', 500]],
    truth: {
      1001: [
        {
          ...base,
          cause: 'rejected',
          endedBy: 'local',
          states: ['initiated @originate', 'initiated:null @1001.ring', 'null:null @1001.reject'],
        },
      ],
    },
  },
  {
    name: 'originate-noanswer',
    title: 'The user does not take the phone: Timeout',
    phones: ['1001'],
    steps: [originate({ Timeout: 3000 }), ['1001', 'rings'], ['1001', 'sees', 'ended', { within: 9000 }]],
    truth: {
      1001: [
        {
          ...base,
          cause: 'noanswer',
          endedBy: 'pbx',
          states: ['initiated @originate', 'initiated:null @1001.ring', 'null:null @1001.ended'],
        },
      ],
    },
  },
  {
    name: 'originate-unreachable',
    title: 'The phone of the user is not registered',
    steps: [originate(), ['wait', 1500]],
    notes: [
      'The Originate is accepted (Success); the failure comes as OriginateResponse, and no channel is ever made.',
    ],
    truth: { 1001: [] },
  },
  {
    name: 'originate-destination-busy',
    title: 'The user answers, the number is busy',
    phones: ['1001'],
    people,
    steps: [
      originate(),
      ['1001', 'rings'],
      ['wait', 300],
      ['1001', 'answers'],
      ['joerg', 'rings', null, { silent: true }],
      ['joerg', 'rejects', 486],
      ['wait', 1500],
      ['1001', 'hangs-up'],
    ],
    notes: ['The user hears a busy tone and hangs up.'],
    truth: {
      1001: [
        {
          ...base,
          cause: 'busy',
          endedBy: 'local',
          states: [
            'initiated @originate',
            'initiated:null @1001.ring',
            'connected:null @1001.answer',
            'connected:fail @joerg.reject',
            'null:null @1001.hangup',
          ],
        },
      ],
    },
  },
  {
    name: 'originate-channel-id',
    title: 'The client chooses the unique id of the channel (ChannelId)',
    phones: ['1001'],
    people,
    steps: [
      originate({ ChannelId: 'click-4711', OtherChannelId: 'click-4711-b' }),
      ['1001', 'rings'],
      ['wait', 400],
      ['1001', 'answers'],
      ['joerg', 'rings'],
      ['wait', 400],
      ['joerg', 'answers'],
      ['wait', 600],
      ['1001', 'hangs-up'],
      ['joerg', 'sees', 'ended'],
    ],
    notes: ['Unique ids need not look like 1795363946.0.'],
    truth: {
      1001: [
        {
          ...base,
          cause: 'normal',
          endedBy: 'local',
          states: [
            'initiated @originate',
            'initiated:null @1001.ring',
            'connected:null @1001.answer',
            'connected:alerting @joerg.ring',
            'connected:connected @joerg.answer',
            'null:null @1001.hangup',
          ],
        },
      ],
    },
  },
];
