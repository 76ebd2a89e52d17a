import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { XmlDocument } from 'libxml2-wasm';
import { describe, expect, it } from 'vitest';
import { timelineLines } from '../../src/cli/simulate/timeline.ts';
import { displayWidth } from '../../src/cli/view/text.ts';
import { createTheme } from '../../src/cli/view/theme.ts';
import { rawClient } from '../testing/raw-client.ts';
import { folder, type Running, run, start, until } from './harness.ts';

const HEAD = 'people:\n  carol: { number: +442079460991, name: Carol Customer }\n';

/** A call that 1001 answers. */
const scenario = (name: string, expected: string, more = ''): string => `scenario: ${name}
title: 1001 answers
${more}${HEAD}steps:
  - carol calls +442079460101
  - 1001 rings
  - wait 200 ms
  - 1001 answers
  - wait 1 s
  - carol hangs up
expect:
  1001:
    - remote: carol
      cause: ${expected}
      states:
        - alerting:connected @1001.ring
        - connected:connected @1001.answer
        - null:null @carol.hangup
`;

/** A folder with files. */
function files(contents: Readonly<Record<string, string>>): string {
  const path = folder();
  for (const [name, text] of Object.entries(contents)) writeFileSync(join(path, name), text);
  return path;
}

/** Where a switch listens that waits for a program. */
async function ready(running: Running): Promise<{ readonly port: number }> {
  await until(() => running.out().includes('"ready"'));
  return JSON.parse(lines(running.out()).find((line) => line.includes('"ready"'))!);
}

const lines = (text: string): string[] => text.trimEnd().split('\n');

