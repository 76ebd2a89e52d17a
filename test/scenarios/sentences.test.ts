import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Cast } from '../../simulators/scenario/cast.ts';
import { readSentence } from '../../simulators/scenario/sentences.ts';
import { SentenceProblem } from '../../simulators/scenario/words.ts';

const manual = readFileSync(new URL('../../docs/scenarios.md', import.meta.url), 'utf8');

/** The code spans in the first column of the tables of a chapter. */
function spansOf(chapter: string): string[] {
  const text = manual.split(/^## /m).find((part) => part.startsWith(chapter)) ?? '';
  const rows = text.split('\n').filter((row) => /^\| `/.test(row));
  return rows.flatMap((row) => [...row.split(' | ')[0]!.matchAll(/`([^`]+)`/g)].map(([, span]) => span!));
}

const WORDS: Readonly<Record<string, string>> = {
  '"NAME"': '"Carol \\"C\\" Customer"',
  WHO: '1001',
  LINE: '1001',
  STATE: 'connected',
  STATUS: '486',
  NUMBER: '1002',
  KEYS: '#12',
  TIME: '1.5 s',
  NAME: 'second',
};

/** Every sentence that a row of the tables stands for, with real words. */
function sentencesOf(span: string): string[] {
  const option = / ?\[((?:[^[\]]|\[[^\]]*\])*)\]/.exec(span);
  if (option) {
    const rest = span.slice(option.index + option[0].length);
    const before = span.slice(0, option.index);
    return [...sentencesOf(`${before}${rest}`), ...sentencesOf(`${before} ${option[1]}${rest}`)];
  }
  const choice = /[a-z]+(?:\/[a-z]+)+(?=\s|$)/.exec(span.replace('bytes/s', 'bytes_s'));
  if (choice) return choice[0].split('/').flatMap((word) => sentencesOf(span.replace(choice[0], word)));
  const words = span
    .replace(/\bN\b/, '5')
    .replace(/on NAME/, 'on third')
    .replace(/"NAME"|\b(?:WHO|LINE|STATE|STATUS|NUMBER|KEYS|TIME|NAME)\b/g, (word) => WORDS[word]!);
  return [words];
}

function cast(): Cast {
  const people = new Cast(['1001', '1002'], ['carol']);
  for (const name of ['', 'second', 'third']) people.addLeg('1001', name);
  return people;
}

const steps = spansOf('Steps').filter((span) => !/^(at once|request|pbx|answer|as)\b/.test(span));
const faults = spansOf('Faults');
const sentences = [...steps, ...faults].flatMap(sentencesOf);

