import { readKeys } from './act-sentences.ts';
import { type Cast, meant } from './cast.ts';
import type { CheckStep, ClientStep, CommandStep } from './scenario.ts';
import { SentenceProblem, type Word, type Words } from './words.ts';

type Command = Omit<CommandStep, 'text' | 'position'>;
type Service = CommandStep['service'];

/** How a service is asked for: its words, what is before and between number and line. */
export interface ServiceForm {
  readonly words: readonly string[];
  readonly order: 'line' | 'number-line' | 'line-number';
  /** The word between number and line. */
  readonly between?: string;
  readonly keys?: true;
}

/** All sentences in which the client asks for a service. */
export const SERVICES: Readonly<Record<Service, ServiceForm>> = {
  makeCall: { words: ['dials'], order: 'number-line', between: 'from' },
  answerCall: { words: ['answers'], order: 'line' },
  clearConnection: { words: ['hangs', 'up'], order: 'line' },
  holdCall: { words: ['holds'], order: 'line' },
  retrieveCall: { words: ['retrieves'], order: 'line' },
  parkCall: { words: ['parks'], order: 'line' },
  singleStepTransferCall: { words: ['transfers'], order: 'line-number', between: 'to' },
  deflectCall: { words: ['deflects'], order: 'line-number', between: 'to' },
  consultationCall: { words: ['consults'], order: 'number-line', between: 'for' },
  transferCall: { words: ['completes', 'the', 'transfer', 'of'], order: 'line' },
  directedPickupCall: { words: ['picks', 'up'], order: 'number-line', between: 'for' },
  generateDigits: { words: ['presses'], order: 'number-line', between: 'for', keys: true },
};

/** What a line can be told to be. */
export const CHECKED: readonly CheckStep['state'][] = [
  'initiated',
  'alerting',
  'connected',
  'hold',
  'queued',
  'fail',
  'idle',
  'unknown',
];

const NAMES = Object.keys(SERVICES) as Service[];

/** `the client ...`; these two words were taken already. */
export function readClient(words: Words, cast: Cast): Command | Omit<ClientStep, 'text' | 'position'> {
  for (const does of ['connects', 'reconnects'] as const) {
    if (!words.takeIf(does)) continue;
    words.end([]);
    return { kind: 'client', does };
  }
  const service = NAMES.find((name) => words.takeIf(...SERVICES[name].words));
  if (service === undefined) throw unknownService(words);
  const command: Command = { kind: 'command', service, ...readOperands(SERVICES[service], words, cast) };
  const mark = words.takeIf('as') ? words.name('the name of the mark') : undefined;
  words.end(mark === undefined ? ['as'] : []);
  return mark === undefined ? command : { ...command, mark };
}

function readOperands(
  { order, between = '', keys }: ServiceForm,
  words: Words,
  cast: Cast,
): { line: string; number?: string } {
  const line = (): string => cast.line(words.take('a telephone of the office'));
  const number = (): string => (keys ? readKeys(words) : words.number());
  if (order === 'line') return { line: line() };
  const first = order === 'line-number' ? line() : number();
  words.expect(between);
  return order === 'line-number' ? { line: first, number: number() } : { number: first, line: line() };
}

function unknownService(words: Words): SentenceProblem {
  const { text, index } = words.take('what the client does');
  const known = ['connects', 'reconnects', ...NAMES.map((name) => SERVICES[name].words.join(' '))];
  const hint = meant(text, known) || meant(`${text} ${words.peek()?.text ?? ''}`, known);
  return new SentenceProblem(`there is no word '${text}' here${hint || `: the client ${known.join(', ')}`}`, index);
}

/** `LINE is STATE [within TIME]`; the first two words were taken already. */
export function readCheck(who: Word, words: Words, cast: Cast): Omit<CheckStep, 'text' | 'position'> {
  const line = cast.line(who);
  const state = words.oneOf(CHECKED, 'a state');
  const ms = words.takeIf('within') ? words.time() : undefined;
  words.end(ms === undefined ? ['within'] : []);
  return { kind: 'check', line, state, ...(ms === undefined ? {} : { ms }) };
}
