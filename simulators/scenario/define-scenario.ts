import { buildScenario } from './build-scenario.ts';
import { objectSource } from './object-source.ts';
import type { Scenario } from './scenario.ts';

type Scalar = string | number | boolean | null;
type Group<T = unknown> = Readonly<Record<string, T>>;

/** A step as it is written in a program: a sentence, several at once, or a request in a switch's own language. */
export type StepSource =
  | string
  | { readonly 'at once': readonly StepSource[] }
  | { readonly pbx: string; readonly request: unknown; readonly answer?: string | null; readonly as?: string };

/** A scenario as it is written in a program: the same keys and sentences as in a file. */
export interface ScenarioSource {
  readonly scenario: string;
  readonly title: string;
  readonly group?: string;
  readonly notes?: readonly string[];
  readonly only?: readonly string[];
  readonly people?: Group<Group>;
  readonly office?: Group<Group | string>;
  readonly phones?: readonly (string | number)[];
  readonly forwards?: Group<Group<string | number>>;
  readonly ringsFor?: string | number;
  readonly habits?: Scenario['habits'];
  readonly faults?: readonly string[];
  readonly late?: boolean;
  readonly tries?: number;
  readonly steps: readonly StepSource[];
  readonly exact?: boolean;
  /** By line: its calls. Parties and states in the words of files. */
  readonly expect?: Group<readonly Group<Scalar | readonly (string | Group)[] | Group>[]>;
}

/**
 * A scenario that is written in TypeScript, with the same checks as one that is read. Throws `ScenarioError`; its
 * problems have a path (`steps[3]`) in the place of line and column.
 */
export function defineScenario(source: ScenarioSource): Scenario {
  const name = (source as { readonly scenario?: unknown } | null)?.scenario;
  return buildScenario(objectSource(source, typeof name === 'string' && name !== '' ? name : 'scenario'));
}
