import { conference } from './conference.ts';
import type { Exchange } from './exchange.ts';
import type { Leg } from './leg.ts';
import { retrieve } from './parking.ts';
import { pickUp } from './pickup.ts';
import type { PlanSteps } from './plan-steps.ts';
import { queue, queuesOf } from './queue.ts';
import type { Routine } from './routine.ts';

/** What the exchange itself offers behind its numbers: queues, rooms, menus, announcements, feature codes. */
export class Services {
  readonly #x: Exchange;
  readonly #steps: PlanSteps;
  #messages = 0;

  constructor(exchange: Exchange, steps: PlanSteps) {
    this.#x = exchange;
    this.#steps = steps;
  }

  /** A queue: the exchange takes the call and lets it wait. */
  *queue(leg: Leg, name: string): Routine {
    this.#steps.step(leg, 'queue', name, 1, { kind: 'answer' });
    yield* this.#steps.answer(leg);
    const wait = this.#x.office.queues.find((entry) => entry.name === name)?.maxWaitSeconds ?? 60;
    this.#steps.step(leg, 'queue', name, 2, { kind: 'queue', queue: name, seconds: wait });
    const outcome = yield* queue(this.#x, leg, name, wait);
    if (outcome === 'served') return;
    this.#steps.step(leg, 'queue', name, 3, { kind: 'queueLeft', outcome });
    this.#steps.step(leg, 'queue', name, 4, { kind: 'clear' });
  }

  /** A conference room. */
  *conference(leg: Leg, did: string, room: string): Routine {
    this.#steps.step(leg, 'did', did, 1, { kind: 'answer' });
    yield* this.#steps.answer(leg);
    this.#steps.step(leg, 'did', did, 2, { kind: 'conference', room });
    yield* conference(this.#x, leg, room);
  }

  /** What answers at a number that is no telephone, group, queue or room. */
  *service(leg: Leg, exten: string): Routine {
    const cause = Number(exten) - 800;
    if (exten === '400') yield* this.#menu(leg);
    else if (exten === '710' || exten === '711') yield* this.wait(leg, 'did', exten);
    else if (exten === '500' || exten === '701') yield* this.#recorded(leg, exten);
    else if (exten === '700') {
      this.#steps.step(leg, 'did', exten, 1, { kind: 'progress' });
      yield* this.#x.pause(2000);
      yield* this.#x.router(leg, 'direct', [...this.#x.office.extensions.keys()][0] ?? '');
    } else if (exten === '800') yield* this.#steps.busy(leg, 'did', exten, 1);
    else if (exten === '801') yield* this.#steps.congestion(leg, 'did', exten, 1);
    else if (exten === '802') yield* this.#x.pause(30_000);
    else if (cause === 3 || (cause >= 10 && cause < 200)) {
      this.#steps.step(leg, 'did', exten, 1, { kind: 'clear', cause: cause === 3 ? 1 : cause });
      yield* this.#steps.end(leg, cause === 3 ? 1 : cause, undefined);
    } else yield* this.#steps.end(leg, 1, 404);
  }

  /** A mailbox that takes messages until the caller hangs up; an announcement that hangs up itself. */
  *#recorded(leg: Leg, exten: string): Routine {
    this.#steps.step(leg, 'did', exten, 1, { kind: 'answer' });
    yield* this.#steps.answer(leg);
    if (exten === '500') {
      this.#steps.step(leg, 'did', exten, 3, { kind: 'mailbox', number: '1001' });
      yield* this.#untilDigit(leg, 120_000);
      this.#messages++;
      this.#x.emit({ type: 'messageLeft', leg, mailbox: '1001', unheard: this.#messages });
      this.#steps.step(leg, 'did', exten, 4, { kind: 'clear' });
    } else {
      this.#steps.step(leg, 'did', exten, 2, { kind: 'announcement', audio: 'tt-weasels' });
      yield* this.#x.pause(4000);
      this.#steps.step(leg, 'did', exten, 3, { kind: 'clear' });
    }
  }

  *#untilDigit(leg: Leg, ms: number): Routine {
    yield (resume: (value: undefined) => void) => {
      leg.onDigit = () => resume(undefined);
      return this.#x.after(ms, () => resume(undefined));
    };
    leg.onDigit = undefined;
  }

