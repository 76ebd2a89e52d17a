import { conference } from './conference.ts';
import { type DialResult, dial } from './dial.ts';
import type { Exchange } from './exchange.ts';
import type { Leg } from './leg.ts';
import type { GroupConfig } from './office.ts';
import { park, retrieve } from './parking.ts';
import { pickUp, pickUpGroup } from './pickup.ts';
import { queue } from './queue.ts';
import type { Routine } from './routine.ts';
import type { Target } from './target.ts';

const DIAL_OPTIONS = 'tTkKxX';

/** The way through the office: what a number leads to, step by step. */
export class NumberingPlan {
  readonly #x: Exchange;

  constructor(exchange: Exchange) {
    this.#x = exchange;
  }

  /** Leads a leg from a place to wherever that number goes. */
  *route(leg: Leg, context: string, exten: string): Routine {
    if (context === 'from-trunk') yield* this.#fromTrunk(leg, exten);
    else if (context === 'did') yield* this.#did(leg, exten);
    else if (context === 'direct') yield* this.#direct(leg, exten);
    else if (context === 'queue') yield* this.#queue(leg, exten);
    else if (context === 'group-member' || context === 'agents') yield* this.#member(leg, context, exten);
    else if (context === 'parkedcalls') yield* this.#parked(leg, exten);
    else if (context === 'load') yield* this.#wait(leg, context, exten);
    else yield* this.#internal(leg, exten);
  }

  *#fromTrunk(leg: Leg, exten: string): Routine {
    this.#step(leg, 'from-trunk', exten, 1, 'Set', `__FROM_DID=${exten}`);
    this.#x.setVariable(leg, 'FROM_DID', exten);
    if (this.#x.office.extensions.has(exten)) return yield* this.#direct(leg, exten);
    this.#step(leg, 'from-trunk', exten, 2, 'Goto', `did,${exten.slice(-3)},1`);
    yield* this.#did(leg, exten.slice(-3));
  }

