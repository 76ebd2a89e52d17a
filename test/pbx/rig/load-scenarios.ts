import { readdir } from 'node:fs/promises';
import type { Scenario, ScenarioSource } from './scenario.ts';

const FOLDER = new URL('scenarios/', import.meta.url);

/**
 * All scenarios of the `scenarios` folder, by file and then in the order of the file. The file's name is the group,
 * and `-extra` in it marks our additions. Throws when two have the same name.
 */
export async function loadScenarios(): Promise<Scenario[]> {
  const scenarios: Scenario[] = [];
  for (const file of (await readdir(FOLDER)).filter((name) => name.endsWith('.ts')).sort()) {
    const group = file.replace(/(-extra)?\.ts$/, '');
    const module = (await import(new URL(file, FOLDER).href)) as { scenarios: readonly ScenarioSource[] };
    for (const scenario of module.scenarios) {
      if (scenarios.some(({ name }) => name === scenario.name)) throw new Error(`two scenarios: ${scenario.name}`);
      scenarios.push({ group, ...scenario, extra: file.endsWith('-extra.ts') });
    }
  }
  return scenarios;
}
