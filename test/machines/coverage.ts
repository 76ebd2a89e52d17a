import type { AnyStateMachine, InspectionEvent } from 'xstate';

interface Definition {
  readonly source: { readonly key: string };
  readonly eventType: string;
  readonly target?: readonly { readonly key: string }[] | undefined;
  readonly guard?: unknown;
}

/** Covered of all, and the names of what is not. */
export interface Covered {
  readonly covered: number;
  readonly total: number;
  readonly missing: readonly string[];
}

/**
 * What tests have seen of a machine: its states, its transitions, both answers of its guards, and which events were refused
 * in which state. Made of what XState's inspection tells of running actors. Names are sentences:
 * `alerting -established-> connected [settlesConnected]`.
 */
export class Coverage {
  readonly #machine: AnyStateMachine;
  /** The transitions that compete for one event in one state, in the order in which they are asked. */
  readonly #lists = new Map<string, readonly string[]>();
  readonly #guarded = new Set<string>();
  readonly #entered = new Set<string>();
  readonly #taken = new Set<string>();
  readonly #declined = new Set<string>();
  readonly #refused = new Set<string>();

  constructor(machine: AnyStateMachine) {
    this.#machine = machine;
    for (const node of [machine.root, ...Object.values(machine.states)]) {
      const lists = [...node.transitions.values(), node.always ?? []] as unknown as (readonly Definition[])[];
      for (const list of lists) if (list.length > 0) this.#add(list);
    }
  }

  /** To be given to the actors under test. */
  readonly inspect = (event: InspectionEvent): void => {
    if (event.type !== '@xstate.microstep') return;
    const { value } = event.snapshot as unknown as { value: unknown };
    if (typeof value === 'string') this.#entered.add(value);
    for (const transition of event._transitions as unknown as Definition[]) {
      const name = describe(transition);
      this.#taken.add(name);
      // a state that is left at once, within the step that enters it
      this.#entered.add(transition.source.key);
      this.#decline(listKey(transition.source.key, transition.eventType), name);
    }
  };

  /** Nothing of the state's own took the event: every guard that was asked said no. */
  fellThrough(state: string, eventType: string): void {
    this.#refused.add(`${state} -${eventType}-> refused`);
    this.#decline(listKey(state, eventType), undefined);
  }

  /** How many transitions there are. */
  get size(): number {
    return [...this.#lists.values()].flat().length;
  }

  /** The transitions that no test took, by name. */
  uncovered(): string[] {
    return [...this.transitions().missing];
  }

  /** States that an actor was in. */
  states(): Covered {
    return covered(Object.keys(this.#machine.states), this.#entered);
  }

  /** Transitions that an actor took. */
  transitions(): Covered {
    return covered([...this.#lists.values()].flat(), this.#taken);
  }

  /** Guards that said yes, and guards that said no: two for each guarded transition. */
  guards(): Covered {
    const answers = new Set<string>();
    for (const name of this.#guarded) {
      if (this.#taken.has(name)) answers.add(`${name} is true`);
      if (this.#declined.has(name)) answers.add(`${name} is false`);
    }
    return covered(
      [...this.#guarded].flatMap((name) => [`${name} is true`, `${name} is false`]),
      answers,
    );
  }

  /** Of the given events, those that a state can refuse (it has no transition without a guard for them) and did refuse. */
  refusals(eventTypes: readonly string[]): Covered {
    if (!this.#lists.has(listKey(this.#machine.root.key, '*'))) return covered([], this.#refused);
    const states = Object.keys(this.#machine.states).filter((state) => this.#machine.states[state]!.type !== 'final');
    const all = states.flatMap((state) =>
      eventTypes
        .filter((type) => (this.#lists.get(listKey(state, type)) ?? []).every((name) => this.#guarded.has(name)))
        .map((type) => `${state} -${type}-> refused`),
    );
    return covered(all, this.#refused);
  }

  #add(list: readonly Definition[]): void {
    const { source, eventType } = list[0]!;
    this.#lists.set(listKey(source.key, eventType), list.map(describe));
    for (const transition of list) if (transition.guard !== undefined) this.#guarded.add(describe(transition));
  }

  #decline(list: string, taken: string | undefined): void {
    for (const name of this.#lists.get(list) ?? []) {
      if (name === taken) return;
      this.#declined.add(name);
    }
  }
}

function covered(all: readonly string[], seen: ReadonlySet<string>): Covered {
  const missing = all.filter((name) => !seen.has(name));
  return { covered: all.length - missing.length, total: all.length, missing };
}

const listKey = (source: string, eventType: string) => `${source} ${eventType}`;

function describe({ source, eventType, target, guard }: Definition): string {
  const to = target?.map(({ key }) => key).join('+') ?? source.key;
  const condition = guard === undefined ? '' : ` [${typeof guard === 'string' ? guard : 'a guard of its own'}]`;
  return `${source.key} -${eventType || 'always'}-> ${to}${condition}`;
}