  *#did(leg: Leg, did: string): Routine {
    const { office } = this.#x;
    const extension = office.byDid(did);
    const group = office.groups.find((entry) => entry.did === did);
    const queueConfig = office.queues.find((entry) => entry.did === did);
    const room = office.conferences[did];
    if (extension) {
      this.#step(leg, 'did', did, 1, 'Goto', `direct,${extension.number},1`);
      yield* this.#direct(leg, extension.number);
    } else if (group) yield* this.#group(leg, group);
    else if (queueConfig) {
      this.#step(leg, 'did', did, 1, 'Goto', `queue,${queueConfig.name},1`);
      yield* this.#queue(leg, queueConfig.name);
    } else if (room !== undefined) yield* this.#conference(leg, did, room);
    else yield* this.#service(leg, did);
  }

  *#internal(leg: Leg, exten: string): Routine {
    const { parking, extensions } = this.#x.office;
    const space = Number(exten);
    if (extensions.has(exten)) {
      this.#step(leg, 'internal', exten, 1, 'NoOp', `Internal call to ${exten}`);
      this.#step(leg, 'internal', exten, 2, 'Gosub', `ring-extension,${exten},1(${exten})`);
      const result = yield* this.#ringExtension(leg, exten);
      if (result?.outcome === 'noanswer') this.#step(leg, 'internal', exten, 3, 'Hangup');
    } else if (exten === parking.exten) yield* park(this.#x, leg);
    else if (space >= parking.first && space <= parking.last) yield* this.#parked(leg, exten);
    else if (exten === '*8') yield* pickUpGroup(this.#x, leg);
    else if (exten.startsWith('**')) yield* this.#directedPickup(leg, exten);
    else if (exten.startsWith('*')) yield* this.#featureCode(leg, exten);
    else if (/^6\d{3}$/.test(exten)) {
      this.#step(leg, 'internal', exten, 1, 'Goto', `did,${exten.slice(1)},1`);
      yield* this.#did(leg, exten.slice(1));
    } else if (/^(0|\+)\d/.test(exten)) yield* this.#dialOut(leg, exten);
    else yield* this.#end(leg, 1, 404);
  }

  *#dialOut(leg: Leg, exten: string): Routine {
    this.#step(leg, 'internal', exten, 1, 'Gosub', `dial-out,${exten},1`);
    const own = `${this.#x.office.trunkPrefix}10${leg.caller.number?.slice(-1) ?? '0'}`;
    this.#step(leg, 'dial-out', exten, 1, 'Set', `CALLERID(num)=${own}`);
    this.#x.setCaller(leg, { ...leg.caller, number: own });
    this.#step(leg, 'dial-out', exten, 2, 'Dial', `PJSIP/${exten}@trunk,60,TKX`);
    const result = yield* this.#dial(leg, [{ kind: 'trunk', number: exten }], 60);
    if (result.outcome === 'answered') return;
    if (result.outcome === 'busy') yield* this.#busy(leg, 'dial-out', exten, 7);
    else if (result.outcome !== 'noanswer') yield* this.#congestion(leg, 'dial-out', exten, 8);
    else this.#step(leg, 'internal', exten, 2, 'Hangup');
  }

  *#direct(leg: Leg, exten: string): Routine {
    this.#step(leg, 'direct', exten, 1, 'Gosub', `ring-extension,${exten},1(${exten})`);
    const result = yield* this.#ringExtension(leg, exten);
    if (result?.outcome === 'noanswer') {
      this.#step(leg, 'direct', exten, 2, 'GotoIf', '1?unanswered');
      this.#step(leg, 'direct', exten, 4, 'Hangup', '19');
      yield* this.#end(leg, 19, 480);
    }
  }

  *#ringExtension(leg: Leg, exten: string): Routine<DialResult | undefined> {
    const { forwarding } = this.#x.phoneBook;
    const at = (priority: number, app: string, data = ''): void =>
      this.#step(leg, 'ring-extension', exten, priority, app, data);
    at(1, 'Set', `LOCAL(ext)=${exten}`);
    const always = forwarding.all.get(exten);
    at(2, 'Set', `LOCAL(cfu)=${always ?? ''}`);
    at(3, 'GotoIf', `${always ? 1 : 0}?forward-all`);
    if (always) return yield* this.#forward(leg, exten, always, 'cfu', 19);
    at(4, 'Set', `__PICKUPMARK=${exten}`);
    this.#x.setVariable(leg, 'PICKUPMARK', exten);
    const seconds = forwarding.noanswer.has(exten) ? 6 : this.#ringSeconds();
    at(5, 'Set', `LOCAL(time)=${seconds}`);
    at(6, 'Dial', `PJSIP/${exten},${seconds},${DIAL_OPTIONS}`);
    const result = yield* this.#dial(leg, [{ kind: 'phone', number: exten }], seconds);
    if (result.outcome === 'answered') return result;
    at(7, 'NoOp', `DIALSTATUS=${leg.variables.get('DIALSTATUS') ?? ''} HANGUPCAUSE=${result.cause}`);
    const busy = result.outcome === 'busy';
    const next = (busy ? forwarding.busy : forwarding.noanswer).get(exten);
    if (next) return yield* this.#forward(leg, exten, next, busy ? 'user_busy' : 'no_answer', 17);
    if (busy) yield* this.#busy(leg, 'ring-extension', exten, 13);
    else if (result.outcome !== 'noanswer') yield* this.#congestion(leg, 'ring-extension', exten, 15);
    else at(12, 'Return');
    return result;
  }

  *#forward(leg: Leg, from: string, to: string, reason: string, priority: number): Routine<undefined> {
    this.#step(leg, 'ring-extension', from, priority, 'Set', `LOCAL(reason)=${reason}`);
    leg.redirection = { from: this.#x.phoneBook.identity(from), to: this.#x.phoneBook.identity(to), reason };
    this.#step(leg, 'ring-extension', from, 24, 'Dial', `Local/${to}@internal,${this.#ringSeconds()},${DIAL_OPTIONS}`);
    const result = yield* this.#dial(leg, [{ kind: 'local', exten: to, context: 'internal' }], this.#ringSeconds());
    if (result.outcome !== 'answered') this.#step(leg, 'ring-extension', from, 25, 'Return');
    return undefined;
  }

  *#group(leg: Leg, group: GroupConfig): Routine {
    const exten = group.did;
    const sequential = group.strategy === 'sequential';
    const targets = group.members.map<Target>((number) =>
      group.strategy === 'loops'
        ? { kind: 'local', exten: number, context: 'group-member' }
        : { kind: 'phone', number },
    );
    const seconds = group.ringSeconds ?? (sequential ? 8 : 30);
    const rounds = sequential ? targets.map((target) => [target]) : [targets];
    for (const [index, round] of rounds.entries()) {
      this.#step(leg, 'did', exten, index + 1, 'Dial', `${round.map(dialString).join('&')},${seconds},${DIAL_OPTIONS}`);
      const result = yield* this.#dial(leg, round, seconds);
      if (result.outcome === 'answered') return;
    }
    this.#step(leg, 'did', exten, rounds.length + 1, 'Hangup');
  }

  *#member(leg: Leg, context: string, exten: string): Routine {
    this.#step(leg, context, exten, 1, 'Dial', `PJSIP/${exten},30,${DIAL_OPTIONS}`);
    const result = yield* this.#dial(leg, [{ kind: 'phone', number: exten }], 30);
    if (result.outcome !== 'answered') this.#step(leg, context, exten, 2, 'Hangup');
  }

  *#queue(leg: Leg, name: string): Routine {
    this.#step(leg, 'queue', name, 1, 'Answer');
    yield* this.#answer(leg);
    const wait = this.#x.office.queues.find((entry) => entry.name === name)?.maxWaitSeconds ?? 60;
    this.#step(leg, 'queue', name, 2, 'Queue', `${name},${DIAL_OPTIONS},,,${wait}`);
    const status = yield* queue(this.#x, leg, name, wait);
    if (status === 'served') return;
    this.#step(leg, 'queue', name, 3, 'NoOp', `QUEUESTATUS=${status}`);
    this.#step(leg, 'queue', name, 4, 'Hangup');
  }

  *#conference(leg: Leg, did: string, room: string): Routine {
    this.#step(leg, 'did', did, 1, 'Answer');
    yield* this.#answer(leg);
    this.#step(leg, 'did', did, 2, 'ConfBridge', `${room},rig_bridge,rig_user`);
    yield* conference(this.#x, leg, room);
  }

  *#service(leg: Leg, exten: string): Routine {
    const cause = Number(exten) - 800;
    if (exten === '400') yield* this.#menu(leg);
    else if (exten === '710' || exten === '711') yield* this.#wait(leg, 'did', exten);
    else if (exten === '500' || exten === '701') yield* this.#recorded(leg, exten);
    else if (exten === '700') {
      this.#step(leg, 'did', exten, 1, 'Progress');
      yield* this.#x.pause(2000);
      yield* this.#direct(leg, [...this.#x.office.extensions.keys()][0] ?? '');
    } else if (exten === '800') yield* this.#busy(leg, 'did', exten, 1);
    else if (exten === '801') yield* this.#congestion(leg, 'did', exten, 1);
    else if (exten === '802') yield* this.#x.pause(30_000);
    else if (cause === 3 || (cause >= 10 && cause < 200)) {
      this.#step(leg, 'did', exten, 1, 'Hangup', String(cause === 3 ? 1 : cause));
      yield* this.#end(leg, cause === 3 ? 1 : cause, undefined);
    } else yield* this.#end(leg, 1, 404);
  }

  /** A mailbox that takes messages until the caller hangs up; an announcement that hangs up itself. */
  *#recorded(leg: Leg, exten: string): Routine {
    this.#step(leg, 'did', exten, 1, 'Answer');
    yield* this.#answer(leg);
    if (exten === '500') {
      this.#step(leg, 'did', exten, 3, 'VoiceMail', '1001@default,s');
      yield* this.#untilDigit(leg, 120_000);
      this.#step(leg, 'did', exten, 4, 'Hangup');
    } else {
      this.#step(leg, 'did', exten, 2, 'Playback', 'tt-weasels');
      yield* this.#x.pause(4000);
      this.#step(leg, 'did', exten, 3, 'Hangup');
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
    this.#step(leg, 'ivr', 's', 1, 'Answer');
    yield* this.#answer(leg);
    this.#step(leg, 'ivr', 's', 4, 'Background', 'vm-options');
    const digits = yield* this.#collect(leg);
    const first = [...this.#x.office.extensions.keys()][0] ?? '';
    this.#step(leg, 'ivr', digits, 1, 'Goto', digits === '2' ? 'queue,support,1' : `direct,${first},1`);
    if (digits === '1') yield* this.#direct(leg, first);
    else if (digits === '2' && this.#x.office.queues[0]) yield* this.#queue(leg, this.#x.office.queues[0].name);
    else if (this.#x.office.extensions.has(digits)) yield* this.#direct(leg, digits);
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

  *#parked(leg: Leg, exten: string): Routine {
    this.#step(leg, 'internal', exten, 1, 'ParkedCall', `default,${exten}`);
    yield* retrieve(this.#x, leg, exten);
  }

  *#directedPickup(leg: Leg, exten: string): Routine {
    const number = exten.slice(2);
    this.#step(leg, 'internal', exten, 1, 'Pickup', `${number}@PICKUPMARK&${number}@internal`);
    const taken = yield* pickUp(this.#x, leg, number);
    if (!taken) this.#step(leg, 'internal', exten, 2, 'Hangup');
  }

  *#featureCode(leg: Leg, exten: string): Routine {
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
    this.#step(leg, 'internal', exten, 1, 'Answer');
    yield* this.#answer(leg);
    if (exten.length > 3) kinds[code]?.set(own, exten.slice(3));
    else kinds[code]?.delete(own);
    this.#step(leg, 'internal', exten, 3, 'Hangup');
  }

  /** Rings until the leg is over. */
  *#wait(leg: Leg, context: string, exten: string): Routine {
    this.#step(leg, context, exten, 1, 'Answer');
    yield* this.#answer(leg);
    this.#step(leg, context, exten, 2, exten === '710' ? 'Echo' : 'Wait', exten === '710' ? '' : '600');
    yield* this.#x.pause(600_000);
  }

  *#dial(leg: Leg, targets: readonly Target[], seconds: number): Routine<DialResult> {
    const result = yield* dial(this.#x, leg, targets, seconds);
    if (!leg.ended) {
      this.#x.setVariable(leg, 'DIALSTATUS', DIAL_STATUS[result.outcome]);
      this.#x.setVariable(leg, 'HANGUPCAUSE', String(result.cause));
      if (result.outcome !== 'answered') leg.cause = result.cause;
    }
    return result;
  }

  /** Takes the call. The exchange waits for audio, so a service answers later than a telephone. */
  *#answer(leg: Leg): Routine {
    leg.answeredByService = true;
    this.#x.answer(leg);
    yield* this.#x.pause(20);
  }

  *#busy(leg: Leg, context: string, exten: string, priority: number): Routine {
    this.#step(leg, context, exten, priority, 'Busy', context === 'did' ? '5' : '10');
    yield* this.#refuse(leg, 17, 486, context === 'did' ? 5 : 10);
  }

  *#congestion(leg: Leg, context: string, exten: string, priority: number): Routine {
    this.#step(leg, context, exten, priority, 'Congestion', context === 'did' ? '5' : '10');
    yield* this.#refuse(leg, 34, 503, context === 'did' ? 5 : 10);
  }

  /** A caller who is not connected yet is told so and gone; one who is hears the tone for a while. */
  *#refuse(leg: Leg, cause: number, status: number, seconds: number): Routine {
    leg.cause = cause;
    leg.status = status;
    if (leg.state === 'up') return yield* this.#x.pause(seconds * 1000);
    if (leg.line.kind !== 'local') this.#x.setState(leg, 'busy');
    this.#x.emit({ type: 'hangupRequested', leg, soft: false, cause });
  }

  // biome-ignore lint/correctness/useYield: an end is a step like the others
  *#end(leg: Leg, cause: number, status: number | undefined): Routine {
    leg.cause = cause;
    if (leg.state !== 'up') leg.finalStatus = status;
  }

  #ringSeconds(): number {
    return Number(this.#x.globals.get('RINGTIME') ?? this.#x.office.ringSeconds);
  }

  #step(leg: Leg, context: string, exten: string, priority: number, app: string, data = ''): void {
    this.#x.step(leg, { context, exten, priority }, app, data);
  }
}

const DIAL_STATUS = {
  answered: 'ANSWER',
  busy: 'BUSY',
  noanswer: 'NOANSWER',
  cancelled: 'CANCEL',
  congestion: 'CONGESTION',
  unavailable: 'CHANUNAVAIL',
} as const;

const dialString = (target: Target): string =>
  target.kind === 'phone'
    ? `PJSIP/${target.number}`
    : target.kind === 'trunk'
      ? `PJSIP/${target.number}@trunk`
      : `Local/${target.exten}@${target.context}`;
