// Calls that the switch forwards for 1001.

import type { AmiFields } from '../ami-recorder.ts';
import { carol, extension, joerg, party } from '../people.ts';
import type { CallFacts, ScenarioSource, Step } from '../scenario.ts';

const people = { carol };
const base: CallFacts = { direction: 'in', remote: party(carol), dialled: '+442079460101' };
const set = (family: string, to: string): AmiFields => ({ Action: 'DBPut', Family: family, Key: '1001', Val: to });
const talk = (ext: string): readonly Step[] => [
  ['wait', 600],
  [ext, 'answers'],
  ['carol', 'sees', 'answered'],
  ['wait', 1200],
  ['carol', 'hangs-up'],
  [ext, 'sees', 'ended'],
];
const answered = (ext: string): string[] => [
  `alerting:connected @${ext}.ring`,
  `connected:connected @${ext}.answer`,
  'null:null @carol.hangup',
];

export const scenarios: readonly ScenarioSource[] = [
  {
    name: 'forward-all',
    title: 'All calls for 1001 go to 1002; 1001 never rings',
    phones: ['1001', '1002'],
    people,
    before: [set('CFU', '1002')],
    steps: [['carol', 'calls', '+442079460101'], ['1002', 'rings', party(carol)], ...talk('1002')],
    truth: {
      1001: [],
      1002: [
        {
          ...base,
          divertedFrom: { ...extension(1001), reason: 'unconditional' },
          cause: 'normal',
          endedBy: 'remote',
          states: answered('1002'),
        },
      ],
    },
  },
  {
    name: 'forward-busy',
    title: '1001 is busy, the call goes to 1002',
    phones: ['1001', '1002'],
    people,
    before: [set('CFB', '1002')],
    steps: [
      ['carol', 'calls', '+442079460101'],
      ['1001', 'rings', null, { silent: true }],
      ['1001', 'rejects', 486],
      ['1002', 'rings', party(carol)],
      ...talk('1002'),
    ],
    truth: {
      1001: [
        {
          ...base,
          cause: 'forwarded',
          endedBy: 'local',
          divertedTo: extension(1002),
          states: ['alerting:connected @1001.ring', 'null:null @1001.reject'],
        },
      ],
      1002: [
        {
          ...base,
          divertedFrom: { ...extension(1001), reason: 'busy' },
          cause: 'normal',
          endedBy: 'remote',
          states: answered('1002'),
        },
      ],
    },
  },
  {
    name: 'forward-noanswer',
    title: '1001 does not answer for 6 s, the call goes to 1002',
    phones: ['1001', '1002'],
    people,
    before: [set('CFN', '1002')],
    steps: [
      ['carol', 'calls', '+442079460101'],
      ['1001', 'rings'],
      ['1001', 'sees', 'ended', { within: 9000 }],
      ['1002', 'rings', party(carol)],
      ...talk('1002'),
    ],
    truth: {
      1001: [
        {
          ...base,
          cause: 'forwarded',
          endedBy: 'pbx',
          missed: true,
          divertedTo: extension(1002),
          states: ['alerting:connected @1001.ring', 'null:null @1001.ended'],
        },
      ],
      1002: [
        {
          ...base,
          divertedFrom: { ...extension(1001), reason: 'noanswer' },
          cause: 'normal',
          endedBy: 'remote',
          states: answered('1002'),
        },
      ],
    },
  },
  {
    name: 'forward-external',
    title: 'All calls for 1001 go to a number outside',
    phones: ['1001'],
    people: { carol, joerg },
    before: [set('CFU', '00493023125042')],
    steps: [
      ['carol', 'calls', '+442079460101'],
      ['joerg', 'rings'],
      ['wait', 600],
      ['joerg', 'answers'],
      ['carol', 'sees', 'answered'],
      ['wait', 1200],
      ['carol', 'hangs-up'],
      ['joerg', 'sees', 'ended'],
    ],
    notes: ['Both parties are outside; 1001 has no call.'],
    truth: { 1001: [] },
  },
];
