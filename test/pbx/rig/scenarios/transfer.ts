// Transfers by the phone (REFER, with and without Replaces) and by the code *2.

import { carol, extension, joerg, party } from '../people.ts';
import type { CallFacts, ScenarioSource, Step } from '../scenario.ts';

const people = { carol };
const incoming: CallFacts = { direction: 'in', remote: party(carol), dialled: '+442079460101' };
const talking: readonly Step[] = [
  ['carol', 'calls', '+442079460101'],
  ['1001', 'rings'],
  ['wait', 300],
  ['1001', 'answers'],
  ['carol', 'sees', 'answered'],
  ['wait', 700],
];
const start = ['alerting:connected @1001.ring', 'connected:connected @1001.answer'];

export const scenarios: readonly ScenarioSource[] = [
  {
    name: 'transfer-blind',
    title: 'Blind transfer by REFER to 1002, who answers',
    phones: ['1001', '1002'],
    people,
    steps: [
      ...talking,
      ['1001', 'refers', '1002'],
      ['1002', 'rings', party(carol)],
      ['1001', 'sees', 'ended'],
      ['wait', 800],
      ['1002', 'answers'],
      ['wait', 1000],
      ['carol', 'hangs-up'],
      ['1002', 'sees', 'ended'],
    ],
    truth: {
      1001: [
        {
          ...incoming,
          cause: 'transferred',
          endedBy: 'local',
          transferredTo: extension(1002),
          states: [...start, 'null:null @1001.refer'],
        },
      ],
      1002: [
        {
          ...incoming,
          dialled: '1002',
          transferredBy: extension(1001),
          cause: 'normal',
          endedBy: 'remote',
          states: ['alerting:connected @1002.ring', 'connected:connected @1002.answer', 'null:null @carol.hangup'],
        },
      ],
    },
  },
  {
    name: 'transfer-blind-busy',
    title: 'Blind transfer to a busy phone: the caller gets a busy tone and hangs up',
    phones: ['1001', '1002'],
    people,
    steps: [
      ...talking,
      ['1001', 'refers', '1002'],
      ['1002', 'rings', null, { silent: true }],
      ['1002', 'rejects', 486],
      ['wait', 1500],
      ['carol', 'hangs-up'],
    ],
    truth: {
      1001: [
        {
          ...incoming,
          cause: 'transferred',
          endedBy: 'local',
          transferredTo: extension(1002),
          states: [...start, 'null:null @1001.refer'],
        },
      ],
      1002: [
        {
          ...incoming,
          dialled: '1002',
          transferredBy: extension(1001),
          cause: 'busy',
          endedBy: 'local',
          states: ['alerting:connected @1002.ring', 'null:null @1002.reject'],
        },
      ],
    },
  },
  {
    name: 'transfer-blind-external',
    title: 'Blind transfer to a number outside',
    phones: ['1001'],
    people: { carol, joerg },
    steps: [
      ...talking,
      ['1001', 'refers', '00493023125042'],
      ['joerg', 'rings'],
      ['wait', 600],
      ['joerg', 'answers'],
      ['1001', 'sees', 'ended'],
      ['wait', 800],
      ['joerg', 'hangs-up'],
      ['carol', 'sees', 'ended'],
    ],
    notes: ['After the transfer both parties are outside: no extension has a call.'],
    truth: {
      1001: [
        {
          ...incoming,
          cause: 'transferred',
          endedBy: 'local',
          transferredTo: { number: '00493023125042' },
          states: [...start, 'null:null @1001.refer'],
        },
      ],
    },
  },
  {
    name: 'transfer-attended',
    title: 'Attended transfer by REFER with Replaces: 1001 asks 1002 first',
    phones: ['1001', '1002'],
    people,
    steps: [
      ...talking,
      ['1001', 'holds'],
      ['wait', 300],
      ['1001', 'calls', '1002', { leg: 'consult' }],
      ['1002', 'rings', extension(1001)],
      ['wait', 500],
      ['1002', 'answers'],
      ['1001', 'sees', 'answered', { leg: 'consult' }],
      ['wait', 1000],
      ['1001', 'joins', 'consult'],
      ['1001', 'sees', 'ended'],
      ['1001', 'sees', 'ended', { leg: 'consult' }],
      ['wait', 1500],
      ['carol', 'hangs-up'],
      ['1002', 'sees', 'ended'],
    ],
    truth: {
      1001: [
        {
          ...incoming,
          cause: 'transferred',
          endedBy: 'local',
          transferredTo: extension(1002),
          states: [...start, 'hold:connected @1001.hold', 'null:null @1001.transfer'],
        },
        {
          direction: 'out',
          remote: extension(1002),
          dialled: '1002',
          cause: 'transferred',
          endedBy: 'local',
          consultation: true,
          states: [
            'initiated @1001:consult.call',
            'connected:alerting @1002.ring',
            'connected:connected @1002.answer',
            'null:null @1001.transfer',
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
          transferredBy: extension(1001),
          states: [
            'alerting:connected @1002.ring',
            'connected:connected @1002.answer',
            ['connected:connected @1001.transfer', { remoteParty: party(carol) }],
            'null:null @carol.hangup',
          ],
        },
      ],
    },
  },
  {
    name: 'transfer-attended-code',
    title: 'Attended transfer by feature code: 1001 dials *2 1002, talks, hangs up',
    phones: ['1001', '1002'],
    people,
    steps: [
      ...talking,
      ['1001', 'dials', '*2', { gap: 60 }],
      ['wait', 1800],
      ['1001', 'dials', '1002'],
      ['1002', 'rings', null, { within: 9000 }],
      ['wait', 600],
      ['1002', 'answers'],
      ['wait', 1200],
      ['1001', 'hangs-up'],
      ['wait', 1500],
      ['carol', 'hangs-up'],
      ['1002', 'sees', 'ended'],
    ],
    notes: [
      'The phone of 1001 has one SIP call throughout; the PBX puts Carol on hold and connects 1001 to 1002 by a Local channel.',
      'At 1001 this is one device call with a consultation inside it; a client may show one call or two.',
    ],
    truth: {
      1001: [
        {
          ...incoming,
          cause: 'transferred',
          endedBy: 'local',
          transferredTo: extension(1002),
          states: [...start, 'hold:connected @1001.dtmf', 'null:null @1001.hangup'],
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
];