describe('offhook simulate run', () => {
  it('tells in a line that a scenario passed, and ends with 0', async () => {
    const path = files({ 'good.yaml': scenario('good', 'normal') });
    const { code, out } = await run(['simulate', 'run', join(path, 'good.yaml')]);
    expect(lines(out)).toEqual(['✓ good  1.303 s', '1 passed (asterisk@22)']);
    expect(code).toBe(0);
  });

  it('passes with the example of the manual', async () => {
    const manual = readFileSync(new URL('../../docs/scenarios.md', import.meta.url), 'utf8');
    const path = files({ 'example.yaml': /```yaml\n([\s\S]*?)```/.exec(manual)![1]! });
    expect((await run(['simulate', 'run', path])).out).toContain('1 passed');
  });

  it('tells where the file says otherwise and what happened, and ends with 1', async () => {
    const path = files({ 'bad.yaml': scenario('bad', 'busy') });
    const { code, out } = await run(['simulate', 'run', path, '--against', 'asterisk@16']);
    expect(out).toContain(`    ${path}/bad.yaml:14:7\n      1001[0].cause: "normal", not "busy"\n`);
    expect(out).toMatch(/^ {3}0\.303 s {2}1001 answers$/m);
    expect(out).toMatch(/^ {3}0\.103 s {37}1001 {2}alerting ← Carol Customer$/m);
    expect(out).toContain('1 failed (asterisk@16)');
    expect(code).toBe(1);
  });

  it('plays each file of files, folders and patterns once, and says what it leaves out', async () => {
    const path = files({
      'one.yaml': scenario('one', 'normal'),
      'two.yaml': scenario('two', 'normal'),
      'three.yml': scenario('three', 'normal', 'only: [freeswitch]\n'),
      'notes.txt': 'no scenario',
    });
    mkdirSync(join(path, 'node_modules'));
    writeFileSync(join(path, 'node_modules', 'other.yaml'), 'a file of a package');
    const { code, out } = await run(['simulate', 'run', join(path, 'two.yaml'), path, join(path, '*.yaml')]);
    expect(lines(out)).toEqual([
      '✓ two  1.303 s',
      '✓ one  1.303 s',
      '- three  skipped: only for freeswitch',
      '2 passed, 1 skipped (asterisk@22)',
    ]);
    expect(code).toBe(0);
  });

  it('prints a timeline of what passed when it is asked to, and nothing of it with --quiet', async () => {
    const path = files({ 'good.yaml': scenario('good', 'normal') });
    const long = await run(['simulate', 'run', path, '--timeline']);
    expect(long.out).toContain('1001 answers');
    expect(lines(long.out).every((line) => displayWidth(line) <= 80)).toBe(true);
    const short = await run(['simulate', 'run', path, '--quiet']);
    expect(lines(short.out)).toEqual(['1 passed (asterisk@22)']);
  });

  it('stops at the first failure when it is asked to', async () => {
    const path = files({ 'a.yaml': scenario('a', 'busy'), 'b.yaml': scenario('b', 'normal') });
    const { code, out } = await run(['simulate', 'run', path, '--fail-fast', '--quiet']);
    expect(lines(out).at(-1)).toBe('1 failed, 1 not played (asterisk@22)');
    expect(code).toBe(1);
  });

  it('prints expectations that the same scenario then passes with', async () => {
    const path = files({ 'good.yaml': scenario('good', 'busy') });
    const { out } = await run(['simulate', 'run', path, '--quiet', '--print-expectations']);
    const block = out.slice(out.indexOf('\nexpect:') + 1, out.indexOf('\n1 failed'));
    expect(block).toContain('      cause: normal\n');
    expect(block).toContain('        - connected:connected @1001.answer\n');
    const text = scenario('good', 'busy');
    const again = files({ 'good.yaml': `${text.slice(0, text.indexOf('expect:'))}${block}\n` });
    expect((await run(['simulate', 'run', again])).code).toBe(0);
  });

  it('tells all that is wrong in all files, with line and column and what was meant', async () => {
    const path = files({
      'a.yaml': scenario('a', 'normal').replace('1001 answers\n  - wait', '1001 anwsers\n  - wait'),
      'b.yaml': scenario('b', 'nromal'),
      'c.yaml': scenario('c', 'normal'),
    });
    const { code, err, out } = await run(['simulate', 'run', path]);
    expect(err).toContain(`a.yaml:9:10: 1001 anwsers: there is no word 'anwsers'; did you mean 'answers'?`);
    expect(err).toMatch(/b\.yaml:15:14: .*did you mean 'normal'\?/);
    expect(err).toContain('[scenario.invalid]');
    expect(out).toBe('');
    expect(code).toBe(65);
  });

  it('refuses what is not there: files, switches, ports that are taken', async () => {
    expect((await run(['simulate', 'run', join(folder(), 'none.yaml')])).code).toBe(66);
    expect((await run(['simulate', 'run', folder()])).code).toBe(66);
    const path = files({ 'good.yaml': scenario('good', 'normal') });
    const nortel = await run(['simulate', 'run', path, '--against', 'nortel']);
    expect(nortel.code).toBe(64);
    expect(nortel.err).toContain('asterisk@16');
    const own = await run(['simulate', 'run', path, '--against', 'real-asterisk', '--client', 'none']);
    expect(own.code).toBe(64);
    const first = start(['simulate', 'run', path, '--client', 'none', '--port', '0', '--json']);
    const { port } = await ready(first);
    expect((await run(['simulate', 'run', path, '--port', String(port)])).code).toBe(69);
    first.stop();
    expect((await first.done).code).toBe(1);
  });

  it('asks the engine for what a user would click', async () => {
    const path = files({
      'dial.yaml': `scenario: dial
title: Click to dial, hold and go on
steps:
  - the client dials 1002 from 1001
  - 1001 rings
  - 1001 answers
  - 1002 rings
  - 1002 answers
  - 1001 is connected
  - the client holds 1001
  - 1001 is hold
  - the client retrieves 1001
  - 1001 is connected
  - the client hangs up 1001
  - 1002 sees ended
expect:
  1001:
    - { direction: out, originated: true, endedBy: client }
`,
    });
    expect(await run(['simulate', 'run', path]).then(({ out, code }) => [code, lines(out)])).toEqual([
      0,
      [expect.stringMatching(/^✓ dial/), '1 passed (asterisk@22)'],
    ]);
  });

  it('prints one JSON document for each thing that happens', async () => {
    const path = files({ 'bad.yaml': scenario('bad', 'busy') });
    const { code, out } = await run(['simulate', 'run', path, '--json']);
    const told = lines(out).map((line) => JSON.parse(line));
    expect(told[0]).toEqual({ type: 'start', file: `${path}/bad.yaml`, scenario: 'bad' });
    expect(told).toContainEqual({
      ...{ type: 'entry', scenario: 'bad', what: 'told', t: 103, line: '1001' },
      text: 'alerting ← Carol Customer +442079460991',
    });
    expect(told.at(-2)).toMatchObject({
      ...{ type: 'result', scenario: 'bad', status: 'failed', against: 'asterisk@22', expectationsChecked: true },
      problems: [{ text: '1001[0].cause: "normal", not "busy"', position: { line: 14, column: 7 } }],
      told: { 1001: [{ cause: 'normal' }] },
    });
    expect(told.at(-1)).toEqual({
      ...{ type: 'summary', against: 'asterisk@22', passed: 0, failed: 1, skipped: 0, notRun: 0 },
    });
    expect(code).toBe(1);
  });

  it('writes a report for continuous integration that is XML, whatever callers are called', async () => {
    const name = 'Carol \\e[31m <b>&amp;]]> \\u0001\\ud83d\\ude00';
    const path = files({
      'bad.yaml': scenario('bad', 'busy').replace('name: Carol Customer', `name: "${name}"`),
      'good.yaml': scenario('good', 'normal'),
      'only.yaml': scenario('only', 'normal', 'only: [freeswitch]\n'),
    });
    const report = join(path, 'reports', 'junit.xml');
    expect((await run(['simulate', 'run', path, '--junit', report])).code).toBe(1);
    using document = XmlDocument.fromString(readFileSync(report, 'utf8'));
    const text = (path: string): string | undefined => document.get(path)?.content;
    expect(text('/testsuites/@tests')).toBe('3');
    expect(text('/testsuites/testsuite/@failures')).toBe('1');
    expect(text('//testcase[@name="bad"]/failure/@message')).toBe('1001[0].cause: "normal", not "busy"');
    expect(text('//testcase[@name="bad"]/failure')).toContain('alerting ← Carol �[31m <b>&amp;]]> �😀 +442079460991');
    expect(text('//testcase[@name="only"]/skipped/@message')).toBe('only for freeswitch');
    expect(text('//testcase[@name="good"]/@time')).toBe('1.303');
    expect(document.get('//testcase[@name="good"]/*')).toBeNull();
  });

  it('does not let a caller paint on the terminal', async () => {
    const name = 'name: "\\e]0;owned\\a\\u202eCarol"';
    const path = files({ 'bad.yaml': scenario('bad', 'busy').replace('name: Carol Customer', name) });
    const { out } = await run(['simulate', 'run', path, '--timeline', '--print-expectations']);
    expect(out).toContain('�]0;owned��Carol');
    expect(out.replaceAll('\n', '')).not.toMatch(/\p{Cc}|\u202e/u);
  });
});