describe('every sentence of the manual', () => {
  it('is found in its tables', () => {
    expect(steps.length).toBeGreaterThan(30);
    expect(faults).toHaveLength(18);
    expect(sentences.length).toBeGreaterThan(110);
    expect(sentences).toContain(
      '1001 rings as second showing 1002 "Carol \\"C\\" Customer" with 486 silently within 1.5 s',
    );
  });

  it.each(sentences)('is read: %s', (sentence) => {
    const step = readSentence(sentence, cast());
    // The usual form of a sentence is read as the same step.
    expect(readSentence(step.text, cast())).toEqual(step);
    const facts = Object.values(step).filter((value) => typeof value !== 'string' || value !== step.text);
    expect(facts.length).toBeGreaterThan(1);
  });

  it('and a fault may end', () => {
    for (const sentence of faults.filter((span) => !/restarts|burst|garbage|\[for/.test(span)).flatMap(sentencesOf)) {
      expect(readSentence(`${sentence} for 2 s`, cast())).toMatchObject({ kind: 'fault', lastsMs: 2000 });
    }
  });
});

describe('what sentences mean', () => {
  const cases: readonly (readonly [string, object])[] = [
    ['1001 rings as x within 3', { verb: 'rings', leg: 'x', ms: 3 }],
    ['1001 rings within 2 min with 183 as x', { status: 183, ms: 120_000, leg: 'x' }],
    ['1001 rings showing "The \\"Big\\" Shop \\\\ Co"', { shows: { name: 'The "Big" Shop \\ Co' } }],
    ['1001 rings showing anonymous no name', { shows: { number: 'anonymous', name: null } }],
    ['1001 rings showing no number', { shows: { number: null } }],
    ['carol calls +442079460101', { kind: 'act', who: 'carol', verb: 'calls', number: '+442079460101' }],
    ['1001 picks up', { verb: 'picks-up' }],
    ['1001 picks up 1002 as x', { verb: 'picks-up', number: '1002', leg: 'x' }],
    ['1001 joins second on third', { verb: 'joins', with: 'second', leg: 'third' }],
    ['1001 presses *2 every 60 ms', { verb: 'presses', number: '*2', ms: 60 }],
    ['1001 talks for 3 s', { verb: 'talks', ms: 3000 }],
    ['wait 1.5 s', { kind: 'wait', ms: 1500 }],
    ['wait 300ms', { kind: 'wait', ms: 300 }],
    ['the client dials 00493023125042 from 1001 as x', { service: 'makeCall', number: '00493023125042', mark: 'x' }],
    ['the client completes the transfer of 1001', { service: 'transferCall', line: '1001' }],
    ['the client picks up 1002 for 1001', { service: 'directedPickupCall', number: '1002', line: '1001' }],
    ['1001 is idle within 2 s', { kind: 'check', line: '1001', state: 'idle', ms: 2000 }],
    ['the link is slow', { kind: 'fault', fault: { type: 'link-slow', bytesPerSecond: 2000 } }],
    ['the link is slow at 500 bytes/s for 1 s', { fault: { type: 'link-slow', bytesPerSecond: 500 }, lastsMs: 1000 }],
    ['writes are split', { fault: { type: 'writes-split', bytes: 7 } }],
    ['writes are joined', { fault: { type: 'writes-joined', ms: 50 } }],
    ['the switch restarts', { fault: { type: 'restart', ms: 1000 } }],
    ['snapshots are slow', { fault: { type: 'snapshot-slow', ms: 3000 } }],
    ['the clock is 5 s behind', { fault: { type: 'clock-skew', ms: -5000 } }],
    ['events come late', { fault: { type: 'events-late', ms: 40 } }],
    ['a burst of 5000 events', { fault: { type: 'burst', events: 5000 } }],
    ['requests are unanswered for 3 s', { fault: { type: 'requests-unanswered' }, lastsMs: 3000 }],
    ['requests are put off', { fault: { type: 'requests-put-off', ms: 5000 } }],
    ['requests are put off by 2 s', { fault: { type: 'requests-put-off', ms: 2000 } }],
    ['events come first', { fault: { type: 'events-first' } }],
    ['offers are cut', { fault: { type: 'offers-cut' } }],
    ['garbage arrives', { fault: { type: 'garbage' } }],
  ];

  it.each(cases)('%s', (sentence, meaning) => {
    expect(readSentence(sentence, cast())).toMatchObject(meaning);
  });
});

describe('what is wrong with a sentence is said, with the place of the word', () => {
  const cases: readonly (readonly [string, number, RegExp])[] = [
    ['1001 anwsers', 5, /^there is no word 'anwsers'; did you mean 'answers'\?$/],
    ['1001 hangs on second', 5, /'hangs' is followed by 'up'/],
    ['crol calls 1001', 0, /there is nobody called 'crol'; did you mean 'carol'\?/],
    ['1003 calls 1001', 0, /1003 is no telephone of the office; did you mean '100[12]'\?/],
    ['1002 answers', 0, /1002 has no call without a name/],
    ['1001 answers on secnd', 16, /no call named 'secnd' at this point; did you mean 'second'\?/],
    ['1001 joins foo', 11, /no call named 'foo'/],
    ['1001 joins second on second', 11, /joined with itself/],
    ['1001 calls carol', 11, /'carol' is no number that can be dialled/],
    ['1001 calls 1002 on second', 16, /gets its name with 'as'/],
    ['1001 answers as second', 13, /chosen with 'on'/],
    ['1001 rejects with 48', 18, /a SIP status, a number from 100 to 699/],
    ['1001 answers silently', 13, /no word 'silently'/],
    ['1001 rings within soon', 18, /'soon' is no time: 300 ms, 2 s/],
    ['1001 rings silently silently', 20, /no word 'silently'/],
    ['1001 rings showing "Carol', 19, /the quote of "Carol is not closed|is no number/],
    ['1001 presses', 12, /' #' is quoted as a whole/],
    ['1001 is conected', 8, /did you mean 'connected'\?/],
    ['carol is connected', 0, /carol is no telephone/],
    ['carol parks', 0, /only a telephone of the office parks/],
    ['wait 3 parsecs', 7, /should end before it/],
    ['wait 2 days', 7, /should end before it/],
    ['wait 99999 min', 5, /at most a day/],
    ['the clent connects', 4, /did you mean 'client'\?/],
    ['the client dails 1002 from 1001', 11, /did you mean 'dials'\?/],
    ['the client dials 1002 form 1001', 22, /did you mean 'from'\?/],
    ['the client holds 1009', 17, /1009 is no telephone/],
    ['the link drps', 9, /did you mean 'drops'\?/],
    ['events come', 11, /is missing at the end/],
    ['the switch restarts for 3 s', 20, /no word 'for'/],
    ['a burst of many events', 11, /'many' is not a number of events/],
    ['', 0, /is empty/],
    [`1001 calls ${'1'.repeat(600)}`, 0, /at most 500 characters/],
  ];

  it.each(cases)('%s', (sentence, index, message) => {
    let problem: unknown;
    try {
      readSentence(sentence, cast());
    } catch (error) {
      problem = error;
    }
    expect(problem).toBeInstanceOf(SentenceProblem);
    expect((problem as SentenceProblem).message).toMatch(message);
    expect((problem as SentenceProblem).index).toBe(index);
  });
});
