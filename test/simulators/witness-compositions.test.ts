import { describe, expect, it } from 'vitest';
import { defineScenario, type ScenarioSource } from '../../simulators/scenario/define-scenario.ts';
import type { CallHistory, ExpectedOther, ExpectedParty } from '../../simulators/scenario/expectation.ts';
import { createWitness, type Witness } from '../../simulators/witness/create-witness.ts';
import { runScenario } from '../../src/testing/run-scenario.ts';
import { nobody } from './witness-play.ts';

const CAROL = '+442079460991';

type Composition = Pick<ScenarioSource, 'phones' | 'forwards' | 'office' | 'ringsFor'> & {
  readonly steps: readonly string[];
  /** By line, its calls: direction, the first party, cause, who ended it, facts; then the states. */
  readonly lines: Readonly<Record<string, readonly string[]>>;
};

const ANSWERED = ['carol calls +442079460101', '1001 rings', '1001 answers', 'wait 200 ms'];
const ANSWERED_INSIDE = ['1003 calls 1001', '1001 rings', '1001 answers', 'wait 300 ms'];

/** What no recording has. README.md of the witness says why each is told so. */
const COMPOSITIONS: Readonly<Record<string, Composition>> = {
  'a consultation whose target is forwarded to a queue is queued': {
    forwards: { 1002: { always: '6301' } },
    phones: [1001, 1002, 1003],
    steps: [
      ...ANSWERED,
      '1001 holds',
      '1001 calls 1002 as consult',
      '1003 rings',
      'wait 300 ms',
      '1003 answers',
      'wait 300 ms',
      '1001 joins consult',
      'wait 500 ms',
      'carol hangs up',
      'wait 100 ms',
    ],
    lines: {
      1001: [
        `in ${CAROL} transferred/local transferredTo=1003: alerting:connected connected:connected hold:connected null:null`,
        'out 6301 transferred/local consultation: initiated: connected:queued connected:connected=1003 null:null',
      ],
      1002: ['in 1001 answered-elsewhere/pbx divertedFrom=1002 queue=support: alerting:connected null:null'],
      1003: [
        `in 1001 normal/remote divertedFrom=1002 queue=support transferredBy=1001: alerting:connected connected:connected connected:connected=${CAROL} null:null`,
      ],
    },
  },
  'a call that is transferred into a queue waits there for its new caller': {
    forwards: { 1002: { always: '6301' } },
    phones: [1001, 1003],
    steps: [
      ...ANSWERED,
      '1001 holds',
      '1001 calls 1002 as consult',
      '1003 rings',
      '1001 joins consult',
      'wait 500 ms',
      '1003 answers',
      'wait 500 ms',
      'carol hangs up',
      'wait 100 ms',
    ],
    lines: {
      1001: [
        `in ${CAROL} transferred/local transferredTo=6301: alerting:connected connected:connected hold:connected null:null`,
        'out 6301 transferred/local consultation: initiated: connected:queued null:null',
      ],
      1003: [
        `in 1001 normal/remote divertedFrom=1002 queue=support transferredBy=1001: alerting:connected alerting:connected=${CAROL} connected:connected null:null`,
      ],
    },
  },
  'a parked call returns to a telephone that is busy': {
    office: {
      lines: { 1001: { singleLine: 'true' }, 1002: {} },
      groups: {},
      queues: {},
      parking: { returnsAfter: '4 s' },
    },
    steps: [
      ...ANSWERED,
      '1001 parks',
      'wait 3 s',
      '1001 calls 1002 as other',
      '1002 rings',
      '1002 answers',
      'wait 5 s',
    ],
    lines: {
      1001: [
        `in ${CAROL} parked/local parkedAt=701: alerting:connected connected:connected null:null`,
        'out 1002 unknown/pbx : initiated: connected:alerting connected:connected',
        `in ${CAROL} busy/local missed returnedFrom=701: alerting:connected null:null`,
      ],
    },
  },
  'a telephone of the office is parked and taken by another': {
    phones: [1001, 1002, 1003],
    steps: [...ANSWERED_INSIDE, '1001 parks', 'wait 4 s', '1002 calls 701', 'wait 1 s', '1003 hangs up', 'wait 100 ms'],
    lines: {
      1001: ['in 1003 parked/local parkedAt=701: alerting:connected connected:connected null:null'],
      1002: ['out 1003 normal/remote retrievedFrom=701: initiated: connected:connected null:null'],
      1003: [
        'out 1001 normal/local : initiated: connected:alerting connected:connected connected:queued=701 connected:connected=1002 null:null',
      ],
    },
  },
  'a conference goes on when the last party from outside leaves it': {
    phones: [1001],
    steps: [
      '1001 calls 6600',
      'carol calls +442079460600',
      'wait 300 ms',
      'carol hangs up',
      'wait 500 ms',
      '1001 hangs up',
      'wait 100 ms',
    ],
    lines: { 1001: ['out 6600 normal/local conference=6600: initiated: connected:connected null:null'] },
  },
  'a transferred call is picked up': {
    phones: [1001, 1002, 1003],
    steps: [
      ...ANSWERED,
      '1001 refers to 1002',
      '1002 rings',
      'wait 300 ms',
      '1003 picks up 1002',
      'wait 800 ms',
      '1003 hangs up',
      'wait 100 ms',
    ],
    lines: {
      1002: [`in ${CAROL} picked-up/pbx transferredBy=1001 pickedUpBy=1003: alerting:connected null:null`],
      1003: [`in ${CAROL} normal/local pickedUpFrom=1002: initiated: connected:connected null:null`],
    },
  },
  'of two calls at a telephone the held one stays when the other ends': {
    phones: [1001, 1002],
    steps: [
      ...ANSWERED,
      '1001 holds',
      '1001 calls 1002 as other',
      '1002 rings',
      '1002 answers',
      'wait 300 ms',
      '1002 hangs up',
      'wait 300 ms',
      '1001 resumes',
      'carol hangs up',
      'wait 100 ms',
    ],
    lines: {
      1001: [
        `in ${CAROL} normal/remote : alerting:connected connected:connected hold:connected connected:connected null:null`,
        'out 1002 normal/remote consultation: initiated: connected:alerting connected:connected null:null',
      ],
    },
  },
  'whoever is transferred to a busy telephone hears that it is busy': {
    phones: [1001, 1002, 1003],
    steps: [
      ...ANSWERED_INSIDE,
      '1001 refers to 1002',
      '1002 rings silently',
      '1002 rejects',
      'wait 3 s',
      '1003 hangs up',
      'wait 100 ms',
    ],
    lines: {
      1002: ['in 1003 busy/local missed transferredBy=1001: alerting:connected null:null'],
      1003: ['out 1001 busy/local : initiated: connected:alerting connected:connected connected:fail=1002 null:null'],
    },
  },
  'whoever is transferred and gives up has had a call': {
    phones: [1001, 1002, 1003],
    steps: [...ANSWERED_INSIDE, '1001 refers to 1002', '1002 rings', 'wait 1 s', '1003 hangs up', 'wait 100 ms'],
    lines: {
      1003: [
        'out 1001 normal/local : initiated: connected:alerting connected:connected connected:alerting=1002 null:null',
      ],
    },
  },
  'a party on hold transfers its call': {
    phones: [1001, 1002, 1003],
    steps: [
      '1001 calls 1002',
      '1002 rings',
      '1002 answers',
      '1001 holds',
      '1002 refers to 1003',
      '1003 rings',
      '1003 answers',
      'wait 300 ms',
      '1001 resumes',
      '1001 hangs up',
      'wait 100 ms',
    ],
    lines: {
      1001: [
        'out 1002 normal/local : initiated: connected:alerting connected:connected hold:connected hold:alerting=1003 hold:connected connected:connected null:null',
      ],
      1003: ['in 1001 normal/remote transferredBy=1002: alerting:hold connected:hold connected:connected null:null'],
    },
  },
  'a telephone of the office is transferred to a conference': {
    phones: [1001, 1003],
    steps: [...ANSWERED_INSIDE, '1001 refers to 6600', 'wait 500 ms', '1003 hangs up', 'wait 100 ms'],
    lines: {
      1001: ['in 1003 transferred/local transferredTo=6600: alerting:connected connected:connected null:null'],
      1003: [
        'out 1001 normal/local conference=6600: initiated: connected:alerting connected:connected connected:connected=6600 null:null',
      ],
    },
  },
  'who calls a telephone that is not there hears that there is no way': {
    phones: [1001],
    steps: ['1001 calls 1002', 'wait 100 ms'],
    lines: { 1001: ['out 1002 congestion/pbx : initiated: connected:fail null:null'], 1002: [] },
  },
  'nobody serves a caller who waits in a queue': {
    phones: [1004],
    office: { queues: { support: { did: '301', members: ['1001'], waitsFor: '3 s' } } },
    steps: ['1004 calls 6301', 'wait 5 s'],
    lines: { 1004: ['out 6301 noanswer/pbx : initiated: connected:queued null:null'] },
  },
  'a client declines a call for a telephone': {
    phones: [1001, 1003],
    steps: ['1003 calls 1001', '1001 rings', 'wait 300 ms', 'the client hangs up 1001', 'wait 500 ms'],
    lines: {
      1001: ['in 1003 rejected/client : alerting:connected null:null'],
      1003: ['out 1001 rejected/client : initiated: connected:alerting connected:fail null:null'],
    },
  },
  'a client gives up a call for a telephone': {
    phones: [1001, 1003],
    steps: ['1003 calls 1001', '1001 rings', 'wait 300 ms', 'the client hangs up 1003', 'wait 500 ms'],
    lines: {
      1001: ['in 1003 cancelled/client missed: alerting:connected null:null'],
      1003: ['out 1001 cancelled/client : initiated: connected:alerting null:null'],
    },
  },
  'a client transfers a call, and sends it on while it rings': {
    phones: [1001, 1002, 1003],
    steps: [
      ...ANSWERED_INSIDE,
      'the client transfers 1001 to 1002',
      '1002 rings',
      'wait 200 ms',
      `the client deflects 1002 to ${CAROL}`,
      'carol rings',
      'carol answers',
      'wait 500 ms',
      'carol hangs up',
      'wait 100 ms',
    ],
    lines: {
      1001: ['in 1003 transferred/client transferredTo=1002: alerting:connected connected:connected null:null'],
      1002: [`in 1003 deflected/client transferredBy=1001 divertedTo=${CAROL}: alerting:connected null:null`],
      1003: [
        `out 1001 normal/remote : initiated: connected:alerting connected:connected connected:alerting=1002 connected:alerting=${CAROL} connected:connected null:null`,
      ],
    },
  },
  'a client calls a service for a telephone': {
    phones: [1001],
    steps: ['the client dials 6710 from 1001', '1001 rings', '1001 answers', 'wait 500 ms', '1001 hangs up'],
    lines: { 1001: ['out 6710 normal/local originated: initiated: initiated:null connected:connected null:null'] },
  },
  'a code ends a call like hanging up': {
    phones: [1001],
    steps: [...ANSWERED, '1001 presses *0', 'wait 300 ms'],
    lines: { 1001: [`in ${CAROL} normal/local : alerting:connected connected:connected null:null`] },
  },
};