  /** A voice menu: 1 is the first telephone, 2 the first queue, or an extension. */
  *#menu(leg: Leg): Routine {
    this.#steps.step(leg, 'ivr', 's', 1, { kind: 'answer' });
    yield* this.#steps.answer(leg);
    this.#steps.step(leg, 'ivr', 's', 4, { kind: 'prompt', audio: 'vm-options' });
    const digits = yield* this.#collect(leg);
    const first = [...this.#x.office.extensions.keys()][0] ?? '';
    const goal = digits === '2' ? { context: 'queue', exten: 'support' } : { context: 'direct', exten: first };
    this.#steps.step(leg, 'ivr', digits, 1, { kind: 'goto', ...goal });
    if (digits === '1') yield* this.#x.router(leg, 'direct', first);
    else if (digits === '2' && this.#x.office.queues[0]) yield* this.queue(leg, this.#x.office.queues[0].name);
    else if (this.#x.office.extensions.has(digits)) yield* this.#x.router(leg, 'direct', digits);
  }

  *#collect(leg: Leg): Routine<string> {
    let digits = '';
    const x = this.#x;
    yield (resume: (value: undefined) => void) => {
      let stop = x.after(30_000, () => resume(undefined));
      leg.onDigit = (digit) => {
        digits += digit;
        stop();
        stop = x.after(digits.length < 4 ? 2000 : 0, () => resume(undefined));
      };
      return () => stop();
    };
    leg.onDigit = undefined;
    return digits;
  }

  /** A parking place. */
  *parked(leg: Leg, exten: string): Routine {
    this.#steps.step(leg, 'internal', exten, 1, { kind: 'retrieve', space: exten });
    yield* retrieve(this.#x, leg, exten);
  }

  /** Takes the call that rings at a telephone. */
  *directedPickup(leg: Leg, exten: string): Routine {
    const number = exten.slice(2);
    this.#steps.step(leg, 'internal', exten, 1, { kind: 'pickup', number });
    const taken = yield* pickUp(this.#x, leg, number);
    if (!taken) this.#steps.step(leg, 'internal', exten, 2, { kind: 'clear' });
  }

  /** Call forwarding, and logging in to and out of the queue `sales`. */
  *featureCode(leg: Leg, exten: string): Routine {
    const { forwarding } = this.#x.phoneBook;
    const own = leg.caller.number ?? '';
    const kinds = {
      '72': forwarding.all,
      '73': forwarding.all,
      '90': forwarding.busy,
      '91': forwarding.busy,
      '92': forwarding.noanswer,
      '93': forwarding.noanswer,
    };
    const code = exten.slice(1, 3) as keyof typeof kinds;
    this.#steps.step(leg, 'internal', exten, 1, { kind: 'answer' });
    yield* this.#steps.answer(leg);
    if (exten.startsWith('*4')) this.#agentCode(leg, exten, own);
    else if (exten.length > 3) kinds[code]?.set(own, exten.slice(3));
    else kinds[code]?.delete(own);
    this.#steps.step(leg, 'internal', exten, 3, { kind: 'clear' });
  }

  /** An agent logs in (`*45`) and out (`*46`), pauses (`*47`) and goes on (`*48`). */
  #agentCode(leg: Leg, code: string, number: string): void {
    const board = queuesOf(this.#x);
    const sales = board.get('sales');
    if (code === '*47' || code === '*48') board.pause(number, code === '*47', code === '*47' ? 'Lunch' : '');
    else if (sales && code === '*45') board.add(sales, number, { name: leg.caller.name ?? number });
    else if (sales && code === '*46') board.remove(sales, number);
  }

  /** Values with line feeds, as callers may send them and forms store them: a client must not believe what they forge. */
  *lineFeeds(leg: Leg, context: string, exten: string): Routine {
    const note = 'first\nsecond\r\n\r\nEvent: Hangup\r\nChannel: forged\r\n\r\n';
    this.#steps.step(leg, context, exten, 1, { kind: 'answer' });
    yield* this.#steps.answer(leg);
    this.#assign(leg, context, exten, 2, 'CALLTAG', 'one\ntwo\r\nthree');
    this.#assign(leg, context, exten, 3, 'NOTE', note);
    const more = 'tab\tbackslashquoteend';
    const text = `Text: ${note},More: ${more}`;
    this.#steps.step(leg, context, exten, 4, { kind: 'privateEvent', name: 'CrmNote', text });
    const fields = [
      ['Text', note],
      ['More', more],
    ] as const;
    this.#x.emit({ type: 'privateEvent', leg, name: 'CrmNote', fields });
    this.#steps.step(leg, context, exten, 5, { kind: 'setCaller', name: 'Line\nFeed' });
    this.#x.setCaller(leg, { ...leg.caller, name: 'Line\nFeed' });
    this.#steps.step(leg, context, exten, 6, { kind: 'wait', seconds: 1 });
    yield* this.#x.pause(1000);
    this.#steps.step(leg, context, exten, 7, { kind: 'clear' });
  }

  #assign(leg: Leg, context: string, exten: string, priority: number, name: string, value: string): void {
    this.#steps.step(leg, context, exten, priority, { kind: 'set', scope: 'leg', name, value });
    this.#x.setVariable(leg, name, value);
  }

  /** Answers and stays until the leg is over. */
  *wait(leg: Leg, context: string, exten: string): Routine {
    this.#steps.step(leg, context, exten, 1, { kind: 'answer' });
    yield* this.#steps.answer(leg);
    this.#steps.step(leg, context, exten, 2, exten === '710' ? { kind: 'echo' } : { kind: 'wait', seconds: 600 });
    yield* this.#x.pause(600_000);
  }
}
