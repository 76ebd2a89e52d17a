import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { OffhookError } from '../../src/domain/error.ts';
import { ScenarioError } from './problem.ts';
import { readScenario } from './read-scenario.ts';
import type { Scenario } from './scenario.ts';
import { MAX_TEXT } from './yaml-source.ts';

/** No file of {@link MAX_TEXT} characters is longer in UTF-8. */
const MAX_BYTES = 4 * MAX_TEXT;
const TOO_LONG = (size: number): string => `a scenario has at most ${MAX_BYTES} bytes, this has ${size}`;

/** Reads one file. Throws `scenario.not-found`, `scenario.invalid`. */
export async function loadScenario(file: string): Promise<Scenario> {
  try {
    const { size } = await stat(file);
    if (size > MAX_BYTES) throw new ScenarioError(file, [{ line: 1, column: 1, path: '', message: TOO_LONG(size) }]);
    return readScenario(await readFile(file, 'utf8'), { file });
  } catch (error) {
    throw error instanceof ScenarioError ? error : notFound(file, error as NodeJS.ErrnoException);
  }
}

/**
 * Reads all `.yaml` files of a folder and of the folders in it, by path. Throws `scenario.not-found`, and
 * `scenario.invalid` also for a scenario whose name is not that of its file or is there twice.
 */
export async function loadScenarios(folder: string): Promise<Scenario[]> {
  const paths = await readdir(folder, { recursive: true }).catch((error) => {
    throw notFound(folder, error as NodeJS.ErrnoException);
  });
  const files = paths.filter((path) => path.endsWith('.yaml')).sort();
  const scenarios = await Promise.all(files.map((path) => loadScenario(join(folder, path))));
  const seen = new Map<string, string>();
  for (const [index, { name }] of scenarios.entries()) {
    const file = join(folder, files[index]!);
    if (basename(file, '.yaml') !== name)
      throw misnamed(file, `this is the scenario '${name}': the file is ${name}.yaml`);
    const other = seen.get(name);
    if (other !== undefined) throw misnamed(file, `'${name}' is also in ${other}`);
    seen.set(name, file);
  }
  return scenarios;
}

function misnamed(file: string, message: string): ScenarioError {
  return new ScenarioError(file, [{ line: 1, column: 1, path: 'scenario', message }]);
}

function notFound(path: string, cause: NodeJS.ErrnoException): OffhookError {
  const what = cause.code === 'ENOENT' ? 'there is nothing' : `it cannot be read (${cause.code})`;
  return new OffhookError('scenario.not-found', `${path}: ${what}`, { cause, field: path, remedy: 'Check the path.' });
}