describe('what no recording has', () => {
  it.each(Object.entries(COMPOSITIONS))('%s', async (title, { lines, ...source }) => {
    const scenario = defineScenario({
      scenario: 'composition',
      title,
      people: { carol: { number: CAROL, name: 'Carol Customer' } },
      ...source,
    });
    let witness: Witness | undefined;
    const isAsked = source.steps.some((step) => step.startsWith('the client'));
    const { problems } = await runScenario(scenario, {
      ...(isAsked ? {} : { client: nobody, realTime: false }),
      onSwitch: ({ model }) => {
        witness = createWitness(model);
      },
    });
    expect(problems).toEqual([]);
    const told = Object.entries(witness!.histories(Object.keys(lines)));
    expect(Object.fromEntries(told.map(([line, calls]) => [line, calls.map(textOf)]))).toEqual(lines);
  });
});

const FACTS = ['parkedAt', 'retrievedFrom', 'returnedFrom', 'divertedFrom', 'queue', 'conference'] as const;
const OTHERS = ['transferredTo', 'transferredBy', 'divertedTo', 'pickedUpBy', 'pickedUpFrom'] as const;

function textOf(call: CallHistory): string {
  const facts = [...FACTS, ...OTHERS].flatMap((key) => {
    const fact = call[key];
    return fact === undefined ? [] : [`${key}=${typeof fact === 'string' ? fact : numberOf(fact)}`];
  });
  const marks = (['missed', 'consultation', 'originated'] as const).filter((key) => call[key] === true);
  const states = call.states.map(
    ({ local, remote = '', remoteParty }) =>
      `${local}:${remote}${remoteParty === undefined ? '' : `=${numberOf(remoteParty)}`}`,
  );
  const about = `${call.direction} ${numberOf(call.remote)} ${call.cause}/${call.endedBy}`;
  return `${about} ${[...marks, ...facts].join(' ')}: ${states.join(' ')}`;
}

const numberOf = (party: ExpectedParty | ExpectedOther | null): string | null => party?.number ?? null;
