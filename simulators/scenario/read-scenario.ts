import { buildScenario } from './build-scenario.ts';
import type { Scenario } from './scenario.ts';
import { yamlSource } from './yaml-source.ts';

/**
 * Reads a scenario from YAML, at most a million characters. Throws `ScenarioError` (`scenario.invalid`) with all that is
 * wrong, each with its line and column. `file` is for messages.
 */
export function readScenario(text: string, { file = 'scenario' }: { readonly file?: string } = {}): Scenario {
  return buildScenario(yamlSource(text, file));
}
