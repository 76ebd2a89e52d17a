// How fast numbers are read and contacts are found. `node bench/recognition.ts [--json]`; about a minute. Node 24.
// Times are CPU time of the main thread, so that what else the machine does is not measured.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { systemClock } from '../src/domain/clock.ts';
import type { Party } from '../src/domain/device.ts';
import {
  createRecogniser,
  type IndexedContact,
  LocalIndex,
  type NumberingPlan,
  normalise,
} from '../src/recognition/index.ts';
import { importContacts } from '../src/sources/import.ts';
import { type BenchResult, report, result } from './result.ts';

const plan: NumberingPlan = { country: 'GB' };
const CONTACTS = 1_000_000;
const LOOKUPS = 300_000;
const CACHED = 3_000_000;
const ROWS = 100_000;

/** Runs all benchmarks of recognition: the memory in front, the index at a million contacts, and an import. */
export async function runRecognitionBench(): Promise<BenchResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'offhook-bench-'));
  try {
    return [...(await benchIndex(folder)), ...(await benchImport(folder)), benchNormalise()];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function benchIndex(folder: string): Promise<BenchResult[]> {
  using index = new LocalIndex({ path: join(folder, 'million.db') });
  const fillMs = timed(() => fill(index));
  const order = Array.from({ length: LOOKUPS }, (_, i) => numberOf((i * 7_919) % CONTACTS));
  const strangers = Array.from({ length: LOOKUPS }, (_, i) => `+4930${10_000_000 + i}`);
  const hitMs = best(3, () => lookAll(index, order, LOOKUPS));
  const missMs = best(3, () => lookAll(index, strangers, 0));
  return [
    result('look-up of a cached number, peek', await benchPeek(index), '/s', { atLeast: 1_000_000 }),
    result('look-up of a cached number, promised', await benchPromised(index), '/s', { atLeast: 1_000_000 }),
    result('SQLite look-up among 1 M contacts, found', perSecond(LOOKUPS, hitMs), '/s', { atLeast: 80_000 }),
    result('SQLite look-up among 1 M contacts, not found', perSecond(LOOKUPS, missMs), '/s'),
    result('contacts put into the index', perSecond(CONTACTS, fillMs), '/s'),
  ];
}

function fill(index: LocalIndex): void {
  const replacement = index.beginReplace('bench', 0);
  for (let from = 0; from < CONTACTS; from += 1_000) {
    replacement.add(Array.from({ length: 1_000 }, (_, i) => contact(from + i)));
  }
  replacement.commit();
}

function contact(i: number): IndexedContact {
  const e164 = numberOf(i);
  return {
    id: `c-${i}`,
    source: 'bench',
    name: `Contact ${i}`,
    organisation: `Company ${i >> 3}`,
    url: `https://crm.example/contacts/${i}`,
    numbers: [{ raw: e164, e164, type: 'work' }],
  };
}

/** A London number, different for each contact, not in order. */
function numberOf(i: number): string {
  return `+4420${70_000_000 + ((i * 7) % 9_999_991)}`;
}

function lookAll(index: LocalIndex, numbers: readonly string[], expected: number): void {
  let found = 0;
  for (const e164 of numbers) found += index.lookup({ kind: 'e164', raw: e164, e164, valid: true }).length;
  if (found !== expected) throw new Error(`${found} found, not ${expected}`);
}

function parties(): Party[] {
  return Array.from({ length: 1_000 }, (_, i) => ({
    device: null,
    category: 'trunk' as const,
    number: numberOf(i),
    name: null,
    presentation: 'allowed' as const,
  }));
}

async function benchPeek(index: LocalIndex): Promise<number> {
  const recogniser = createRecogniser({ plan, index, clock: systemClock });
  const callers = parties();
  for (const caller of callers) await recogniser.recognise(caller);
  const ms = best(3, () => {
    for (let i = 0; i < CACHED; i++) {
      if (recogniser.peek(callers[i % 1_000]!)?.status !== 'known') throw new Error('not cached');
    }
  });
  return perSecond(CACHED, ms);
}

async function benchPromised(index: LocalIndex): Promise<number> {
  const recogniser = createRecogniser({ plan, index, clock: systemClock });
  const callers = parties();
  for (const caller of callers) await recogniser.recognise(caller);
  let fastest = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 3; run++) {
    const start = cpuMs();
    for (let i = 0; i < CACHED; i++) await recogniser.recognise(callers[i % 1_000]!);
    fastest = Math.min(fastest, cpuMs() - start);
  }
  return perSecond(CACHED, fastest);
}

/** Against the bare cost of libphonenumber-js for the same numbers: parse and `isValid`, in the same run. */
async function benchImport(folder: string): Promise<BenchResult[]> {
  const numbers = Array.from(
    { length: ROWS },
    (_, i) => `020 7${String(1_000_000 + ((i * 7) % 999_983)).slice(1, 4)} ${String(10_000 + (i % 10_000)).slice(1)}`,
  );
  const file = join(folder, 'contacts.csv');
  const lines = numbers.map(
    (number, i) => `c-${i},Contact ${i},Company ${i >> 3},${number},https://crm.example/contacts/${i}`,
  );
  await writeFile(file, ['id,name,company,phone,url', ...lines].join('\n'));
  using index = new LocalIndex({ path: join(folder, 'import.db') });
  // Both warm: what is compared is the work, not the compiler.
  for (const number of numbers.slice(0, 5_000)) bare(number);
  const bareMs = timed(() => numbers.forEach(bare));
  const start = cpuMs();
  const { imported } = await importContacts(file, { index, plan, source: 'bench', clock: systemClock });
  const ms = cpuMs() - start;
  if (imported !== ROWS) throw new Error(`${imported} imported, not ${ROWS}`);
  return [
    result('import of 100,000 contacts from CSV', perSecond(ROWS, ms), '/s'),
    result('libphonenumber-js alone, the same numbers', perSecond(ROWS, bareMs), '/s'),
    result('import against libphonenumber-js alone', ms / bareMs, 'x', { atMost: 2.5 }),
  ];
}

function bare(number: string): void {
  if (!parsePhoneNumberFromString(number, { defaultCountry: 'GB', extract: false })?.isValid()) {
    throw new Error(`${number} is not valid`);
  }
}

function benchNormalise(): BenchResult {
  const numbers = Array.from({ length: 50_000 }, (_, i) => numberOf(i));
  const ms = best(3, () => {
    for (const number of numbers) normalise(number, plan);
  });
  return result('normalisation of E.164 numbers', perSecond(numbers.length, ms), '/s');
}

function timed(run: () => void): number {
  const start = cpuMs();
  run();
  return cpuMs() - start;
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

/** The fastest of some runs, in milliseconds: the machine is shared. */
function best(runs: number, run: () => void): number {
  return Math.min(...Array.from({ length: runs }, () => timed(run)));
}

function perSecond(count: number, ms: number): number {
  return (count / ms) * 1_000;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) report(await runRecognitionBench());
