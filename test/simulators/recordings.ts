import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type Message, parseMessage } from './ami-text.ts';

/** One step of a recorded scenario: who, what, about what, how. */
export type ScenarioStep = readonly [
  who: string,
  verb?: unknown,
  argument?: unknown,
  options?: Readonly<Record<string, unknown>>,
];

/** What was played, and by whom. */
export interface Scenario {
  readonly steps: readonly ScenarioStep[];
  readonly outside?: Readonly<Record<string, { readonly number: string; readonly name: string }>>;
  readonly extensions: Readonly<Record<string, unknown>>;
}

const folder = (version: string): URL => new URL(`../fixtures/asterisk/${version}/`, import.meta.url);

/** What a real Asterisk sent while a scenario was played. */
export function recordedMessages(version: string, name: string): Message[] {
  const lines = gunzipSync(readFileSync(new URL(`${name}.jsonl.gz`, folder(version))))
    .toString('utf8')
    .trim()
    .split('\n');
  const texts = lines
    .map((line) => (JSON.parse(line) as [number, unknown])[1])
    .filter((text) => typeof text === 'string');
  return texts.slice(1).map(parseMessage);
}

/** The scenario itself. */
export function recordedScenario(version: string, name: string): Scenario {
  return JSON.parse(readFileSync(new URL(`${name}.truth.json`, folder(version)), 'utf8')) as Scenario;
}
