// Hold and resume by the phone.

import { carol, party } from '../people.ts';
import type { CallFacts, ScenarioSource, Step } from '../scenario.ts';

const people = { carol };
const incoming: CallFacts = { direction: 'in', remote: party(carol), dialled: '+442079460101' };
const talking: readonly Step[] = [
  ['carol', 'calls', '+442079460101'],
  ['1001', 'rings'],
  ['wait', 300],
  ['1001', 'answers'],
  ['carol', 'sees', 'answered'],
  ['wait', 800],
];

export const scenarios: readonly ScenarioSource[] = [
  {
    name: 'hold-resume',
    title: 'The extension holds and resumes, twice',
    phones: ['1001'],
    people,
    steps: [
      ...talking,
      ['1001', 'holds'],
      ['wait', 1200],
      ['1001', 'resumes'],
      ['wait', 800],
      ['1001', 'holds', null, { direction: 'inactive' }],
      ['wait', 1000],
      ['1001', 'resumes'],
      ['wait', 500],
      ['carol', 'hangs-up'],
      ['1001', 'sees', 'ended'],
    ],
    notes: ['The first hold is a=sendonly, the second a=inactive.'],
    truth: {
      1001: [
        {
          ...incoming,
          cause: 'normal',
          endedBy: 'remote',
          states: [
            'alerting:connected @1001.ring',
            'connected:connected @1001.answer',
            'hold:connected @1001.hold',
            'connected:connected @1001.resume',
            'hold:connected @1001.hold#2',
            'connected:connected @1001.resume#2',
            'null:null @carol.hangup',
          ],
        },
      ],
    },
  },
  {
    name: 'hold-then-hangup',
    title: 'The caller hangs up while held',
    phones: ['1001'],
    people,
    steps: [...talking, ['1001', 'holds'], ['wait', 1000], ['carol', 'hangs-up'], ['1001', 'sees', 'ended']],
    truth: {
      1001: [
        {
          ...incoming,
          cause: 'normal',
          endedBy: 'remote',
          states: [
            'alerting:connected @1001.ring',
            'connected:connected @1001.answer',
            'hold:connected @1001.hold',
            'null:null @carol.hangup',
          ],
        },
      ],
    },
  },
];
