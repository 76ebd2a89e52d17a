// docs/testing.md, followed: the files that it has, its corrections, its commands, and what it says that they print.
import { execFile, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { folder, type Outcome, start, until } from '../cli/harness.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const tutorial = readFileSync(join(root, 'docs', 'testing.md'), 'utf8');

interface Block {
  /** The last words before it. */
  readonly before: string;
  readonly language: string;
  readonly text: string;
}

const blocks: Block[] = [...tutorial.matchAll(/([^\n]*)\n\n```(\w*)\n([\s\S]*?)```/g)].map(
  ([, before, language, text]) => ({
    before: before!,
    language: language!,
    text: text!,
  }),
);

/** The text of a file that the tutorial has its reader write. */
function fileOf(name: string): string {
  const block = blocks.find(({ before }) => before.includes(`\`${name}\`:`));
  if (block === undefined) throw new Error(`the tutorial has no ${name}`);
  return block.text;
}

const FILES = ['screen-pop.js', 'main.js', 'first-call.yaml', 'link-drops.yaml', 'screen-pop.test.ts'];
const corrections = blocks.filter(({ language }) => language === 'diff').map(({ text }) => text);
const outputs = blocks.filter(({ language }) => language === '').map(({ text }) => text);

/** What a correction says: the lines that go, and those that come, or stay, in their place. */
function corrected(text: string, correction: string): string {
  const lines = correction.trimEnd().split('\n');
  const lacking = (sign: string) =>
    lines
      .filter((line) => !line.startsWith(sign))
      .map((line) => `${line.slice(1)}\n`)
      .join('');
  expect(text).toContain(lacking('+'));
  return text.replace(lacking('+'), () => lacking('-'));
}

let place: string;

beforeEach(() => {
  place = folder();
  for (const name of FILES) writeFileSync(join(place, name), fileOf(name));
  writeFileSync(join(place, 'package.json'), '{ "type": "module" }');
  mkdirSync(join(place, 'node_modules'));
  for (const name of ['vitest', 'asterisk-manager'])
    symlinkSync(join(root, 'node_modules', name), join(place, 'node_modules', name));
  // A checkout is not installed: the package is its sources.
  const alias = { 'offhook/testing': join(root, 'src', 'testing', 'index.ts') };
  writeFileSync(join(place, 'vitest.config.js'), `export default ${JSON.stringify({ resolve: { alias } })};`);
});

function correct(...which: readonly number[]): void {
  const file = join(place, 'screen-pop.js');
  for (const index of which) writeFileSync(file, corrected(readFileSync(file, 'utf8'), corrections[index]!));
}

/** `npx vitest run`: what it prints, without colours. */
function vitest(): Promise<{ readonly code: number; readonly printed: string }> {
  const args = [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run'];
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { cwd: place, env }, (_, out, err) =>
      resolve({ code: child.exitCode ?? 1, printed: out + err }),
    );
  });
}

/** `npx offhook simulate run FILE --client none`, and `node main.js` once it waits; on a free port. */
async function byHand(file: string, wait = '60s'): Promise<Pick<Outcome, 'code' | 'out'> & { readonly shown: string }> {
  const running = start(['simulate', 'run', join(place, file), '--client', 'none', '--port', '0', '--wait', wait]);
  await until(() => running.out().includes('Waiting'));
  const port = /:(\d+) \(user/.exec(running.out())![1];
  const program = spawn(process.execPath, ['main.js'], { cwd: place, env: { ...process.env, PBX_PORT: port } });
  onTestFinished(() => void program.kill());
  let shown = '';
  for (const stream of [program.stdout, program.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      shown += text;
    });
  const { code, out } = await running.done;
  return { code, out: out.replaceAll(`${place}/`, ''), shown };
}

/** Without what is different each time: times and ports. */
const timeless = (text: string): string => text.replace(/ *\d+\.\d{3} s/g, ' TIME').replace(/:\d{4,5} /g, ':PORT ');

it('the test fails as the tutorial says, and passes after its correction', async () => {
  const [failing = '', passing = ''] = outputs;
  const before = await vitest();
  expect(before.code).toBe(1);
  for (const line of failing.split('\n')) expect(before.printed).toContain(line.trimEnd());
  correct(0);
  const after = await vitest();
  expect(after.printed).toContain(/✓ (\S+)/.exec(passing)![0]);
  expect(after.code).toBe(0);
}, 60_000);

it('by hand, the program shows the call and the command line what happened', async () => {
  const [, , shown, printed] = outputs;
  correct(0);
  const told = await byHand('first-call.yaml');
  expect(told.shown).toBe(shown);
  expect(timeless(told.out)).toBe(timeless(printed!));
  expect(told.code).toBe(0);
}, 60_000);

it('a link that drops ends the program, until it is told to connect again', async () => {
  const [shown, , gone, back] = outputs.slice(2);
  correct(0);
  // The same in less time: it will not come back, however long it is waited for.
  const text = fileOf('link-drops.yaml').replace('drops for 5 s', 'drops for 500 ms').replace('wait 12 s', 'wait 1 s');
  writeFileSync(join(place, 'in-short.yaml'), text);
  const failed = await byHand('in-short.yaml', '2s');
  expect(failed.shown).toBe(shown);
  const inShort = gone!
    .replaceAll('drops for 5 s', 'drops for 500 ms')
    .replace('wait 12 s', 'wait 1 s')
    .replace('for 15 s', 'for 2 s')
    .replace('link-drops.yaml', 'in-short.yaml');
  expect(timeless(failed.out)).toContain(timeless(inShort));
  expect(failed.code).toBe(1);
  correct(1);
  const passed = await byHand('link-drops.yaml');
  expect(passed.shown.replaceAll(/Trying.*\n/g, '')).toBe(shown! + shown!);
  expect(timeless(passed.out)).toContain(timeless(back!));
  expect(passed.code).toBe(0);
}, 90_000);

it('names every type of document that the command line prints', async () => {
  const told = start(['simulate', 'run', join(place, 'first-call.yaml'), '--json']);
  const lines = (await told.done).out.trimEnd().split('\n');
  const rows = new Map([...tutorial.matchAll(/^\| `(\w+)` \| (.*) \|$/gm)].map(([, type, fields]) => [type, fields!]));
  for (const line of lines) {
    const { type, ...fields } = JSON.parse(line);
    for (const field of Object.keys(fields)) expect(rows.get(type)).toContain(`\`${field}\``);
  }
});
