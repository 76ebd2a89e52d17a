import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineScenario, type ScenarioSource } from '../../simulators/scenario/define-scenario.ts';
import { loadScenario } from '../../simulators/scenario/load-scenarios.ts';
import { readScenario } from '../../simulators/scenario/read-scenario.ts';
import type { Scenario } from '../../simulators/scenario/scenario.ts';

/**
 * A scenario, in any of its forms: read already; as it is written in a program; the path or URL of a file; or the text
 * of one (a text with line feeds in it).
 */
export type ScenarioInput = Scenario | ScenarioSource | string | URL;

/** A scenario and the file that it was read from. */
export interface LoadedScenario {
  readonly scenario: Scenario;
  readonly file?: string;
}

/** Reads a scenario. Rejects with `scenario.invalid`, `scenario.not-found`. Paths are relative to the working folder. */
export async function scenarioFrom(input: ScenarioInput): Promise<LoadedScenario> {
  if (input instanceof URL) return fromFile(fileURLToPath(input));
  if (typeof input === 'string') return input.includes('\n') ? { scenario: readScenario(input) } : fromFile(input);
  return { scenario: 'scenario' in input ? defineScenario(input) : input };
}

async function fromFile(path: string): Promise<LoadedScenario> {
  const file = resolve(path);
  return { scenario: await loadScenario(file), file: path };
}
