import { ScenarioError } from './problem.ts';
import { type Path, type Plain, pathText, type Source } from './source.ts';
import { MAX_DEPTH } from './yaml-source.ts';

/** Data of a program as a source: numbers and booleans become texts, as they would be read; undefined is not there. */
export function objectSource(data: unknown, name: string): Source {
  return { file: name, value: plain(data, [], name), positionOf: () => undefined };
}

function plain(data: unknown, path: Path, name: string): Plain {
  const fail = (message: string): never => {
    throw new ScenarioError(name, [{ path: pathText(path), message }]);
  };
  if (path.length > MAX_DEPTH) return fail(`lists and groups are more than ${MAX_DEPTH} deep`);
  if (data === null || data === undefined) return null;
  if (typeof data === 'string') return data;
  if (typeof data === 'number' || typeof data === 'boolean') return String(data);
  if (Array.isArray(data)) return data.map((item, index) => plain(item, [...path, index], name));
  if (typeof data !== 'object') return fail(`a ${typeof data} is nothing that a scenario can hold`);
  const entries = Object.entries(data).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    entries.map(([key, value]) => {
      if (key === '__proto__') fail("there is no key '__proto__'");
      return [key, plain(value, [...path, key], name)];
    }),
  );
}
