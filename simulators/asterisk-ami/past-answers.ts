import type { Clock } from '../../src/domain/clock.ts';
import { Hindsight } from '../link/hindsight.ts';
import type { Action, ActionContext, AmiHost, ListItem } from './action.ts';
import { ACTIONS } from './actions.ts';
import { clockTime } from './channel-lists.ts';
import { AmiRequest, type Header } from './message.ts';
import { isQuestion } from './questions.ts';

/** The ways in which an action can answer. */
type Answers = Pick<ActionContext, 'fail' | 'list'>;
/** An answer that was given, to be given again when what it tells is older by so many milliseconds. */
type Given = (answers: Answers, olderMs: number) => void;

/** The answers to questions about all that is up, as they were a moment before. */
export class PastAnswers {
  readonly #hindsight: Hindsight<ReadonlyMap<string, Given>>;

  constructor(clock: Clock, host: AmiHost) {
    this.#hindsight = new Hindsight(clock, () => ask(host));
  }

  start(): void {
    this.#hindsight.start();
  }

  /** Something changed in the switch. */
  changed(): void {
    this.#hindsight.changed();
  }

  stop(): void {
    this.#hindsight.stop();
  }

  /** Answers a question about everything; tells whether it did: those about one thing, and other actions, are not for it. */
  answer(request: AmiRequest, answers: Answers): boolean {
    if (request.headers.some(([name]) => !/^action(id)?$/i.test(name))) return false;
    const { past } = this.#hindsight;
    const given = past?.value.get(request.get('Action').toLowerCase());
    given?.(answers, past?.sinceMs ?? 0);
    return given !== undefined;
  }
}

function ask(host: AmiHost): ReadonlyMap<string, Given> {
  const answers = new Map<string, Given>();
  for (const [key, action] of ACTIONS) {
    const given = isQuestion(action) ? answerOf(action, host) : undefined;
    if (given) answers.set(key, given);
  }
  return answers;
}

/** An item with how long things have lasted by then. */
function aged(item: ListItem, olderMs: number): ListItem {
  const more = Math.floor(olderMs / 1000);
  const headers = item.headers.map<Header>(([name, value]) => {
    if (name === 'Seconds') return [name, Number(value) + more];
    if (name !== 'Duration') return [name, value];
    const [hours = 0, minutes = 0, seconds = 0] = String(value).split(':').map(Number);
    return [name, clockTime(((hours * 60 + minutes) * 60 + seconds + more) * 1000)];
  });
  return { ...item, headers };
}

/** What an action answers now; none where it wants to know more. */
function answerOf(action: Action, host: AmiHost): Given | undefined {
  let given: Given | undefined;
  action.run({
    ...host,
    broadcast: () => {},
    request: new AmiRequest([['Action', action.name]]),
    succeed: () => {},
    respond: () => {},
    fail: (message) => {
      given = (answers) => answers.fail(message);
    },
    list: (message, items, ...rest) => {
      given = (answers, olderMs) =>
        answers.list(
          message,
          items.map((item) => aged(item, olderMs)),
          ...rest,
        );
    },
  });
  return given;
}
