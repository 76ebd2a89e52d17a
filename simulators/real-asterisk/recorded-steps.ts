import type { ActStep, Step } from '../scenario/scenario.ts';

/** A step as truth files have it: who, what, with what, and options. */
export type RecordedStep = readonly unknown[];

/** The words that truth files have for some verbs. */
const OLD_VERBS: Readonly<Partial<Record<ActStep['verb'], string>>> = { presses: 'dials', deflects: 'rejects' };

/** Steps in the form of the truth files beside recordings. */
export function recordedSteps(steps: readonly Step[]): RecordedStep[] {
  return steps.flatMap((step): RecordedStep[] => {
    switch (step.kind) {
      case 'act':
        return [recordedAct(step)];
      case 'wait':
        return [['wait', step.ms]];
      case 'together':
        return [['together', recordedSteps(step.steps)]];
      case 'client':
        return [[step.does === 'connects' ? 'record' : 'reconnect']];
      case 'request':
        return [recordedRequest(step)];
      default:
        return [[step.kind, step.text]];
    }
  });
}

function recordedRequest({ request, answer, mark }: Extract<Step, { kind: 'request' }>): RecordedStep {
  const options = {
    ...(answer === 'Success' || typeof request === 'string' ? {} : { expect: answer }),
    ...(mark === undefined ? {} : { as: mark }),
  };
  return Object.keys(options).length === 0 ? ['ami', request] : ['ami', request, options];
}

function recordedAct(step: ActStep): RecordedStep {
  const { who, verb, number, leg, with: other, what, shows, status, silent, inactive, ms } = step;
  const argument = {
    rings: shows,
    rejects: status,
    deflects: 302,
    sees: what,
    joins: other,
    talks: ms,
  };
  const options = {
    ...(leg === undefined ? {} : { leg }),
    ...((verb === 'sees' || verb === 'rings') && ms !== undefined ? { within: ms } : {}),
    ...((verb === 'sees' || verb === 'rings') && status !== undefined ? { status } : {}),
    ...(silent ? { silent } : {}),
    ...(inactive ? { direction: 'inactive' } : {}),
    ...(verb === 'presses' && ms !== undefined ? { gap: ms } : {}),
    ...(verb === 'deflects' ? { headers: [['Contact', contactOf(number ?? '')]] } : {}),
  };
  const value = verb in argument ? argument[verb as keyof typeof argument] : number;
  const words = [who, OLD_VERBS[verb] ?? verb];
  if (Object.keys(options).length > 0) return [...words, value ?? null, options];
  return value === undefined ? words : [...words, value];
}

/** Where a telephone sends a call that it deflects. */
export function contactOf(number: string): string {
  return `<sip:${number}@127.0.0.1>`;
}
