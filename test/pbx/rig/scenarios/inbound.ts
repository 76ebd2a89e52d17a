// Calls from outside to a direct number, and all the ways in which they come to nothing.

import { carol, party } from '../people.ts';
import type { CallFacts, ScenarioSource, Step } from '../scenario.ts';

const people = { carol };
const incoming: CallFacts = { direction: 'in', remote: party(carol), dialled: '+442079460101' };

export const scenarios: readonly ScenarioSource[] = [
  {
    name: 'inbound-answered',
    title: 'Outside caller, answered; the caller hangs up',
    phones: ['1001'],
    people,
    steps: [
      ['carol', 'calls', '+442079460101'],
      ['1001', 'rings', party(carol)],
      ['carol', 'sees', 'ringing'],
      ['wait', 800],
      ['1001', 'answers'],
      ['carol', 'sees', 'answered'],
      ['wait', 1500],
      ['carol', 'hangs-up'],
      ['1001', 'sees', 'ended'],
    ],
    truth: {
      1001: [
        {
          ...incoming,
          cause: 'normal',
          endedBy: 'remote',
          states: ['alerting:connected @1001.ring', 'connected:connected @1001.answer', 'null:null @carol.hangup'],
        },
      ],
    },
  },
  {
    name: 'inbound-answered-near-hangup',
    title: 'Outside caller, answered; the extension hangs up',
    phones: ['1001'],
    people,
    steps: [
      ['carol', 'calls', '+442079460101'],
      ['1001', 'rings'],
      ['wait', 500],
      ['1001', 'answers'],
      ['carol', 'sees', 'answered'],
      ['wait', 1200],
      ['1001', 'hangs-up'],
      ['carol', 'sees', 'ended'],
    ],
    truth: {
      1001: [
        {
          ...incoming,
          cause: 'normal',
          endedBy: 'local',
          states: ['alerting:connected @1001.ring', 'connected:connected @1001.answer', 'null:null @1001.hangup'],
        },
      ],
    },
  },
  {
    name: 'inbound-missed',
    title: 'The caller gives up while the phone rings',
    phones: ['1001'],
    people,
    steps: [
      ['carol', 'calls', '+442079460101'],
      ['1001', 'rings'],
      ['wait', 1500],
      ['carol', 'hangs-up'],
      ['1001', 'sees', 'ended'],
    ],
    truth: {
      1001: [
        {
          ...incoming,
          cause: 'cancelled',
          endedBy: 'remote',
          missed: true,
          states: ['alerting:connected @1001.ring', 'null:null @carol.hangup'],
        },
      ],
    },
  },
  {
    name: 'inbound-busy',
    title: 'The phone answers 486 Busy Here without ringing',
    phones: ['1001'],
    people,
    steps: [
      ['carol', 'calls', '+442079460101'],
      ['1001', 'rings', null, { silent: true }],
      ['1001', 'rejects', 486],
      ['carol', 'sees', 'rejected', { status: 486 }],
    ],
    notes: ['The phone never rang: a client may show this call as missed, or not at all, but never as talking.'],
    truth: {
      1001: [
        {
          ...incoming,
          cause: 'busy',
          endedBy: 'local',
          missed: true,
          states: ['alerting:connected @1001.ring', 'null:null @1001.reject'],
        },
      ],
    },
  },
  {
    name: 'inbound-declined',
    title: 'The user presses Reject while the phone rings (603)',
    phones: ['1001'],
    people,
    steps: [
      ['carol', 'calls', '+442079460101'],
      ['1001', 'rings'],
      ['wait', 800],
      ['1001', 'rejects', 603],
      ['carol', 'sees', 'rejected'],
    ],
    truth: {
      1001: [
        {
          ...incoming,
          cause: 'rejected',
          endedBy: 'local',
          missed: true,
          states: ['alerting:connected @1001.ring', 'null:null @1001.reject'],
        },
      ],
    },
  },
  {
    name: 'inbound-noanswer',
    title: 'Nobody answers; the PBX gives up after its ring time',
    phones: ['1001'],
    people,
    before: [{ Action: 'Setvar', Variable: 'RINGTIME', Value: '4' }],
    steps: [
      ['carol', 'calls', '+442079460101'],
      ['1001', 'rings'],
      ['1001', 'sees', 'ended', { within: 8000 }],
      ['carol', 'sees', 'rejected'],
    ],
    truth: {
      1001: [
        {
          ...incoming,
          cause: 'noanswer',
          endedBy: 'pbx',
          missed: true,
          states: ['alerting:connected @1001.ring', 'null:null @1001.ended'],
        },
      ],
    },
  },
  {
    name: 'inbound-unreachable',
    title: 'The called phone is not registered',
    people,
    steps: [
      ['carol', 'calls', '+442079460101'],
      ['carol', 'sees', 'rejected'],
    ],
    notes: ['No telephone was reached.  The PBX makes no channel for 1001, so there is no call at the extension.'],
    truth: { 1001: [] },
  },
  {
    name: 'inbound-late-answer',
    title: 'Answered at the same moment as the caller gives up',
    phones: ['1001'],
    people,
    steps: [
      ['carol', 'calls', '+442079460101'],
      ['1001', 'rings'],
      ['wait', 600],
      [
        'together',
        [
          ['1001', 'answers'],
          ['carol', 'hangs-up'],
        ],
      ],
      ['1001', 'sees', 'ended'],
    ],
    notes: ['A race: the phone is off hook and the caller is gone.  Talk time is zero or nearly so.'],
    truth: {
      1001: [
        {
          ...incoming,
          cause: 'cancelled',
          endedBy: 'remote',
          states: ['alerting:connected @1001.ring', 'null:null @1001.ended'],
        },
      ],
    },
  },
  {
    name: 'inbound-did-busy',
    title: 'A number whose dialplan is always busy: no extension is involved',
    people,
    steps: [
      ['carol', 'calls', '+442079460800'],
      ['carol', 'sees', 'rejected', { status: 486 }],
    ],
    truth: {},
  },
  {
    name: 'inbound-hangup-causes',
    title: 'Nine calls refused by the dialplan with different causes',
    people,
    steps: [1, 3, 17, 18, 19, 21, 27, 34, 38].flatMap((cause): Step[] => [
      ['carol', 'calls', `+442079460${800 + cause}`, { leg: `q${cause}` }],
      ['carol', 'sees', 'rejected', { leg: `q${cause}` }],
    ]),
    notes: ['Q.850 causes 1, 3, 17, 18, 19, 21, 27, 34, 38; see Cause and Cause-txt of the Hangup events.'],
    truth: {},
  },
];
