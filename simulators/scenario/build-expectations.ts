import { type Cast, meant } from './cast.ts';
import type { ExpectedCall, ExpectedOther, ExpectedParty, ExpectedState } from './expectation.ts';
import { type Known, resolveOther, resolveParty } from './resolve-party.ts';
import type { CallShape, OtherShape, PartyShape, StateShape } from './shape.ts';
import { type Path, type Problems, type Source, short } from './source.ts';
import { readState } from './state-words.ts';
import { SentenceProblem } from './words.ts';

/** What expectations may name. */
export interface Named extends Known {
  readonly marks: readonly string[];
  readonly cast: Cast;
}

const OTHERS = ['transferredTo', 'transferredBy', 'divertedTo', 'divertedFrom', 'pickedUpBy', 'pickedUpFrom'] as const;

/** The calls that are expected, with parties in full. */
export function buildExpectations(
  lines: Readonly<Record<string, readonly CallShape[]>>,
  named: Named,
  source: Source,
  problems: Problems,
): Record<string, ExpectedCall[]> {
  const builder = new Builder(named, problems);
  const built = Object.entries(lines).map(([line, calls]): [string, ExpectedCall[]] => [
    line,
    calls.map((shape, index) => {
      const path = ['expect', line, index];
      const position = source.positionOf(path);
      return { ...builder.call(shape, path), ...(position === undefined ? {} : { position }) };
    }),
  ]);
  return Object.fromEntries(built);
}

class Builder {
  readonly #named: Named;
  readonly #problems: Problems;

  constructor(named: Named, problems: Problems) {
    this.#named = named;
    this.#problems = problems;
  }

  call({ states, remote, ...shape }: CallShape, path: Path): ExpectedCall {
    const others = OTHERS.flatMap((key): [string, ExpectedOther][] => {
      const other = shape[key];
      return other === undefined ? [] : [[key, this.#other(other, [...path, key])]];
    });
    return {
      ...(shape as Omit<ExpectedCall, 'states' | 'remote'>),
      ...(remote === undefined ? {} : { remote: this.#party(remote, [...path, 'remote']) }),
      ...Object.fromEntries(others),
      ...(states === undefined
        ? {}
        : { states: states.flatMap((state, index) => this.#state(state, [...path, 'states', index])) }),
    };
  }

  #party(shape: PartyShape, path: Path, index = 0): ExpectedParty | null {
    if (shape === null) return null;
    if (typeof shape !== 'string') return shape as ExpectedParty;
    return this.#resolved(() => resolveParty(shape, this.#named), path, index) ?? null;
  }

  #other(shape: OtherShape, path: Path): ExpectedOther {
    if (typeof shape === 'object' && shape !== null) return shape as ExpectedOther;
    return this.#resolved(() => resolveOther(shape ?? 'nobody', this.#named), path) ?? { number: '' };
  }

  #state(shape: StateShape, path: Path): ExpectedState[] {
    const text = typeof shape === 'string' ? shape : shape.state;
    const textPath = typeof shape === 'string' ? path : [...path, 'state'];
    try {
      const { party, atIndex, ...state } = readState(text);
      if (typeof state.at === 'string') this.#checkMark(state.at, text, textPath, atIndex);
      if (party && typeof shape !== 'string') throw new SentenceProblem('the party is given twice', party.index);
      const beside = typeof shape === 'string' ? undefined : this.#party(shape.with, [...path, 'with']);
      const remoteParty = party ? this.#party(party.text, textPath, party.index) : beside;
      if (remoteParty === null) throw new SentenceProblem('somebody must be there: nobody is no party', 0);
      return [{ ...state, ...(remoteParty === undefined ? {} : { remoteParty }) }];
    } catch (error) {
      if (!(error instanceof SentenceProblem)) throw error;
      this.#problems.add(textPath, `${short(text)}: ${error.message}`, { index: error.index });
      return [];
    }
  }

  #checkMark(mark: string, text: string, path: Path, index = 0): void {
    const { marks, cast } = this.#named;
    if (marks.includes(mark) || !cast.isSure(mark.split(/[.:]/)[0] ?? '')) return;
    const hint = meant(mark, marks) || (marks.length > 0 && marks.length < 20 ? `: there is ${marks.join(', ')}` : '');
    this.#problems.add(path, `${short(text)}: no step leaves the mark '${mark}'${hint}`, { index });
  }

  #resolved<T>(resolve: () => T, path: Path, index = 0): T | undefined {
    try {
      return resolve();
    } catch (error) {
      this.#problems.add(path, (error as Error).message, { index });
      return undefined;
    }
  }
}
