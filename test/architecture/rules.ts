import { basename } from 'node:path';

/** A source file: its path from the root of the repository, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** What the files of a room may import: prefixes of paths from the root, npm packages, `node:` for Node's own modules. */
interface Room {
  readonly files: string;
  readonly may: readonly string[];
}

const DOMAIN = 'src/domain/';
const STREAMS = 'src/streams/';
const PORT = 'src/adapters/port.ts';
const SHARED = 'src/adapters/shared/';
const FASTIFY = ['fastify', 'fastify-type-provider-zod', '@fastify/'];

/** Who may import whom. A room may always import its own files. The first room that fits a path is its room. */
const ROOMS: readonly Room[] = [
  { files: DOMAIN, may: [] },
  { files: 'src/machines/', may: [DOMAIN, 'xstate'] },
  { files: STREAMS, may: [DOMAIN, 'rxjs'] },
  { files: PORT, may: [DOMAIN, 'rxjs'] },
  { files: SHARED, may: [DOMAIN, STREAMS, PORT, 'rxjs', 'node:'] },
  { files: 'src/adapters/asterisk-ami/', may: [DOMAIN, STREAMS, PORT, SHARED, 'rxjs', 'node:'] },
  { files: 'src/adapters/freeswitch-esl/', may: [DOMAIN, STREAMS, PORT, SHARED, 'rxjs', 'node:'] },
  { files: 'src/adapters/sip/', may: [DOMAIN, STREAMS, PORT, SHARED, 'rxjs', 'saxes', 'zod', 'drachtio-srf', 'node:'] },
  { files: 'src/recognition/', may: [DOMAIN, STREAMS, 'lru-cache', 'libphonenumber-js', 'node:'] },
  {
    files: 'src/directory/',
    may: [DOMAIN, STREAMS, 'src/recognition/', 'src/sources/', 'lru-cache', 'pg', 'zod', ...FASTIFY, 'node:'],
  },
  { files: 'src/engine/', may: [DOMAIN, STREAMS, 'src/machines/', 'src/recognition/', PORT, 'rxjs'] },
  { files: 'src/gateway/protocol.ts', may: [DOMAIN, 'src/gateway/wire/', 'zod'] },
  { files: 'src/gateway/wire/', may: [DOMAIN, 'zod'] },
  { files: 'src/gateway/', may: [DOMAIN, 'src/engine/', 'ws', 'zod', 'prom-client', 'node:'] },
  { files: 'src/sources/', may: [DOMAIN, 'src/recognition/', 'csv-parse', 'node:'] },
  { files: 'simulators/scenario/', may: [DOMAIN, 'node:', 'yaml', 'zod'] },
  // What judges the adapters shares no code with them.
  { files: 'simulators/', may: [DOMAIN, 'node:'] },
  // Composition roots.
  { files: 'src/cli/', may: ['*'] },
  { files: 'src/testing/', may: ['*'] },
  { files: 'src/index.ts', may: ['*'] },
  { files: 'examples/', may: ['*'] },
  { files: 'bench/', may: ['*'] },
  { files: 'scripts/', may: ['*'] },
];

/** Where time, timers and chance may come from: everything else gets them from its caller. */
const MAY_USE_THE_MACHINE: Readonly<Record<string, string>> = {
  'src/domain/clock.ts': 'the clock of the machine itself',
  'src/streams/back-off.ts': 'the default of the `random` option',
  'src/adapters/asterisk-ami/options.ts': 'the default of the `random` option',
  'src/adapters/freeswitch-esl/options.ts': 'the default of the `random` option',
  'src/adapters/sip/options.ts': 'the default of the `random` option',
  'src/recognition/hosted.ts': 'the default of the `random` option',
  'src/recognition/index-writer.ts': 'the age of a set that another process may be filling: both see the same clock',
  'src/cli/main.ts': 'an interval that keeps the process alive, because timers of the clock do not',
};

