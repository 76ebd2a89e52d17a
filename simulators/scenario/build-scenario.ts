import type { z } from 'zod';
import { buildExpectations } from './build-expectations.ts';
import { buildFaults, buildSteps } from './build-steps.ts';
import { Cast } from './cast.ts';
import { checkOffice } from './check-office.ts';
import { marksOf } from './marks.ts';
import { ScenarioError } from './problem.ts';
import { linesOf } from './resolve-party.ts';
import type { Scenario } from './scenario.ts';
import { keysAt } from './scenario-schema.ts';
import { type ScenarioShape, scenarioShape } from './shape.ts';
import { addShapeProblems } from './shape-problems.ts';
import { type Plain, Problems, type Source } from './source.ts';

/** The scenario that a source describes. Throws {@link ScenarioError} with everything that is wrong with it. */
export function buildScenario(source: Source): Scenario {
  const problems = new Problems(source);
  const shape = shapeOf(source, problems);
  const { people = {}, office = {} } = shape;
  const cast = new Cast(Object.keys(linesOf(office)), Object.keys(people));
  checkOffice(shape, cast, problems);
  const faults = buildFaults(shape.faults ?? [], source, problems);
  const steps = buildSteps(shape.steps, cast, source, problems);
  const { late = false } = shape;
  const marks = marksOf({ steps, late });
  const expect = buildExpectations(shape.expect ?? {}, { people, office, marks, cast }, source, problems);
  if (problems.found.length > 0) throw new ScenarioError(source.file, problems.found);
  const { scenario, title, group = 'other', notes = [], only, phones, ringsFor } = shape;
  const { forwards = {}, habits = {}, exact = false, tries = 1 } = shape;
  return {
    name: scenario,
    title,
    group,
    notes,
    ...(only === undefined ? {} : { only }),
    people,
    office,
    ...(phones === undefined ? {} : { phones }),
    forwards,
    ...(ringsFor === undefined ? {} : { ringsFor }),
    habits,
    faults,
    late,
    steps,
    expect,
    exact,
    tries,
  };
}

/**
 * The source's shape. Where a part of it has none, the rest is read without that part, so that what is wrong there is
 * told as well: a person counts as somebody without a number; not where it is about the office, which everything else
 * depends on.
 */
function shapeOf(source: Source, problems: Problems): ScenarioShape {
  const parsed = scenarioShape.safeParse(source.value);
  if (parsed.success) return parsed.data;
  addShapeProblems(parsed.error.issues, source.value, problems, keysAt);
  const wrong = new Set(parsed.error.issues.flatMap(topLevelKeys));
  if (wrong.has('office')) throw new ScenarioError(source.file, problems.found);
  const given = isGroup(source.value) ? source.value : {};
  const understood = Object.entries(given).filter(([key]) => !wrong.has(key));
  const rest = scenarioShape.safeParse({
    scenario: 'nameless',
    title: 'Untitled',
    people: namesOf(given['people']),
    steps: ['wait 0 ms'],
    ...Object.fromEntries(understood),
  });
  if (!rest.success) throw new ScenarioError(source.file, problems.found);
  return rest.data;
}

/** Those who are there, as somebody without a number each. */
function namesOf(people: Plain | undefined): Plain {
  const names = isGroup(people) ? Object.keys(people) : [];
  return Object.fromEntries(names.map((name) => [name, { number: null }]));
}

function topLevelKeys(issue: z.core.$ZodIssue): string[] {
  if (issue.path.length > 0) return [String(issue.path[0])];
  return issue.code === 'unrecognized_keys' ? issue.keys : [];
}

const isGroup = (value: Plain | undefined): value is { readonly [key: string]: Plain } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
