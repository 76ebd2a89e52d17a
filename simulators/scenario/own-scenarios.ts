import { fileURLToPath } from 'node:url';
import { loadScenarios } from './load-scenarios.ts';
import type { Scenario } from './scenario.ts';

/** Where the scenarios are that come with offhook: a folder for each subject. */
export const OWN_SCENARIOS: string = fileURLToPath(new URL('../scenarios', import.meta.url));

/** The scenarios that come with offhook, by subject and name. */
export function ownScenarios(): Promise<Scenario[]> {
  return loadScenarios(OWN_SCENARIOS);
}
