import { Director } from '../../simulators/generate/director.ts';
import type { Leg } from '../../simulators/model/leg.ts';
import type { ModelPbx } from '../../simulators/model/model-pbx.ts';
import { Telephone } from '../../simulators/model/telephone.ts';
import type { ClientUnderTest } from '../../simulators/play/client-under-test.ts';
import type { CallHistory, Histories } from '../../simulators/scenario/expectation.ts';
import { createWitness, type Witness } from '../../simulators/witness/create-witness.ts';
import { runScenario } from '../../src/testing/run-scenario.ts';

/** What was witnessed of a made-up play, and what was not as it must be at some moment of it. */
export interface WitnessedPlay {
  readonly histories: Histories;
  readonly violations: readonly string[];
  /** The sentences that were played, for messages. */
  readonly steps: readonly string[];
}

/** Plays what the director makes up of these numbers, on a switch that nobody is connected to. */
export async function playWitnessed(choices: readonly number[]): Promise<WitnessedPlay> {
  const director = new Director(choices);
  const violations = new Set<string>();
  let witness: Witness | undefined;
  const result = await runScenario(director.frame, {
    client: nobody,
    realTime: false,
    onSwitch: ({ model }) => {
      witness = createWitness(model);
      watch(model, witness, (text) => violations.add(text));
    },
    steps: (live) => director.steps(live),
  });
  for (const { text } of result.problems) violations.add(text);
  return {
    histories: witness!.histories(),
    violations: [...violations],
    steps: director.scenario.steps.map(({ text }) => text),
  };
}

/** A client that never comes: what is played with it is played by the model alone. */
export const nobody = (): ClientUnderTest => ({
  name: 'nobody',
  connect: async () => {},
  isReady: () => true,
  [Symbol.asyncDispose]: async () => {},
});

/** Compares what is witnessed with what is so, whenever all has happened that happens at once. */
function watch({ exchange, people }: ModelPbx, witness: Witness, report: (text: string) => void): void {
  const answers = new Map<Leg, Leg>();
  const sounding = new Set<Leg>();
  exchange.subscribe((event) => {
    if (event.type === 'dialProgress' && event.early) sounding.add(event.to);
    if (event.type === 'dialBegan' && event.from) answers.delete(event.from);
    if (event.type === 'transferWhileRinging') answers.delete(event.transferee);
    if (event.type !== 'dialEnded' || !event.from || event.outcome !== 'answered') return;
    if (answers.has(event.from)) report(`two have answered leg ${event.from.serial}`);
    answers.set(event.from, event.to);
  });
  exchange.onSettled(() => {
    const histories = witness.histories();
    for (const [line, calls] of Object.entries(histories)) {
      const legs = people.phone(line).legs.filter((leg) => sounding.has(leg) || isShown(leg));
      const up = calls.filter(({ end }) => end === undefined);
      if (legs.length !== up.length) report(`${line} has ${legs.length} calls, and ${up.length} are witnessed`);
    }
    for (const { kind, legs } of exchange.bridges)
      if (kind === 'basic' && legs.length === 2) compareViews(histories, legs[0]!, legs[1]!, report);
  });
}

/** A telephone has a call when it placed it, when it rings, and when it has answered; a silent one rings at once. */
function isShown({ state, far }: Leg): boolean {
  return state !== 'down' || (far instanceof Telephone && far.habits.ringAfterMs === Number.POSITIVE_INFINITY);
}

/** Two telephones that talk without anything between them see each other. */
function compareViews(histories: Histories, one: Leg, other: Leg, report: (text: string) => void): void {
  const [a, b] = [onlyCall(histories, one), onlyCall(histories, other)];
  if (!a || !b) return;
  const [now, then] = [a.states.at(-1)!, b.states.at(-1)!];
  if (now.local !== then.remote || now.remote !== then.local)
    report(`one sees ${now.local}:${now.remote}, the other ${then.local}:${then.remote}`);
  if (partyNow(a) !== other.device) report(`${one.device} sees ${partyNow(a)} instead of ${other.device}`);
}

const partyNow = ({ remote, states }: CallHistory): string | null | undefined =>
  (states.findLast(({ remoteParty }) => remoteParty !== undefined)?.remoteParty ?? remote)?.number;

/** The call of a telephone that has no other now. */
function onlyCall(histories: Histories, { line }: Leg): CallHistory | undefined {
  if (line.kind !== 'phone') return undefined;
  const up = (histories[line.number] ?? []).filter(({ end }) => end === undefined);
  return up.length === 1 ? up[0] : undefined;
}
