import { existsSync, readdirSync, readFileSync } from 'node:fs';
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

/** The folders of recordings; `22` and `16` have additional ones beside them. */
export const RECORDED = ['22', '16', '22-cel', '22-lean'] as const;

/** One of {@link RECORDED}. */
export type Recorded = (typeof RECORDED)[number];

const folder = (name: string): URL => new URL(`../fixtures/asterisk/${name}/`, import.meta.url);

/** Where a scenario was recorded: the first recordings, or the additional ones. */
function fileOf(version: string, name: string, ending: string): URL {
  const first = new URL(`${name}${ending}`, folder(version));
  return existsSync(first) ? first : new URL(`${name}${ending}`, folder(`extra-${version}`));
}

/** The names of all recorded scenarios, the additional ones last. */
export function recordedNames(version: string): string[] {
  return [version, `extra-${version}`]
    .filter((one) => existsSync(folder(one)))
    .flatMap((one) =>
      readdirSync(folder(one))
        .filter((name) => name.endsWith('.truth.json'))
        .map((name) => name.replace('.truth.json', ''))
        .sort(),
    );
}

/** What a real Asterisk sent while a scenario was played. */
export function recordedMessages(version: string, name: string): Message[] {
  const lines = gunzipSync(readFileSync(fileOf(version, name, '.jsonl.gz')))
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
  return JSON.parse(readFileSync(fileOf(version, name, '.truth.json'), 'utf8')) as Scenario;
}