describe('offhook simulate run --client none', () => {
  const one = (more = ''): string => files({ 'call.yaml': `scenario: call\ntitle: A call\n${HEAD}steps:\n${more}` });
  const STEPS = '  - carol calls +442079460101\n  - 1001 rings\n  - 1001 answers\n  - carol hangs up\n';

  it('waits for a program, plays to it as it happens, and says what it could not check', async () => {
    const path = one(`${STEPS}expect:\n  1001: []\n`);
    const running = start(['simulate', 'run', path, '--client', 'none', '--port', '0']);
    await until(() => running.out().includes('Waiting'));
    const port = Number(/127\.0\.0\.1:(\d+) \(user offhook\)/.exec(running.out())![1]);
    await using client = await rawClient({ port });
    const { code, out } = await running.done;
    expect(client.text()).toContain('ConnectedLineName: Carol Customer');
    expect(out).toMatch(/^ +\d\.\d{3} s {2}1001 answers$/m);
    expect(out).toMatch(/^✓ call {2}/m);
    expect(out).toContain('was not checked');
    expect(code).toBe(0);
  });

  it('fails for a program that does not come, and for one that does not come back', async () => {
    const path = one(`${STEPS}  - the link drops for 100 ms\n  - wait 200 ms\n`);
    const alone = await run(['simulate', 'run', path, '--client', 'none', '--port', '0', '--wait', '100ms']);
    expect(alone.out).toMatch(/nobody has logged in at 127\.0\.0\.1:\d+ within 0\.1 s/);
    expect(alone.code).toBe(1);
    const running = start(['simulate', 'run', path, '--client', 'none', '--port', '0', '--json', '--wait', '2s']);
    await using _ = await rawClient(await ready(running));
    const { code, out } = await running.done;
    expect(JSON.parse(lines(out).at(-2)!)).toMatchObject({
      status: 'failed',
      problems: [{ text: 'your program is not connected at the end (it was waited for 2 s)' }],
    });
    expect(code).toBe(1);
  });

  it('leaves out what only the engine can be asked', async () => {
    const path = one(`${STEPS}  - 1001 is idle\n`);
    const { code, out } = await run(['simulate', 'run', path, '--client', 'none', '--port', '0']);
    expect(lines(out)).toEqual(["- call  skipped: only the engine can play '1001 is idle'", '1 skipped (asterisk@22)']);
    expect(code).toBe(0);
  });

  it('ends when it is asked to, in the middle of a call', async () => {
    const path = one(`${STEPS.replace('  - carol hangs up\n', '')}  - wait 5 min\n`);
    const running = start(['simulate', 'run', path, '--client', 'none', '--port', '0', '--json']);
    await using client = await rawClient(await ready(running));
    await until(() => running.out().includes('wait 5 min'));
    running.stop();
    const { code, out } = await running.done;
    expect(JSON.parse(lines(out).at(-1)!)).toMatchObject({ type: 'summary', notRun: 1 });
    expect(code).toBe(1);
    await client.closed;
  });
});

it('a timeline keeps to its columns, whatever is in it', () => {
  const wide = '株式会社'.repeat(30);
  const timeline = [
    { t: 0, type: 'step', text: `carol calls ${'0'.repeat(100)}` },
    { t: 0, type: 'told', line: '1001', text: wide },
    { t: 99_999, type: 'failed', text: 'no '.repeat(60) },
  ] as const;
  for (const columns of [60, 80, 120]) {
    const drawn = timelineLines(timeline, columns, createTheme(false));
    expect(Math.max(...drawn.map(displayWidth))).toBeLessThanOrEqual(columns);
    expect(drawn.join('').replaceAll(/[^株式会社]/g, '')).toBe(wide);
  }
});
