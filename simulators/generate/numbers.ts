import type { Choices, Weighted } from './choices.ts';
import { LINES } from './frame.ts';
import type { Stage } from './stage.ts';

const PREFIX = '+442079460';

/** People outside as a telephone of the office dials them. */
const OUTSIDE = ['+442079460991', '02079460992', '0033140205060', '+442079460993'] as const;

/** The last digits of what is no telephone, and how often each is called. */
function placesOf(stage: Stage, parties: readonly string[] = []): Weighted<string>[] {
  const own = stage.has('self-calls') ? [] : stage.placesWith(parties);
  const weigh = (weight: number, isThere: boolean): number => (isThere ? weight : 0);
  const places: Weighted<string>[] = [
    [1.3, '200'],
    [weigh(1.3, stage.has('sequential')), '201'],
    [weigh(1.3, stage.has('loops')), '202'],
    [weigh(1.3, stage.has('queues')), '301'],
    [weigh(1.3, stage.has('queues')), '302'],
    [weigh(1.3, stage.has('queues') && stage.has('loops')), '303'],
    [weigh(1, stage.has('conferences')), '600'],
  ];
  return places.filter(([, place]) => !own.includes(place));
}

const serviceOf = (choices: Choices): string => choices.of(['400', '500', '701', '710']);

/** A number that somebody outside calls. */
export function drawDid(stage: Stage, choices: Choices): string {
  const did = choices.weighted<string>([
    [10, `1${choices.of(LINES).slice(-2)}`],
    ...placesOf(stage),
    [stage.has('services') ? 1 : 0, serviceOf(choices)],
    [stage.has('failures') ? 1 : 0, choices.of(['800', '801', '802', '803', '817', '821'])],
  ]);
  return `${PREFIX}${did}`;
}

/** A number that a telephone dials. */
export function drawNumber(line: string, stage: Stage, choices: Choices): string {
  const others = LINES.filter((one) => one !== line);
  const mayCallItself = stage.has('self-calls') && stage.callsOf(line).length === 0;
  const place = choices.weighted(placesOf(stage, [line]));
  const places = stage.parkingPlaces;
  return choices.weighted<string>([
    [12, choices.of(others)],
    [5, choices.of(OUTSIDE)],
    [place === undefined ? 0 : 7, `6${place}`],
    [stage.has('services') ? 1 : 0, `6${serviceOf(choices)}`],
    [stage.has('services') ? 1 : 0, codeOf(others, stage, choices)],
    [stage.has('failures') ? 1 : 0, choices.of(['6800', '6801', '6803', '6817', '6821', '1099', '0990123'])],
    [mayCallItself ? 1 : 0, line],
    [places.length > 0 ? 6 : 0, places[0] ?? '701'],
  ])!;
}

function codeOf(others: readonly string[], stage: Stage, choices: Choices): string {
  const codes = ['*45', '*46', '*47', '*48', '*73', '*91', '*93'];
  const forwards = stage.has('forwards') ? [`*72${choices.of(others)}`, `*90${choices.of(others)}`] : [];
  return choices.of([...codes, ...forwards]);
}

/** A number that a call is given away to. Only one that was answered can be parked. */
export function drawGoal(line: string, stage: Stage, choices: Choices, isAnswered: boolean): string {
  const place = choices.weighted(placesOf(stage, [line, ...stage.partnersOf(line)]));
  const mayFail = isAnswered && stage.has('dead-ends');
  const isThere = (one: string): boolean => stage.has('dead-ends') || stage.isRegistered(one);
  return choices.weighted<string>([
    [10, choices.of(LINES.filter((one) => one !== line && isThere(one) && !stage.partnersOf(line).includes(one)))],
    [4, choices.of(OUTSIDE)],
    [place === undefined ? 0 : 5, `6${place}`],
    [isAnswered && stage.has('services') ? 1 : 0, choices.of(['6400', '6701'])],
    [mayFail ? 1 : 0, choices.of(['6800', '6817', '1099'])],
    [isAnswered && stage.has('parking') ? 1 : 0, '700'],
  ])!;
}

/** A telephone or somebody outside, for a client to dial. */
export function drawPartner(line: string, stage: Stage, choices: Choices): string {
  const isThere = (one: string): boolean => stage.has('dead-ends') || stage.isRegistered(one);
  return choices.onceIn(3) ? choices.of(OUTSIDE) : choices.of(LINES.filter((one) => one !== line && isThere(one)));
}
