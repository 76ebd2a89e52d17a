import type { Cast } from './cast.ts';
import type { StandingFault } from './fault.ts';
import { readFault } from './fault-sentences.ts';
import type { Step } from './scenario.ts';
import { readSentence } from './sentences.ts';
import type { StepShape } from './shape.ts';
import { type Path, type Problems, type Source, short } from './source.ts';
import { SentenceProblem, Words } from './words.ts';
import { faultText } from './write-sentence.ts';

/** The steps that their sentences describe; those with problems are left out. */
export function buildSteps(
  shapes: readonly StepShape[],
  cast: Cast,
  source: Source,
  problems: Problems,
  base: Path = ['steps'],
): Step[] {
  return shapes.flatMap((shape, index): Step[] => {
    const path = [...base, index];
    const position = positionAt(source, path);
    if (typeof shape === 'string') {
      const step = read(shape, path, problems, () => readSentence(shape, cast));
      if (step === undefined) cast.lose(/^\s*(\S*)/.exec(shape)?.[1] ?? '');
      return step === undefined ? [] : [{ ...step, ...position }];
    }
    if ('at once' in shape) {
      const steps = buildSteps(shape['at once'], cast, source, problems, [...path, 'at once']);
      return [{ kind: 'together', steps, text: 'at once', ...position }];
    }
    const { pbx, request, answer = 'Success', as } = shape;
    const mark = as === undefined ? {} : { mark: as };
    return [{ kind: 'request', pbx, request, answer, ...mark, text: requestText(pbx, request), ...position }];
  });
}

/** What is wrong from the beginning. */
export function buildFaults(sentences: readonly string[], source: Source, problems: Problems): StandingFault[] {
  return sentences.flatMap((sentence, index): StandingFault[] => {
    const path = ['faults', index];
    const fault = read(sentence, path, problems, () => readFault(new Words(sentence)));
    return fault === undefined ? [] : [{ ...fault, text: faultText(fault), ...positionAt(source, path) }];
  });
}

/** How a request is called in timelines: `asterisk: Originate`. */
function requestText(pbx: string, request: unknown): string {
  const action = (request as { readonly Action?: unknown } | null)?.Action;
  return `${pbx}: ${typeof action === 'string' ? short(action, 40) : 'a request'}`;
}

/** What `reader` makes of a sentence; its problem is added. */
function read<T>(sentence: string, path: Path, problems: Problems, reader: () => T): T | undefined {
  try {
    return reader();
  } catch (error) {
    if (!(error instanceof SentenceProblem)) throw error;
    problems.add(path, `${short(sentence)}: ${error.message}`, { index: error.index });
    return undefined;
  }
}

function positionAt(source: Source, path: Path): Pick<Step, 'position'> {
  const position = source.positionOf(path);
  return position === undefined ? {} : { position };
}
