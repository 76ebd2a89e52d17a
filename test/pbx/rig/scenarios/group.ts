// Groups of phones: all at once, one by one, and through Local channels.

import { carol, party } from '../people.ts';
import type { CallFacts, PlannedCall, ScenarioSource } from '../scenario.ts';

const people = { carol };
const base: CallFacts = { direction: 'in', remote: party(carol) };
const elsewhere = (ext: string, at: string, dialled: string): PlannedCall => ({
  ...base,
  dialled,
  cause: 'answered-elsewhere',
  endedBy: 'pbx',
  missed: false,
  states: [`alerting:connected @${ext}.ring`, `null:null @${at}`],
});

export const scenarios: readonly ScenarioSource[] = [
  {
    name: 'hunt-second-answers',
    title: 'Three phones ring, the second answers',
    phones: ['1001', '1002', '1003'],
    people,
    steps: [
      ['carol', 'calls', '+442079460200'],
      ['1001', 'rings'],
      ['1002', 'rings'],
      ['1003', 'rings'],
      ['wait', 1000],
      ['1002', 'answers'],
      ['carol', 'sees', 'answered'],
      ['1001', 'sees', 'ended'],
      ['1003', 'sees', 'ended'],
      ['wait', 1200],
      ['carol', 'hangs-up'],
      ['1002', 'sees', 'ended'],
    ],
    truth: {
      1001: [elsewhere('1001', '1002.answer', '+442079460200')],
      1002: [
        {
          ...base,
          dialled: '+442079460200',
          cause: 'normal',
          endedBy: 'remote',
          states: ['alerting:connected @1002.ring', 'connected:connected @1002.answer', 'null:null @carol.hangup'],
        },
      ],
      1003: [elsewhere('1003', '1002.answer', '+442079460200')],
    },
  },
  {
    name: 'hunt-sequential',
    title: 'One after the other: the first does not answer, the second does',
    phones: ['1001', '1002', '1003'],
    people,
    steps: [
      ['carol', 'calls', '+442079460201'],
      ['1001', 'rings'],
      ['1001', 'sees', 'ended', { within: 10000 }],
      ['1002', 'rings'],
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
          ...base,
          dialled: '+442079460201',
          cause: 'noanswer',
          endedBy: 'pbx',
          missed: true,
          states: ['alerting:connected @1001.ring', 'null:null @1001.ended'],
        },
      ],
      1002: [
        {
          ...base,
          dialled: '+442079460201',
          cause: 'normal',
          endedBy: 'remote',
          states: ['alerting:connected @1002.ring', 'connected:connected @1002.answer', 'null:null @carol.hangup'],
        },
      ],
      1003: [],
    },
  },
  {
    name: 'hunt-local',
    title: 'Group through Local channels, the second answers; the Local channel is optimised away',
    phones: ['1001', '1002'],
    people,
    steps: [
      ['carol', 'calls', '+442079460202'],
      ['1001', 'rings'],
      ['1002', 'rings'],
      ['wait', 1000],
      ['1002', 'answers'],
      ['carol', 'sees', 'answered'],
      ['1001', 'sees', 'ended'],
      ['wait', 1500],
      ['carol', 'hangs-up'],
      ['1002', 'sees', 'ended'],
    ],
    truth: {
      1001: [elsewhere('1001', '1002.answer', '+442079460202')],
      1002: [
        {
          ...base,
          dialled: '+442079460202',
          cause: 'normal',
          endedBy: 'remote',
          states: ['alerting:connected @1002.ring', 'connected:connected @1002.answer', 'null:null @carol.hangup'],
        },
      ],
    },
  },
];
