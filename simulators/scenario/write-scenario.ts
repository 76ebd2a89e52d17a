import { Document, isCollection } from 'yaml';
import type { Scenario, Step } from './scenario.ts';
import type { Plain } from './source.ts';
import { timeText } from './time-words.ts';
import { writtenExpectations } from './write-expectations.ts';

/** A scenario as YAML, in the words that `readScenario` reads as the same scenario. */
export function writeScenario(scenario: Scenario): string {
  const source = withoutAbsent(scenarioSource(scenario));
  const document = new Document(source, { schema: 'failsafe', customTags: ['null'], aliasDuplicateObjects: false });
  for (const path of shortPaths(scenario)) {
    const node = document.getIn(path, true);
    if (isCollection(node)) node.flow = true;
  }
  const text = document.toString({ lineWidth: 120, singleQuote: true });
  return text.replace(/^(phones|only): \[ (.*) \]$/gm, '$1: [$2]');
}

/** What is written on one line. */
function shortPaths({ people, office, forwards }: Scenario): (readonly string[])[] {
  return [
    ['phones'],
    ['only'],
    ['habits'],
    ...Object.keys(people).map((who) => ['people', who]),
    ...Object.keys(forwards).map((line) => ['forwards', line]),
    ...(['lines', 'groups', 'queues'] as const).flatMap((kind) =>
      Object.keys(office[kind] ?? {}).map((key) => ['office', kind, key]),
    ),
  ];
}

function scenarioSource(scenario: Scenario): Record<string, unknown> {
  const { name, title, group, notes, only, people, office, phones, forwards, ringsFor } = scenario;
  const { habits, faults, late, steps, expect, exact, tries } = scenario;
  return {
    scenario: name,
    title,
    group: group === 'other' ? undefined : group,
    notes: filled(notes),
    only,
    people: filled(people),
    office: filled(writtenOffice(office)),
    phones,
    forwards: filled(forwards),
    ringsFor: ringsFor === undefined ? undefined : timeText(ringsFor),
    habits: filled(habits),
    faults: filled(faults.map(({ text }) => text)),
    late: late || undefined,
    tries: tries === 1 ? undefined : tries,
    steps: steps.map(writtenStep),
    exact: exact || undefined,
    expect: filled(writtenExpectations(expect, scenario)),
  };
}

function writtenStep(step: Step): unknown {
  if (step.kind === 'together') return { 'at once': step.steps.map(writtenStep) };
  if (step.kind !== 'request') return step.text;
  const { pbx, request, answer, mark } = step;
  return { pbx, request, answer: answer === 'Success' ? undefined : answer, as: mark };
}

const TIMES: readonly string[] = ['ringsFor', 'waitsFor', 'wrapUp', 'answersAfter', 'returnsAfter'];

/** The office with its times in words. */
function writtenOffice(value: unknown, key = ''): unknown {
  if (typeof value === 'number' && TIMES.includes(key)) return timeText(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, writtenOffice(part, name)]));
}

function filled<T>(value: T): T | undefined {
  const size = Array.isArray(value) ? value.length : Object.keys(value as object).length;
  return size === 0 ? undefined : value;
}

/** Without what is undefined, and every number and flag as a text. */
function withoutAbsent(value: unknown): Plain {
  if (value === null || typeof value === 'string') return value;
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return value.map(withoutAbsent);
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(entries.map(([key, part]) => [key, withoutAbsent(part)]));
}
