import { FORMS, scenarioNames, truthFile } from '../support/freeswitch-recordings.ts';
import { replay } from '../support/freeswitch-replay.ts';
import { differencesOf, unexpected } from './freeswitch-compare.ts';
import { FREESWITCH_GAPS } from './freeswitch-gaps.ts';
import { piecesOf } from './freeswitch-pieces.ts';
import { truthFrom } from './freeswitch-truth.ts';

const TITLES = {
  'plain-ch': '`event plain`, channel events and custom ones',
  'json-all': '`event json ALL`',
} as const satisfies Record<(typeof FORMS)[number], string>;

/** The part of docs/conformance.md that is about FreeSWITCH. */
export async function freeswitchSection(): Promise<string[]> {
  const passed = new Map<string, number>();
  const rows: string[] = [];
  const names = scenarioNames();
  for (const name of names) {
    const cells: string[] = [];
    for (const form of FORMS) {
      const cell = await cellOf(name, form);
      if (cell !== 'differs') passed.set(form, (passed.get(form) ?? 0) + 1);
      cells.push(cell);
    }
    const { title } = truthFile(name) as { readonly title: string };
    rows.push(`| ${name} | ${title.replaceAll('|', '\\|')} | ${cells.join(' | ')} |`);
  }
  return [
    '## FreeSWITCH',
    '',
    'FreeSWITCH 1.10.12, each scenario recorded by two connections at once. A truth file of FreeSWITCH has fewer facts: what it',
    'does not mention is not looked at. Its machine had no time: times are compared within 1,100 ms.',
    '',
    '| recordings | form | scenarios |',
    '|---|---|---|',
    ...FORMS.map((form) => `| \`${form}\` | ${TITLES[form]} | ${passed.get(form) ?? 0} of ${names.length} |`),
    '',
    `| scenario | what happens | ${FORMS.join(' | ')} |`,
    `|---|---|${FORMS.map(() => '---').join('|')}|`,
    ...rows,
    '',
    '### Gaps of FreeSWITCH',
    '',
    ...Object.entries(FREESWITCH_GAPS).flatMap(([name, gaps]) => gaps.map((gap) => `- **${name}**: ${gap.reason}`)),
  ];
}

async function cellOf(name: string, form: (typeof FORMS)[number]): Promise<string> {
  const result = await replay(piecesOf(name, form));
  const differences = differencesOf(truthFrom(truthFile(name)), result);
  if (unexpected(name, differences).length > 0 || result.illegalEvents > 0) return 'differs';
  return differences.length > 0 ? 'gap' : 'same';
}
