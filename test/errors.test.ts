import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { EXIT_MEANINGS, exitCodeOf } from '../src/cli/exit-codes.ts';
import { ERROR_CODES, OffhookError } from '../src/domain/error.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(`${root}/${path}`, 'utf8');

const manual = read('docs/reference/errors.md');
const rows = manual.split('\n').filter((line) => line.startsWith('| `'));
const documented = new Map(
  rows.map((row) => {
    const [code = '', when = '', remedy = '', again = '', exit = ''] = row
      .split('|')
      .slice(1)
      .map((cell) => cell.trim());
    return [code.replaceAll('`', ''), { when, remedy, again, exit }];
  }),
);

/** Lists of all codes are not where codes are raised. */
const LISTS = ['src/domain/error.ts', 'src/cli/exit-codes.ts', 'src/gateway/errors.ts'];
const raising = globSync('{src,simulators}/**/*.ts', { cwd: root })
  .filter((path) => !LISTS.includes(path))
  .map(read)
  .concat(read('src/gateway/errors.ts').replace(/const STATUS[\s\S]*?^};/m, ''));

describe('the manual of errors', () => {
  it('has exactly the codes that there are, in their order', () => {
    expect([...documented.keys()]).toEqual([...ERROR_CODES]);
  });

  it.each(ERROR_CODES)('says of %s when it happens, what to do, and how the command line ends', (code) => {
    const { when, remedy, again, exit } = documented.get(code)!;
    expect(when).not.toBe('');
    expect(remedy).not.toBe('');
    expect(again).toMatch(/^(yes|no)$/);
    expect(exit).toBe(String(exitCodeOf(new OffhookError(code, ''))));
  });

  it('has every exit code', () => {
    for (const [code, meaning] of Object.entries(EXIT_MEANINGS)) expect(manual).toContain(`| ${code} | ${meaning} |`);
  });
});

describe('the code', () => {
  it.each(ERROR_CODES)('raises %s somewhere', (code) => {
    expect(raising.some((text) => text.includes(`'${code}'`))).toBe(true);
  });
});
