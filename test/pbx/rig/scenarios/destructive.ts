// What the switch does not survive. Whoever plays these starts a new one afterwards.

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
  ['wait', 600],
];
const start = ['alerting:connected @1001.ring', 'connected:connected @1001.answer'];

export const scenarios: readonly ScenarioSource[] = [
  {
    name: 'ami-shutdown',
    title: 'The PBX is shut down while a call is up (the instance is down after this)',
    phones: ['1001'],
    people,
    steps: [...talking, ['ami', 'Action: Command\r\nActionID: stop\r\nCommand: core stop now\r\n\r\n'], ['wait', 2500]],
    notes: [
      'The call is cut; no Hangup event need come. A client must take the end of the connection as the end of all it knows.',
    ],
    truth: { 1001: [{ ...incoming, cause: 'unknown', endedBy: 'pbx', states: [...start] }] },
  },
];
