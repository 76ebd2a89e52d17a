// The ways in which a caller can be presented. In each, 1001 answers and the caller ends the call.

import { carol, joerg, party } from '../people.ts';
import type { Person, RemoteParty, ScenarioSource, Shown, Step } from '../scenario.ts';

const IDENTITY = '"Carol Customer" <sip:+442079460991@127.0.0.2>';

interface More {
  /** What the telephone shows, where that is not what the carrier sends. */
  readonly shown?: Shown;
  /** Variables that the client asks for while the call rings. */
  readonly ask?: readonly string[];
  readonly notes?: readonly string[];
}

/** `who`: what the carrier sends. `remote`: what a user should get of it. */
function call(name: string, title: string, who: Person, remote: RemoteParty, more: More = {}): ScenarioSource {
  const { notes, shown, ask = [] } = more;
  return {
    name: `caller-${name}`,
    title,
    phones: ['1001'],
    people: { caller: who },
    steps: [
      ['caller', 'calls', '+442079460101'],
      ['1001', 'rings', shown ?? { number: who.number, name: who.name }],
      ...ask.map((Variable): Step => ['ami', { Action: 'Getvar', Channel: '{channel:PJSIP/trunk}', Variable }]),
      ['wait', 300],
      ['1001', 'answers'],
      ['caller', 'sees', 'answered'],
      ['wait', 500],
      ['caller', 'hangs-up'],
      ['1001', 'sees', 'ended'],
    ],
    ...(notes === undefined ? {} : { notes }),
    truth: {
      1001: [
        {
          direction: 'in',
          remote,
          dialled: '+442079460101',
          cause: 'normal',
          endedBy: 'remote',
          states: ['alerting:connected @1001.ring', 'connected:connected @1001.answer', 'null:null @caller.hangup'],
        },
      ],
    },
  };
}

const e164 = '+442079460991';
const name = carol.name;

export const scenarios: readonly ScenarioSource[] = [
  call('e164', 'E.164 with plus', { number: '+442079460991', name }, { number: '+442079460991', name, e164 }),
  call('e164-no-plus', 'E.164 without plus', { number: '442079460991', name }, { number: '442079460991', name, e164 }),
  call('national', 'National format', { number: '02079460991', name }, { number: '02079460991', name, e164 }),
  call('no-name', 'Number only', { number: '+442079460991', name: '' }, { number: '+442079460991', name: null, e164 }),
  call(
    'name-is-number',
    'The carrier repeats the number as name',
    { number: '02079460991', name: '02079460991' },
    { number: '02079460991', name: '02079460991', e164 },
  ),
  call('utf8', 'Name in UTF-8', joerg, { ...party(joerg), e164: joerg.number }),
  call(
    'quotes',
    'Quotes and a backslash in the name',
    { number: '+12025550143', name: 'The "Big" Shop \\ Co' },
    { number: '+12025550143', name: 'The "Big" Shop \\ Co', e164: '+12025550143' },
    {
      shown: {},
      notes: [
        'chan_pjsip keeps the escapes of the SIP quoted string, and AMI escapes quotes, backslashes and line feeds in names once more:',
        String.raw`on the wire of AMI it is The \\\"Big\\\" Shop \\\\ Co.`,
      ],
    },
  ),
  call(
    'withheld',
    'Withheld: From is anonymous, nothing else is sent',
    { number: 'anonymous', name: 'Anonymous', uri: 'sip:anonymous@anonymous.invalid' },
    { number: null, name: null, withheld: true },
    { shown: { number: 'anonymous' } },
  ),
  call(
    'withheld-asserted',
    'Withheld: the carrier asserts the number to the PBX and asks for privacy',
    {
      number: 'anonymous',
      name: 'Anonymous',
      uri: 'sip:anonymous@anonymous.invalid',
      headers: [
        ['P-Asserted-Identity', IDENTITY],
        ['Privacy', 'id'],
      ],
    },
    { number: null, name: null, withheld: true },
    {
      shown: { number: 'anonymous' },
      ask: ['CALLERID(pres)', 'CALLERID(num)'],
      notes: [
        'The PBX knows the number (+442079460991); the caller asked that the called user does not.  The phone shows anonymous.',
        'No event says so: all have the number as if it were free to show.  One must ask for CALLERID(pres), as the client here does.',
      ],
    },
  ),
  call(
    'asserted',
    'The number is in P-Asserted-Identity, From has an account name',
    {
      number: 'account4711',
      name: 'account4711',
      headers: [['P-Asserted-Identity', IDENTITY]],
    },
    { number: '+442079460991', name, e164 },
    { shown: { number: '+442079460991', name } },
  ),
  call(
    'empty',
    'From without a user part',
    { number: '', name: '', uri: 'sip:127.0.0.2' },
    { number: null, name: null },
    { shown: {} },
  ),
  call(
    'diverted',
    'Diverted to us by somebody else (Diversion header)',
    {
      ...carol,
      headers: [['Diversion', '<sip:+442079460555@127.0.0.2>;reason=unconditional;counter=1']],
    },
    { number: carol.number, name, e164 },
    {
      ask: ['REDIRECTING(from-num)', 'REDIRECTING(reason)'],
      notes: [
        'The call was first for +442079460555, which is not ours.',
        'No event says so; one must ask for REDIRECTING(), as the client here does.',
      ],
    },
  ),
];
