import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  ambientUses,
  badShape,
  EXCUSED,
  forbiddenImports,
  importsOf,
  roomCycles,
  type SourceFile,
} from './architecture/rules.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

function read(pattern: string): SourceFile[] {
  const paths = globSync(pattern, { cwd: root }).map((path) => path.replaceAll('\\', '/'));
  return paths.sort().map((path) => ({ path, text: readFileSync(`${root}/${path}`, 'utf8') }));
}

const product = read('{src,simulators}/**/*.ts');
const all = [...product, ...read('{bench,examples,scripts}/**/*.ts')];

describe('the house', () => {
  it('is found', () => {
    expect(product.length).toBeGreaterThan(150);
    expect(product.flatMap(({ text }) => importsOf(text)).length).toBeGreaterThan(500);
  });

  it('imports only what the table of rooms allows', () => {
    expect(all.flatMap(forbiddenImports)).toEqual([]);
  });

  it('has no circle of rooms', () => {
    expect(roomCycles(product)).toEqual([]);
  });

  it('has kebab-case names, machines in their room and no default exports', () => {
    expect(all.flatMap(badShape)).toEqual([]);
  });

  it('takes time, timers and chance from its callers', () => {
    expect(product.flatMap(ambientUses)).toEqual([]);
  });

  it('excuses no file that needs no excuse', () => {
    const unexcused = (path: string) =>
      ambientUses({ path: `x/${path}`, text: readFileSync(`${root}/${path}`, 'utf8') });
    for (const path of EXCUSED) expect(unexcused(path), path).not.toEqual([]);
  });
});

describe('the rules find', () => {
  const file = (path: string, text: string): SourceFile => ({ path, text });

  it.each([
    ['an npm package in the vocabulary', 'src/domain/a.ts', "import { z } from 'zod';"],
    ['XState outside its room', 'src/engine/a.ts', "import type { Actor } from 'xstate';"],
    ['a concrete adapter in the engine', 'src/engine/a.ts', "import { b } from '../adapters/asterisk-ami/index.ts';"],
    ['an adapter in another one', 'src/adapters/sip/a.ts', "import { b } from '../asterisk-ami/index.ts';"],
    ['an adapter in a simulator', 'simulators/a.ts', "import { b } from '../src/adapters/asterisk-ami/parse.ts';"],
    ['the server in the protocol', 'src/gateway/wire/a.ts', "export { b } from '../server.ts';"],
    ['an import without names', 'src/machines/a.ts', "import 'node:fs';"],
    ['an import on demand', 'src/streams/a.ts', "const b = await import('node:net');"],
    ['an import over several lines', 'src/streams/a.ts', "import {\n  b,\n  c,\n} from 'pino';"],
    ['a package whose name begins like an allowed one', 'src/machines/a.ts', "import x from 'xstate-evil';"],
    ['a room that nobody described', 'src/new/a.ts', ''],
  ])('%s', (_, path, text) => {
    expect(forbiddenImports(file(path, text))).toHaveLength(1);
  });

  it('nothing in a comment', () => {
    expect(forbiddenImports(file('src/domain/a.ts', "// import { z } from 'zod';\n/* import 'ws'; */"))).toEqual([]);
    expect(ambientUses(file('src/a.ts', '/** Default `Math.random`. */'))).toEqual([]);
  });

  it('a circle of rooms', () => {
    const circle = [
      file('src/engine/a.ts', "import { b } from '../machines/b.ts';"),
      file('src/machines/b.ts', "import { c } from '../streams/c.ts';"),
      file('src/streams/c.ts', "import { a } from '../engine/a.ts';"),
    ];
    expect(roomCycles(circle)).toContain('src/engine > src/machines > src/streams > src/engine');
  });

  it.each([
    ['src/engine/createEngine.ts', ''],
    ['src/engine/line.machine.ts', ''],
    ['src/engine/a.ts', 'export default 1;'],
    ['src/engine/a.ts', 'export { a as default };'],
  ])('the bad shape of %s', (path, text) => {
    expect(badShape(file(path, text))).toHaveLength(1);
  });

  it.each(['Date.now()', 'setTimeout(f, 1)', 'new Date()', 'Math.random()', 'setInterval(f, 1)'])('%s', (use) => {
    expect(ambientUses(file('src/engine/a.ts', `const a = ${use};`))).toHaveLength(1);
  });
});
