import { type ExecFileOptionsWithStringEncoding, execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const subPaths = Object.keys(manifest.exports).filter((path) => !path.endsWith('.json'));

const options: ExecFileOptionsWithStringEncoding = { encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 };
const run = async (file: string, args: readonly string[], cwd: string) =>
  (await promisify(execFile)(file, args, { ...options, cwd })).stdout;

/** A project that has the package as npm would install it, with what it depends on and nothing that it develops with. */
let project: string;
let packed: readonly string[];

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), 'offhook-package-'));
  // `prepack` builds.
  await run('npm', ['pack', '--silent', '--pack-destination', project], root);
  const tarball = join(project, `offhook-${manifest.version}.tgz`);
  packed = (await run('tar', ['-tzf', tarball], project)).trim().split('\n');
  const installed = join(project, 'node_modules', 'offhook');
  mkdirSync(installed, { recursive: true });
  await run('tar', ['-xzf', tarball, '--strip-components=1', '-C', installed], project);
  for (const name of Object.keys(manifest.dependencies)) link(name);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ type: 'module', private: true }));
}, 60_000);

afterAll(() => rmSync(project, { recursive: true, force: true }));

function link(name: string): void {
  const place = join(project, 'node_modules', name);
  mkdirSync(dirname(place), { recursive: true });
  symlinkSync(join(root, 'node_modules', name), place);
}

describe('the package as it is published', () => {
  it('has what it needs to run and to be read, and neither sources, tests nor recordings', () => {
    for (const file of ['README.md', 'LICENSE', 'CHANGELOG.md', 'bin/offhook.mjs', 'dist/src/index.d.ts']) {
      expect(packed).toContain(`package/${file}`);
    }
    expect(packed.filter((path) => /^package\/(src|test|bench|scripts|simulators|node_modules)\//.test(path))).toEqual(
      [],
    );
  });

  it.each(subPaths)('can be imported by its sub-path %s', async (path) => {
    const name = path.replace(/^\./, 'offhook');
    const script = `console.log(Object.keys(await import('${name}')).length)`;
    const count = await run(process.execPath, ['--input-type=module', '--eval', script], project);
    expect(Number(count)).toBeGreaterThan(0);
  });

  it('brings types that a strict project compiles against', async () => {
    for (const name of ['@types/node', 'undici-types']) link(name);
    const lines = subPaths.map((path, i) => `export * as m${i} from '${path.replace(/^\./, 'offhook')}';`);
    writeFileSync(join(project, 'consumer.ts'), `${lines.join('\n')}\n`);
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const flags = ['--noEmit', '--strict', '--types', 'node'];
    const target = ['--module', 'nodenext', '--target', 'es2024', '--lib', 'es2024,esnext.disposable'];
    await run(process.execPath, [tsc, ...flags, ...target, 'consumer.ts'], project);
  });

  it('starts from the command line', async () => {
    const bin = join(project, 'node_modules', 'offhook', 'bin', 'offhook.mjs');
    expect(await run(process.execPath, [bin, '--help'], project)).toContain('Usage: offhook');
    expect((await run(process.execPath, [bin, '--version'], project)).trim()).toBe(manifest.version);
    const told = await run(process.execPath, [bin, 'demo', '--port', '0', '--for', '1s', '--json'], project);
    expect(JSON.parse(told.split('\n')[0]!)).toMatchObject({ type: 'ready' });
  });
});
