import { liveCall, snapshotCall } from './call-model.ts';
import { Coverage, type Covered } from './coverage.ts';
import { lineModel } from './line-model.ts';
import { linkModel } from './link-model.ts';
import { type Model, run, walksOf } from './model.ts';
import { UNREACHABLE } from './unreachable.ts';

/** What the generated walks through one machine covered. */
export interface MachineReport {
  readonly machine: string;
  readonly states: Covered;
  readonly transitions: Covered;
  /** Both answers of every guard. */
  readonly guards: Covered;
  /** Pairs of a state and an event that the state can refuse. */
  readonly refusals: Covered;
  readonly walks: number;
  readonly steps: number;
  /** Transitions that no event took as it happened: only a snapshot, which may skip what the rules ask for. */
  readonly bySnapshotOnly: readonly string[];
}

// biome-ignore lint/suspicious/noExplicitAny: models of different machines have nothing in common but their shape
type AnyModel = Model<any, any>;

/** The models of each machine; those that know no snapshots come first. */
const MODELS: Readonly<Record<string, readonly [AnyModel, ...AnyModel[]]>> = {
  call: [liveCall, snapshotCall],
  line: [lineModel(false), lineModel(true)],
  link: [linkModel],
};

/** The machines that {@link measure} knows. */
export const MACHINES = Object.keys(MODELS);

/** Walks through a machine by all its models, with real actors. Throws where an invariant is broken, with the way there. */
export function measure(machine: string): MachineReport {
  const models = MODELS[machine]!;
  const coverage = new Coverage(models[0].machine);
  const missing: (readonly string[])[] = [];
  const count = { walks: 0, steps: 0 };
  for (const model of models) {
    const walks = walksOf(model);
    count.walks += walks.length;
    count.steps += run(model, walks, coverage);
    missing.push(coverage.transitions().missing);
  }
  const left = new Set(missing.at(-1));
  return {
    machine,
    states: coverage.states(),
    transitions: coverage.transitions(),
    guards: coverage.guards(),
    refusals: coverage.refusals(eventTypesOf(models)),
    ...count,
    bySnapshotOnly: machine === 'call' ? missing[0]!.filter((name) => !left.has(name)) : [],
  };
}

/** All that is not covered, by name. */
export function missingOf({ states, transitions, guards, refusals }: MachineReport): readonly string[] {
  return [states, transitions, guards, refusals].flatMap((covered) => covered.missing);
}

/** What is not covered and should be, and what is covered though it is said that it cannot be. */
export function unexplained(report: MachineReport): readonly string[] {
  const missing = missingOf(report);
  const excused = UNREACHABLE.filter(({ machine }) => machine === report.machine).map(({ name }) => name);
  return [
    ...missing.filter((name) => !excused.includes(name)),
    ...excused
      .filter((name) => !missing.includes(name))
      .map((name) => `${name}: said to be unreachable, but it is not`),
  ];
}

/** The reports as a table, and below it what is not covered, with the reason. */
export function tableOf(reports: readonly MachineReport[]): string {
  const head = ['machine', 'states', 'transitions', 'guards both ways', 'refusals', 'walks', 'steps'];
  const rows = reports.map(({ machine, states, transitions, guards, refusals, walks, steps }) => [
    machine,
    ...[states, transitions, guards, refusals].map(({ covered, total }) => (total === 0 ? '-' : `${covered}/${total}`)),
    String(walks),
    String(steps),
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]!.length)));
  const lines = [head, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
  return [...lines, ...reports.flatMap(remarksOf)].join('\n');
}

function remarksOf(report: MachineReport): string[] {
  const { machine, bySnapshotOnly } = report;
  const reasons = new Map(UNREACHABLE.map(({ name, reason }) => [name, reason]));
  const byReason = Map.groupBy(missingOf(report), (name) => reasons.get(name) ?? 'NOT COVERED');
  const snapshots = bySnapshotOnly.length === 0 ? [] : [`${machine}: ${bySnapshotOnly.length} by snapshots only`];
  return [
    ...snapshots,
    ...[...byReason].flatMap(([reason, names]) => [
      `${machine}: ${names.length} not covered: ${reason}`,
      ...names.map((name) => `  ${name}`),
    ]),
  ];
}

function eventTypesOf(models: readonly AnyModel[]): string[] {
  const types = models.flatMap(({ events }) => events.map(({ type }: { readonly type: string }) => type));
  return [...new Set(types)].filter((type) => type !== 'removed');
}
