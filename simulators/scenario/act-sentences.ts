import { type Clause, OFFICE_VERBS, SEEN, VERBS, type VerbForm } from './act-grammar.ts';
import { type Cast, meant } from './cast.ts';
import type { ActStep, ActVerb, Shown } from './scenario.ts';
import { SentenceProblem, type Word, type Words } from './words.ts';

type Draft = { -readonly [Key in keyof ActStep]?: ActStep[Key] };

/** An act as its sentence has it. */
export type Act = Omit<ActStep, 'text' | 'position'>;

const VERB_NAMES = Object.keys(VERBS) as ActVerb[];

/** `WHO VERB ...`; `who` was taken already. */
export function readAct(who: Word, words: Words, cast: Cast): Act {
  const name = cast.who(who);
  const verb = readVerb(words);
  if (OFFICE_VERBS.includes(verb) && !cast.lines.has(name))
    throw new SentenceProblem(`only a telephone of the office ${VERBS[verb].words.join(' ')}`, who.index);
  const form = VERBS[verb];
  const at = words.peek()?.index ?? who.index;
  const draft: Draft = {};
  readArgument(form, words, draft);
  const joined = at;
  const legAt = readClauses(form, words, draft);
  if (form.leg === 'new') cast.addLeg(name, draft.leg);
  if (form.leg === 'known') cast.checkLeg(name, draft.leg, legAt ?? who.index);
  if (draft.with !== undefined) cast.checkLeg(name, draft.with, joined);
  if (draft.with !== undefined && draft.with === draft.leg)
    throw new SentenceProblem('a call cannot be joined with itself', joined);
  return { kind: 'act', who: name, verb, ...draft };
}

function readVerb(words: Words): ActVerb {
  const verb = VERB_NAMES.find((name) => words.takeIf(...VERBS[name].words));
  if (verb !== undefined) return verb;
  const word = words.take('what happens (calls, rings, answers, ...)');
  const [first, second] = [word.text, words.peek()?.text ?? ''];
  const two = VERB_NAMES.map((name) => VERBS[name].words).find(([one]) => one === first);
  if (two) throw new SentenceProblem(`'${first}' is followed by '${two[1]}'`, word.index);
  const known = VERB_NAMES.map((name) => VERBS[name].words.join(' '));
  const hint = meant(`${first} ${second}`, known) || meant(first, [...known, 'is']);
  throw new SentenceProblem(
    `there is no word '${first}'${hint || ` here: it could be ${known.join(', ')}`}`,
    word.index,
  );
}

function readArgument({ argument }: VerbForm, words: Words, draft: Draft): void {
  if (argument === undefined) return;
  if (argument === 'to-number') words.expect('to');
  if (argument === 'for-time') words.expect('for');
  if (argument === 'leg') draft.with = words.name('the name of the other call');
  else if (argument === 'seen') draft.what = words.oneOf(SEEN, 'what is seen');
  else if (argument === 'keys') draft.number = readKeys(words);
  else if (argument === 'for-time') draft.ms = words.time();
  else if (argument !== 'maybe-number' || (words.peek() && words.peek()?.text !== 'as')) draft.number = words.number();
}

/** Keys of a telephone. */
export function readKeys(words: Words): string {
  const { text, index } = words.take(`keys (a sentence with ' #' is quoted as a whole)`);
  if (!/^[0-9*#A-D]{1,100}$/.test(text))
    throw new SentenceProblem(`'${text}' are no keys: digits, *, #, A to D, without spaces`, index);
  return text;
}

/** Returns where the call is named, if it is. */
function readClauses({ clauses, leg }: VerbForm, words: Words, draft: Draft): number | undefined {
  const open = new Set(clauses);
  let legAt: number | undefined;
  for (let word = words.peek(); word && !word.quoted && open.has(word.text as Clause); word = words.peek()) {
    open.delete(words.take('').text as Clause);
    if (word.text === 'as' || word.text === 'on') legAt = words.peek()?.index;
    readClause(word.text as Clause, words, draft);
  }
  const wrong = words.peek()?.text;
  if (wrong === 'on' && leg === 'new') throw notHere(words, "this call gets its name with 'as'");
  if (wrong === 'as' && leg === 'known') throw notHere(words, "a call that has a name is chosen with 'on'");
  words.end([...open]);
  return legAt;
}

function readClause(clause: Clause, words: Words, draft: Draft): void {
  switch (clause) {
    case 'as':
    case 'on':
      draft.leg = words.name('the name of the call');
      break;
    case 'showing':
      draft.shows = readShown(words);
      break;
    case 'with':
      draft.status = words.integer('a SIP status', 100, 699);
      break;
    case 'silently':
      draft.silent = true;
      break;
    case 'inactive':
      draft.inactive = true;
      break;
    case 'within':
    case 'every':
      draft.ms = words.time();
  }
}

/** `NUMBER ["NAME"]`, `"NAME"`; `no number` and `no name` for null. */
function readShown(words: Words): Shown {
  const shown: { number?: string | null; name?: string | null } = {};
  if (words.takeIf('no', 'number')) shown.number = null;
  else if (!words.takeIf('no', 'name')) {
    const word = words.take('a number');
    if (word.quoted) return { name: word.text };
    if (!/^[\w+*#.-]{1,80}$/.test(word.text))
      throw new SentenceProblem(`'${word.text}' is no number: names are in quotes`, word.index);
    shown.number = word.text;
  } else return { name: null };
  if (words.takeIf('no', 'name')) shown.name = null;
  else if (words.peek()?.quoted) shown.name = words.take('').text;
  return shown;
}

function notHere(words: Words, message: string): SentenceProblem {
  return new SentenceProblem(message, words.take('').index);
}
