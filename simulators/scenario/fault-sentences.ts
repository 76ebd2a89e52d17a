import { meant } from './cast.ts';
import type { Fault, FaultStep } from './fault.ts';
import { SentenceProblem, type Words } from './words.ts';

/** A fault and how long it lasts, as its sentence has it. */
export type FaultWords = Omit<FaultStep, 'text' | 'position' | 'kind'>;

interface FaultForm {
  readonly words: readonly string[];
  readonly read: (words: Words) => Fault;
  /** It is over by itself. */
  readonly momentary?: true;
}

const SLOW_BYTES_PER_SECOND = 2000;
const SPLIT_BYTES = 7;
const JOINED_MS = 50;
const RESTART_MS = 1000;
const SNAPSHOT_MS = 3000;
const LATE_MS = 40;
const PUT_OFF_MS = 5000;

const FORMS: readonly FaultForm[] = [
  { words: ['the', 'link', 'drops'], read: () => ({ type: 'link-down' }) },
  { words: ['the', 'link', 'goes', 'silent'], read: () => ({ type: 'link-silent' }) },
  {
    words: ['the', 'link', 'is', 'slow'],
    read: (words) => ({ type: 'link-slow', bytesPerSecond: readRate(words) }),
  },
  { words: ['writes', 'are', 'split'], read: (words) => ({ type: 'writes-split', bytes: readPieces(words) }) },
  {
    words: ['writes', 'are', 'joined'],
    read: (words) => ({ type: 'writes-joined', ms: timeIf(words, 'over', JOINED_MS) }),
  },
  {
    words: ['the', 'switch', 'restarts'],
    read: (words) => ({ type: 'restart', ms: timeIf(words, 'after', RESTART_MS) }),
    momentary: true,
  },
  { words: ['logins', 'are', 'refused'], read: () => ({ type: 'logins-refused' }) },
  {
    words: ['snapshots', 'are', 'slow'],
    read: (words) => ({ type: 'snapshot-slow', ms: timeIf(words, 'by', SNAPSHOT_MS) }),
  },
  { words: ['snapshots', 'are', 'stale'], read: () => ({ type: 'snapshot-stale' }) },
  { words: ['the', 'clock', 'is'], read: readSkew },
  { words: ['events', 'come', 'twice'], read: () => ({ type: 'events-twice' }) },
  { words: ['events', 'come', 'late'], read: (words) => ({ type: 'events-late', ms: timeIf(words, 'by', LATE_MS) }) },
  { words: ['a', 'burst', 'of'], read: readBurst, momentary: true },
  { words: ['requests', 'are', 'unanswered'], read: () => ({ type: 'requests-unanswered' }) },
  {
    words: ['requests', 'are', 'put', 'off'],
    read: (words) => ({ type: 'requests-put-off', ms: timeIf(words, 'by', PUT_OFF_MS) }),
  },
  { words: ['events', 'come', 'first'], read: () => ({ type: 'events-first' }) },
  { words: ['offers', 'are', 'cut'], read: () => ({ type: 'offers-cut' }) },
  { words: ['garbage', 'arrives'], read: () => ({ type: 'garbage' }), momentary: true },
];

/** A sentence about what goes wrong. */
export function readFault(words: Words): FaultWords {
  const form = FORMS.find((one) => words.takeIf(...one.words));
  if (!form) throw unknownFault(words);
  const fault = form.read(words);
  const lastsMs = !form.momentary && words.takeIf('for') ? words.time() : undefined;
  words.end(form.momentary || lastsMs !== undefined ? [] : ['for', 'at', 'by', 'into', 'over']);
  return lastsMs === undefined ? { fault } : { fault, lastsMs };
}

function readRate(words: Words): number {
  if (!words.takeIf('at')) return SLOW_BYTES_PER_SECOND;
  const rate = words.integer('a rate', 1, 1_000_000_000);
  words.expect('bytes/s');
  return rate;
}

function readPieces(words: Words): number {
  if (!words.takeIf('into')) return SPLIT_BYTES;
  const bytes = words.integer('a length', 1, 1_000_000);
  if (!words.takeIf('byte')) words.expect('bytes');
  return bytes;
}

function readSkew(words: Words): Fault {
  const ms = words.time();
  return { type: 'clock-skew', ms: words.oneOf(['ahead', 'behind'], "'ahead' or 'behind'") === 'ahead' ? ms : 0 - ms };
}

function readBurst(words: Words): Fault {
  const events = words.integer('a number of events', 1, 1_000_000);
  if (!words.takeIf('event')) words.expect('events');
  return { type: 'burst', events };
}

function timeIf(words: Words, word: string, otherwise: number): number {
  return words.takeIf(word) ? words.time() : otherwise;
}

/** Says how far the sentence is like one that there is. */
function unknownFault(words: Words): SentenceProblem {
  let forms = FORMS.map((form) => form.words);
  for (let at = 0; ; at++) {
    const word = words.take(`'${forms[0]?.[at] ?? ''}'`);
    const next = forms.filter((form) => form[at] === word.text);
    if (next.length > 0) {
      forms = next;
      continue;
    }
    const known = [...new Set(forms.map((form) => form[at]!))];
    return new SentenceProblem(
      `there is no word '${word.text}' here${meant(word.text, known) || `: it could be ${known.join(', ')}`}`,
      word.index,
    );
  }
}
