import { z } from 'zod';
import type { CauseWord } from './expectation.ts';
import { dialled, did, digits, flag, integer, line, lineNumber, name, time } from './leaves.ts';

const sentence = z.string().min(1).max(500).meta({ description: 'A sentence; see docs/scenarios.md.' });
const presented = digits(/^[^\s"<>\0]{1,80}$/, 'is no number').nullable();
const word = z.string().regex(/^[a-z][a-z0-9-]{0,59}$/, 'must be lower-case words with hyphens');

const person = z.strictObject({
  number: presented.describe('As the carrier sends it; null: it sends none.'),
  name: z.string().max(200).exactOptional(),
  withheld: flag.exactOptional(),
  asserted: z.strictObject({ number: presented.unwrap(), name: z.string().max(200).exactOptional() }).exactOptional(),
  divertedFrom: dialled.exactOptional(),
});

const lineSpec = z.strictObject({
  name: z.string().max(200).exactOptional(),
  did: did.exactOptional(),
  singleLine: flag.exactOptional(),
  pickupGroup: digits(/^[A-Za-z0-9_-]{1,20}$/, 'is no group').exactOptional(),
  answersAfter: time.exactOptional(),
});

const groupSpec = z.strictObject({
  members: z.array(lineNumber).min(1).max(1000),
  strategy: z.enum(['all', 'sequential', 'loops']).exactOptional(),
  ringsFor: time.exactOptional(),
});

const queueSpec = z.strictObject({
  did,
  members: z.array(lineNumber).max(1000),
  strategy: z
    .enum(['ringall', 'rrmemory', 'linear', 'leastrecent', 'fewestcalls', 'random', 'wrandom', 'rrordered'])
    .exactOptional(),
  ringsFor: time.exactOptional(),
  waitsFor: time.exactOptional(),
  wrapUp: time.exactOptional(),
  loops: flag.exactOptional(),
});

const place = integer(1, 99_999);

const office = z.strictObject({
  lines: z.record(lineNumber, lineSpec).exactOptional(),
  groups: z.record(did, groupSpec).exactOptional(),
  queues: z.record(name, queueSpec).exactOptional(),
  conferences: z.record(did, digits(/^[A-Za-z0-9_-]{1,40}$/, 'is no name of a room')).exactOptional(),
  parking: z
    .strictObject({
      number: dialled.exactOptional(),
      first: place.exactOptional(),
      last: place.exactOptional(),
      returnsAfter: time.exactOptional(),
    })
    .exactOptional(),
  trunkPrefix: digits(/^\+?[0-9]{0,20}$/, 'must be digits, with or without a plus').exactOptional(),
});

const forward = z.strictObject({
  always: dialled.exactOptional(),
  busy: dialled.exactOptional(),
  noAnswer: dialled.exactOptional(),
});

/** What a request in a switch's own language may hold. */
const json = z.json();

const request = z.strictObject({
  pbx: word,
  request: json,
  answer: line(80).nullable().exactOptional(),
  as: name.exactOptional(),
});

/** A step: a sentence, steps at once, or a request. */
export type StepShape = string | { readonly 'at once': readonly StepShape[] } | z.output<typeof request>;

const step: z.ZodType<StepShape, StepShape> = z.lazy(() => z.union([sentence, together, request])) as never;
const together = z.strictObject({ 'at once': z.array(step).min(2).max(1000) });

const partyWord = digits(/^[^\s]{1,80}$/, 'is one word').nullable();
const partyName = z.string().max(200).nullable().exactOptional();

const party = z.union([
  partyWord,
  z.strictObject({
    number: presented,
    name: partyName,
    e164: digits(/^\+[0-9]{3,20}$/, 'is no number in E.164 form').exactOptional(),
    withheld: flag.exactOptional(),
    external: flag.exactOptional(),
  }),
]);

const other = z.union([
  partyWord,
  z.strictObject({
    number: presented.unwrap(),
    name: z.string().max(200).exactOptional(),
    reason: line(80).exactOptional(),
  }),
]);

const state = z.union([sentence, z.strictObject({ state: sentence, with: party })]);

/** Somebody on the other side, in a word or in full. */
export type PartyShape = z.output<typeof party>;
/** Somebody who took part in a redirection, in a word or in full. */
export type OtherShape = z.output<typeof other>;
/** A state, in a sentence or with its party beside it. */
export type StateShape = z.output<typeof state>;

const pressed = digits(/^[0-9*#A-D]{1,100}$/, 'must be keys');

const CAUSES = [
  'normal',
  'cancelled',
  'busy',
  'rejected',
  'noanswer',
  'congestion',
  'unallocated',
  'no-route',
  'unreachable',
  'answered-elsewhere',
  'picked-up',
  'parked',
  'forwarded',
  'deflected',
  'transferred',
  'unknown',
] as const satisfies readonly CauseWord[];

const call = z.strictObject({
  direction: z.enum(['in', 'out']).exactOptional(),
  remote: party.exactOptional(),
  dialled: dialled.exactOptional(),
  originated: flag.exactOptional(),
  consultation: flag.exactOptional(),
  queue: line(80).exactOptional(),
  group: digits(/^[A-Za-z0-9_-]{1,40}$/, 'is no group').exactOptional(),
  conference: digits(/^[A-Za-z0-9_-]{1,40}$/, 'is no name of a room').exactOptional(),
  cause: z.enum(CAUSES).exactOptional(),
  endedBy: z.enum(['local', 'remote', 'pbx', 'client']).exactOptional(),
  answered: flag.exactOptional(),
  missed: flag.exactOptional(),
  digits: z.strictObject({ received: pressed.exactOptional(), sent: pressed.exactOptional() }).exactOptional(),
  transferredTo: other.exactOptional(),
  transferredBy: other.exactOptional(),
  divertedTo: other.exactOptional(),
  divertedFrom: other.exactOptional(),
  pickedUpBy: other.exactOptional(),
  pickedUpFrom: other.exactOptional(),
  parkedAt: dialled.exactOptional(),
  retrievedFrom: dialled.exactOptional(),
  returnedFrom: dialled.exactOptional(),
  states: z.array(state).min(1).max(1000).exactOptional(),
});

/** A call that is expected, as it is written. */
export type CallShape = z.output<typeof call>;

/** The shape of a scenario file, in which every scalar is a text. What its sentences say is not looked at. */
export const scenarioShape = z.strictObject({
  scenario: word.describe('The name: lower-case words with hyphens; the name of the file.'),
  title: line(200).describe('One line: what happens.'),
  group: word.exactOptional().describe("The subject it belongs to. Default: 'other'."),
  notes: z.array(z.string().min(1).max(2000)).max(100).exactOptional(),
  only: z.array(word).min(1).max(20).exactOptional().describe('Kinds of switches that can play it. Default: any.'),
  people: z.record(name, person).exactOptional(),
  office: office.exactOptional(),
  phones: z.array(lineNumber).max(1000).exactOptional().describe('Telephones that are registered. Default: all.'),
  forwards: z.record(lineNumber, forward).exactOptional(),
  ringsFor: time.exactOptional(),
  habits: z
    .strictObject({
      transfers: z.enum(['refer', 'feature-code']).exactOptional(),
      loopsMove: z.enum(['called', 'caller']).exactOptional(),
    })
    .exactOptional(),
  faults: z.array(sentence).max(100).exactOptional(),
  late: flag.exactOptional(),
  tries: integer(1, 10).exactOptional(),
  steps: z.array(step).min(1, 'needs at least one step').max(5000),
  exact: flag.exactOptional(),
  expect: z.record(lineNumber, z.array(call).max(1000)).exactOptional(),
});

/** A scenario as it is written: every number and flag a text. */
export type ScenarioShape = z.output<typeof scenarioShape>;
