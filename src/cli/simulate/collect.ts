import { glob, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { loadScenario } from '../../../simulators/scenario/load-scenarios.ts';
import type { Scenario } from '../../../simulators/scenario/scenario.ts';
import { OffhookError } from '../../domain/error.ts';

/** A scenario and where it was read. */
export interface FoundScenario {
  readonly file: string;
  readonly scenario: Scenario;
}

/**
 * The scenarios of files, of folders with all folders in them but `node_modules`, and of patterns, each file once, in the
 * order in which they are given and by path within each. Throws `scenario.not-found` for what matches nothing, and one
 * `scenario.invalid` with the problems of all files.
 */
export async function collectScenarios(paths: readonly string[]): Promise<FoundScenario[]> {
  const files = new Set<string>();
  for (const path of paths) for (const file of await filesOf(path)) files.add(file);
  const found: FoundScenario[] = [];
  const invalid: OffhookError[] = [];
  for (const file of files) {
    try {
      found.push({ file, scenario: await loadScenario(file) });
    } catch (error) {
      if (!(error instanceof OffhookError) || error.code !== 'scenario.invalid') throw error;
      invalid.push(error);
    }
  }
  if (invalid.length > 0) throw together(invalid);
  return found;
}

async function filesOf(path: string): Promise<string[]> {
  const kind = await stat(path).catch(() => undefined);
  if (kind?.isFile()) return [path];
  const isFolder = kind?.isDirectory() === true;
  const found = isFolder
    ? glob('**/*.{yaml,yml}', { cwd: path, exclude: isOfPackages })
    : glob(path, path.includes('node_modules') ? {} : { exclude: isOfPackages });
  const files: string[] = [];
  for await (const file of found) files.push(isFolder ? join(path, file) : file);
  if (files.length > 0) return files.sort();
  throw new OffhookError(
    'scenario.not-found',
    isFolder ? `${path}: no file in it ends in .yaml or .yml.` : `${path}: there is nothing.`,
    { field: path, remedy: 'Give a file, a folder, or a pattern in quotes such as "scenarios/**/*.yaml".' },
  );
}

/** Packages have scenarios, too, which nobody means who names a folder. */
function isOfPackages(path: string): boolean {
  return basename(path) === 'node_modules';
}

function together(errors: readonly OffhookError[]): OffhookError {
  const [first] = errors;
  if (errors.length === 1) return first!;
  const { remedy } = first!;
  return new OffhookError('scenario.invalid', errors.map(({ message }) => message).join('\n'), {
    ...(remedy === undefined ? {} : { remedy }),
  });
}
