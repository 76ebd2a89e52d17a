import { meant } from './cast.ts';
import type { ExpectedState } from './expectation.ts';
import { parseTime, timeText } from './time-words.ts';
import { listed, SentenceProblem, type Word, Words } from './words.ts';

/** Connection states of ECMA-269 6.1.5. */
export const CONNECTION_STATES = ['null', 'initiated', 'alerting', 'connected', 'hold', 'queued', 'fail'] as const;

/** A state as it is written, before its party is looked up. */
export interface StateWords extends Omit<ExpectedState, 'remoteParty'> {
  readonly party?: Word;
  /** Where its mark is written. */
  readonly atIndex?: number;
}

const MARK = /^[A-Za-z0-9][A-Za-z0-9_-]*(:[A-Za-z0-9_-]+)?(\.[a-z]+)?(#[1-9][0-9]*)?$/;

/** `LOCAL[:REMOTE] [@MARK | @TIME] [with PARTY]`. Throws {@link SentenceProblem}. */
export function readState(text: string): StateWords {
  const words = new Words(text);
  const first = words.take('a state');
  const [local = '', remote, ...rest] = first.text.split(':');
  if (rest.length > 0) throw new SentenceProblem(`'${first.text}' is no state: LOCAL or LOCAL:REMOTE`, first.index);
  checkState(local, first.index);
  if (remote !== undefined) checkState(remote, first.index + local.length + 1);
  const atIndex = words.peek()?.index;
  const at = readAt(words);
  const party = words.takeIf('with') ? words.take('somebody') : undefined;
  words.end(party ? [] : ['with']);
  return {
    local,
    ...(remote === undefined ? {} : { remote }),
    ...(at === undefined || atIndex === undefined ? {} : { at, atIndex: atIndex + 1 }),
    ...(party === undefined ? {} : { party }),
  };
}

function checkState(state: string, index: number): void {
  if ((CONNECTION_STATES as readonly string[]).includes(state)) return;
  const hint = meant(state, CONNECTION_STATES) || `: there is ${listed(CONNECTION_STATES)}`;
  throw new SentenceProblem(`'${state}' is no state of a connection${hint}`, index);
}

function readAt(words: Words): string | number | undefined {
  const word = words.peek();
  if (!word?.text.startsWith('@') || word.quoted) return undefined;
  words.take('');
  const text = word.text.slice(1);
  const unit = words.peek()?.text;
  const isTime = /^\d+(\.\d+)?(ms|s|min)?$/.test(text);
  const ms = parseTime(isTime && /^(ms|s|min)$/.test(unit ?? '') ? `${text} ${words.take('').text}` : text);
  if (ms !== undefined) return ms;
  if (isTime || !MARK.test(text)) throw new SentenceProblem(`'${text}' is neither a mark nor a time`, word.index + 1);
  return text;
}

/** The words of a state; its party is written elsewhere if `party` is absent. */
export function stateText({ local, remote, at }: ExpectedState, party?: string): string {
  const time = at === undefined ? '' : ` @${typeof at === 'number' ? timeText(at) : at}`;
  return `${local}${remote === undefined ? '' : `:${remote}`}${time}${party === undefined ? '' : ` with ${party}`}`;
}
