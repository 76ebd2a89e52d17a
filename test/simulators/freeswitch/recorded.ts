import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { EslEvent } from '../../../simulators/freeswitch-esl/event.ts';

const FOLDER = new URL('../../fixtures/freeswitch/', import.meta.url);

type Line = readonly (number | string | null | { readonly b64: string })[];

function lines(path: string): Line[] {
  const text = gunzipSync(readFileSync(new URL(path, FOLDER))).toString('utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}

/** Events that a real FreeSWITCH told in a scenario, in their order. */
export function recordedEvents(name: string): EslEvent[] {
  return lines(`scenarios/${name}.json-all.jsonl.gz`).flatMap(([, raw]) => {
    const text = typeof raw === 'string' ? raw : Buffer.from((raw as { b64: string }).b64, 'base64').toString('latin1');
    if (!/text\/event-json/.test(text.slice(0, 120))) return [];
    return [{ headers: pairsOf(text.slice(text.indexOf('\n\n') + 2)) }];
  });
}

/** The members of a JSON object one by one: in events names may repeat. */
function pairsOf(json: string): [string, string][] {
  const pairs: [string, string][] = [];
  const member = /"((?:[^"\\]|\\.)*)":(?:"((?:[^"\\]|\\.)*)"|(\[[^\]]*\]))/g;
  for (const [, name = '', value, list] of json.matchAll(member)) {
    const text = list === undefined ? (JSON.parse(`"${value}"`) as string) : (JSON.parse(list) as string[]).join('|');
    pairs.push([JSON.parse(`"${name}"`) as string, text]);
  }
  return pairs;
}

/** What a client of the event socket sent and got: `>` and `<`, `null` for the end. */
export function recordedTalk(
  name: string,
): { readonly ms: number; readonly way: '<' | '>'; readonly text: string | null }[] {
  return lines(`protocol/${name}.jsonl.gz`).map(([ms, way, text]) => ({
    ms: ms as number,
    way: way as '<' | '>',
    text: text as string | null,
  }));
}
