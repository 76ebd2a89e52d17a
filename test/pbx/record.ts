// Makes recordings: node test/pbx/record.ts FOLDER [--version 16] [--user lean] [--sip] [NAME|GROUP ...]

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import {
  type AsteriskRelease,
  type Recording,
  reasonNotToPlay,
  recordScenario,
  startAsterisk,
} from '../../simulators/real-asterisk/index.ts';
import { ownScenarios } from '../../simulators/scenario/own-scenarios.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    version: { type: 'string', default: '22' },
    user: { type: 'string', default: 'cti' },
    sip: { type: 'boolean', default: false },
    cel: { type: 'boolean', default: false },
    'system-name': { type: 'string', default: '' },
  },
});
const [folder, ...words] = positionals;
if (folder === undefined) throw new Error('say into which folder');

const chosen = (await ownScenarios())
  .filter((scenario) => reasonNotToPlay(scenario) === undefined)
  .filter(({ name, group }) =>
    words.length === 0 ? group !== 'destructive' : words.includes(name) || words.includes(group),
  );
await mkdir(folder, { recursive: true });
await using pbx = await startAsterisk({
  version: values.version as AsteriskRelease,
  cel: values.cel,
  systemName: values['system-name'],
  log: console.error,
});
let failed = 0;
for (const scenario of chosen) {
  try {
    await write(join(folder, scenario.name), await recordScenario(pbx, scenario, { user: values.user }));
    console.log(`ok   ${scenario.name}`);
  } catch (error) {
    failed++;
    console.log(`FAIL ${scenario.name}: ${(error as Error).message}`);
  }
}
console.log(`${chosen.length - failed} of ${chosen.length} scenarios played as planned`);
process.exitCode = failed === 0 ? 0 : 1;

async function write(path: string, { truth, messages, sent, sip }: Recording): Promise<void> {
  const { startedAt: _, ...kept } = truth;
  await writeFile(`${path}.truth.json`, `${JSON.stringify(kept)}\n`);
  const rows = messages.map(([ms, raw]) => [ms, asText(raw)]);
  for (const [name, lines] of Object.entries({ '': rows, '.sent': sent, ...(values.sip && { '.sip': sip }) })) {
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    await writeFile(`${path}${name}.jsonl.gz`, gzipSync(text, { level: 9 }));
  }
}

/** Bytes that are not UTF-8 are kept in base64. */
function asText(raw: Buffer): string | { base64: string } {
  const text = raw.toString('utf8');
  return Buffer.from(text, 'utf8').equals(raw) ? text : { base64: raw.toString('base64') };
}
