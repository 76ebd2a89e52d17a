import type { AnyStateMachine, InspectionEvent } from 'xstate';

/** A transition as a sentence: `alerting -established-> connected [settlesConnected]`. */
function nameOf(source: string, descriptor: string, target: string, guard: unknown): string {
  return `${source} -${descriptor || 'always'}-> ${target}${typeof guard === 'string' ? ` [${guard}]` : ''}`;
}

interface Definition {
  readonly source: { readonly key: string };
  readonly eventType: string;
  readonly target?: readonly { readonly key: string }[] | undefined;
  readonly guard?: unknown;
}

/** Which transitions of a machine its tests have taken; made of what XState's inspection tells. */
export class Coverage {
  readonly #all = new Set<string>();
  readonly #taken = new Set<string>();

  constructor(machine: AnyStateMachine) {
    const nodes = [machine.root, ...Object.values(machine.states)];
    for (const node of nodes) {
      for (const transitions of node.transitions.values()) {
        for (const transition of transitions) this.#all.add(describe(transition as unknown as Definition));
      }
      for (const transition of node.always ?? []) this.#all.add(describe(transition as unknown as Definition));
    }
  }

  /** To be given to the actors under test. */
  readonly inspect = (event: InspectionEvent): void => {
    if (event.type !== '@xstate.microstep') return;
    for (const transition of event._transitions) this.#taken.add(describe(transition as unknown as Definition));
  };

  /** How many transitions there are. */
  get size(): number {
    return this.#all.size;
  }

  /** The transitions that no test took, by name. */
  uncovered(): string[] {
    return [...this.#all].filter((name) => !this.#taken.has(name));
  }
}

function describe({ source, eventType, target, guard }: Definition): string {
  return nameOf(source.key, eventType, target?.map(({ key }) => key).join('+') ?? source.key, guard);
}
