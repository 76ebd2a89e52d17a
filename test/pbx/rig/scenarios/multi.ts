// More than one call at a phone.

import { carol, dave, joerg, type Named, party } from '../people.ts';
import type { CallFacts, ScenarioSource } from '../scenario.ts';

const people = { carol, dave, joerg };
const from = (person: Named, dialled = '+442079460101'): CallFacts => ({
  direction: 'in',
  remote: party(person),
  dialled,
});

export const scenarios: readonly ScenarioSource[] = [
  {
    name: 'call-waiting',
    title: 'A second call comes in, the user holds the first, answers, ends the second and goes back',
    phones: ['1001'],
    people,
    steps: [
      ['carol', 'calls', '+442079460101'],
      ['1001', 'rings'],
      ['1001', 'answers'],
      ['wait', 800],
      ['dave', 'calls', '+442079460101'],
      ['1001', 'rings', party(dave), { leg: 'second' }],
      ['wait', 1000],
      ['1001', 'holds'],
      ['1001', 'answers', null, { leg: 'second' }],
      ['wait', 1200],
      ['1001', 'hangs-up', null, { leg: 'second' }],
      ['dave', 'sees', 'ended'],
      ['1001', 'resumes'],
      ['wait', 600],
      ['carol', 'hangs-up'],
      ['1001', 'sees', 'ended'],
    ],
    truth: {
      1001: [
        {
          ...from(carol),
          cause: 'normal',
          endedBy: 'remote',
          states: [
            'alerting:connected @1001.ring',
            'connected:connected @1001.answer',
            'hold:connected @1001.hold',
            'connected:connected @1001.resume',
            'null:null @carol.hangup',
          ],
        },
        {
          ...from(dave),
          cause: 'normal',
          endedBy: 'local',
          states: [
            'alerting:connected @1001:second.ring',
            'connected:connected @1001:second.answer',
            'null:null @1001:second.hangup',
          ],
        },
      ],
    },
  },
];
