import { type Cast, meant, RESERVED } from './cast.ts';
import type { ScenarioShape } from './shape.ts';
import type { Path, Problems } from './source.ts';

/** Tells of telephones that are named but not there, and of names that nobody can have. */
export function checkOffice(shape: ScenarioShape, cast: Cast, problems: Problems): void {
  const { people = {}, office = {}, phones = [], forwards = {}, expect = {} } = shape;
  const checkLine = (path: Path, line: string, key = false): void => {
    if (!cast.lines.has(line))
      problems.add(path, `${line} is no telephone of the office${meant(line, [...cast.lines])}`, { key });
  };
  for (const who of Object.keys(people)) {
    if (RESERVED.includes(who)) problems.add(['people', who], `nobody can be called '${who}'`, { key: true });
  }
  for (const [index, line] of phones.entries()) checkLine(['phones', index], line);
  for (const line of Object.keys(forwards)) checkLine(['forwards', line], line, true);
  for (const line of Object.keys(expect)) checkLine(['expect', line], line, true);
  for (const kind of ['groups', 'queues'] as const) {
    for (const [name, { members }] of Object.entries(office[kind] ?? {})) {
      for (const [index, line] of members.entries()) checkLine(['office', kind, name, 'members', index], line);
    }
  }
  checkParking(office, problems);
}

function checkParking({ parking }: NonNullable<ScenarioShape['office']>, problems: Problems): void {
  const { first, last } = parking ?? {};
  if (first !== undefined && last !== undefined && first > last)
    problems.add(['office', 'parking', 'last'], `the last place (${last}) comes before the first (${first})`);
}