const IMPORT = /^\s*(?:import|export)\b[^'";]*?\bfrom\s+'([^']+)'|^\s*import\s+'([^']+)'|\bimport\('([^']+)'\)/gm;
const AMBIENT = /\b(?:Date\.now|Math\.random|performance\.now|setTimeout|setInterval)\b|\bnew Date\(\)/g;

/** Rooms whose counterpart lives in real time. */
const IN_REAL_TIME: readonly string[] = ['simulators/real-asterisk/'];

/** Everything that a text imports, as it is written. */
export function importsOf(text: string): string[] {
  return [...withoutComments(text).matchAll(IMPORT)].map(([, from, bare, dynamic]) => (from ?? bare ?? dynamic)!);
}

/** What an import is of: a path from the root, `node:` with its name, or a package. */
export function targetOf(path: string, specifier: string): string {
  return specifier.startsWith('.') ? new URL(specifier, `file:///${path}`).pathname.slice(1) : specifier;
}

/** Imports across rooms that the table does not allow. */
export function forbiddenImports({ path, text }: SourceFile): string[] {
  const room = roomOf(path);
  if (room === undefined) return [`${path}: in no room of the table`];
  return importsOf(text)
    .map((specifier) => targetOf(path, specifier))
    .filter((target) => !allowed(room, target))
    .map((target) => `${path}: may not import ${target}`);
}

function roomOf(path: string): Room | undefined {
  return ROOMS.find(({ files }) => path.startsWith(files));
}

function allowed({ files, may }: Room, target: string): boolean {
  if (may.includes('*') || target.startsWith(files)) return true;
  return may.some((prefix) => target === prefix || target.startsWith(/[/:]$/.test(prefix) ? prefix : `${prefix}/`));
}

/** Names and shapes that every file keeps to. */
export function badShape({ path, text }: SourceFile): string[] {
  const name = basename(path);
  const faults: string[] = [];
  if (!/^[a-z0-9]+(-[a-z0-9]+)*(\.machine)?\.ts$/.test(name)) faults.push(`${path}: the name is not in kebab-case`);
  if (name.endsWith('.machine.ts') && !path.startsWith('src/machines/'))
    faults.push(`${path}: machines have their room`);
  if (/^export default\b|\bas default\b/m.test(withoutComments(text))) faults.push(`${path}: has a default export`);
  return faults;
}

/** Uses of the machine's time, timers and chance outside the places that hand them out. */
export function ambientUses({ path, text }: SourceFile): string[] {
  if (path in MAY_USE_THE_MACHINE || IN_REAL_TIME.some((room) => path.startsWith(room))) return [];
  return [...withoutComments(text).matchAll(AMBIENT)].map(([use]) => `${path}: ${use} instead of an injected clock`);
}

/** The files that are excused from {@link ambientUses}. */
export const EXCUSED: readonly string[] = Object.keys(MAY_USE_THE_MACHINE);

/** Circles of rooms: `a > b > a`. Rooms are folders of `src`, adapters each their own; `port.ts` is one of its own. */
export function roomCycles(files: readonly SourceFile[]): string[] {
  const edges = new Map<string, Set<string>>();
  for (const { path, text } of files) {
    const from = folderOf(path);
    for (const specifier of importsOf(text)) {
      const target = targetOf(path, specifier);
      if (!target.endsWith('.ts') || folderOf(target) === from) continue;
      edges.set(from, (edges.get(from) ?? new Set()).add(folderOf(target)));
    }
  }
  return [...edges.keys()].flatMap((start) => wayBack(start, edges) ?? []);
}

function folderOf(path: string): string {
  if (path === PORT || path === 'src/index.ts') return path;
  const [top = '', room = '', adapter = ''] = path.split('/');
  if (top !== 'src') return top;
  return room === 'adapters' ? `src/adapters/${adapter}` : `src/${room}`;
}

function wayBack(start: string, edges: ReadonlyMap<string, ReadonlySet<string>>): string | undefined {
  const seen = new Set<string>();
  const walk = (room: string, way: readonly string[]): string | undefined => {
    for (const next of edges.get(room) ?? []) {
      if (next === start) return [...way, next].join(' > ');
      if (seen.has(next)) continue;
      seen.add(next);
      const found = walk(next, [...way, next]);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return walk(start, [start]);
}

/** Comments may say what code may not do. Strings stay: an import is one. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[\s;{(])\/\/.*$/gm, '$1');
}
