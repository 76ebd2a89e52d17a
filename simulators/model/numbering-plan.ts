import type { DialResult } from './dial.ts';
import type { Exchange } from './exchange.ts';
import type { Leg } from './leg.ts';
import type { GroupConfig } from './office.ts';
import { park } from './parking.ts';
import { pickUpGroup } from './pickup.ts';
import { PlanSteps } from './plan-steps.ts';
import type { Routine } from './routine.ts';
import { DIAL_OPTIONS, Services } from './services.ts';
import type { Target } from './target.ts';

/** The way through the office: what a number leads to, step by step. */
export class NumberingPlan {
  readonly #x: Exchange;
  readonly #steps: PlanSteps;
  readonly #services: Services;

  constructor(exchange: Exchange) {
    this.#x = exchange;
    this.#steps = new PlanSteps(exchange);
    this.#services = new Services(exchange, this.#steps);
  }

  /** Leads a leg from a place to wherever that number goes. */
  *route(leg: Leg, context: string, exten: string): Routine {
    if (context === 'from-trunk') yield* this.#fromTrunk(leg, exten);
    else if (context === 'did') yield* this.#did(leg, exten);
    else if (context === 'direct') yield* this.#direct(leg, exten);
    else if (context === 'queue') yield* this.#services.queue(leg, exten);
    else if (context === 'group-member' || context === 'agents') yield* this.#member(leg, context, exten);
    else if (context === 'parkedcalls') yield* this.#services.parked(leg, exten);
    else if (context === 'load') yield* this.#services.wait(leg, context, exten);
    else yield* this.#internal(leg, exten);
  }

  *#fromTrunk(leg: Leg, exten: string): Routine {
    this.#steps.step(leg, 'from-trunk', exten, 1, 'Set', `__FROM_DID=${exten}`);
    this.#x.setVariable(leg, 'FROM_DID', exten);
    if (this.#x.office.extensions.has(exten)) return yield* this.#direct(leg, exten);
    this.#steps.step(leg, 'from-trunk', exten, 2, 'Goto', `did,${exten.slice(-3)},1`);
    yield* this.#did(leg, exten.slice(-3));
  }

  *#did(leg: Leg, did: string): Routine {
    const { office } = this.#x;
    const extension = office.byDid(did);
    const group = office.groups.find((entry) => entry.did === did);
    const queueConfig = office.queues.find((entry) => entry.did === did);
    const room = office.conferences[did];
    if (extension) {
      this.#steps.step(leg, 'did', did, 1, 'Goto', `direct,${extension.number},1`);
      yield* this.#direct(leg, extension.number);
    } else if (group) yield* this.#group(leg, group);
    else if (queueConfig) {
      this.#steps.step(leg, 'did', did, 1, 'Goto', `queue,${queueConfig.name},1`);
      yield* this.#services.queue(leg, queueConfig.name);
    } else if (room !== undefined) yield* this.#services.conference(leg, did, room);
    else yield* this.#services.service(leg, did);
  }

  *#internal(leg: Leg, exten: string): Routine {
    const { parking, extensions } = this.#x.office;
    const space = Number(exten);
    if (extensions.has(exten)) {
      this.#steps.step(leg, 'internal', exten, 1, 'NoOp', `Internal call to ${exten}`);
      this.#steps.step(leg, 'internal', exten, 2, 'Gosub', `ring-extension,${exten},1(${exten})`);
      const result = yield* this.#ringExtension(leg, exten);
      if (result?.outcome === 'noanswer') this.#steps.step(leg, 'internal', exten, 3, 'Hangup');
    } else if (exten === parking.exten) yield* park(this.#x, leg);
    else if (space >= parking.first && space <= parking.last) yield* this.#services.parked(leg, exten);
    else if (exten === '*8') yield* pickUpGroup(this.#x, leg);
    else if (exten.startsWith('**')) yield* this.#services.directedPickup(leg, exten);
    else if (exten.startsWith('*')) yield* this.#services.featureCode(leg, exten);
    else if (/^6\d{3}$/.test(exten)) {
      this.#steps.step(leg, 'internal', exten, 1, 'Goto', `did,${exten.slice(1)},1`);
      yield* this.#did(leg, exten.slice(1));
    } else if (/^(0|\+)\d/.test(exten)) yield* this.#dialOut(leg, exten);
    else yield* this.#steps.end(leg, 1, 404);
  }

  *#dialOut(leg: Leg, exten: string): Routine {
    this.#steps.step(leg, 'internal', exten, 1, 'Gosub', `dial-out,${exten},1`);
    const own = `${this.#x.office.trunkPrefix}10${leg.caller.number?.slice(-1) ?? '0'}`;
    this.#steps.step(leg, 'dial-out', exten, 1, 'Set', `CALLERID(num)=${own}`);
    this.#x.setCaller(leg, { ...leg.caller, number: own });
    this.#steps.step(leg, 'dial-out', exten, 2, 'Dial', `PJSIP/${exten}@trunk,60,TKX`);
    const result = yield* this.#steps.dial(leg, [{ kind: 'trunk', number: exten }], 60);
    if (result.outcome === 'answered') return;
    if (result.outcome === 'busy') yield* this.#steps.busy(leg, 'dial-out', exten, 7);
    else if (result.outcome !== 'noanswer') yield* this.#steps.congestion(leg, 'dial-out', exten, 8);
    else this.#steps.step(leg, 'internal', exten, 2, 'Hangup');
  }

  *#direct(leg: Leg, exten: string): Routine {
    this.#steps.step(leg, 'direct', exten, 1, 'Gosub', `ring-extension,${exten},1(${exten})`);
    const result = yield* this.#ringExtension(leg, exten);
    if (result?.outcome === 'noanswer') {
      this.#steps.step(leg, 'direct', exten, 2, 'GotoIf', '1?unanswered');
      this.#steps.step(leg, 'direct', exten, 4, 'Hangup', '19');
      yield* this.#steps.end(leg, 19, 480);
    }
  }

  *#ringExtension(leg: Leg, exten: string): Routine<DialResult | undefined> {
    const { forwarding } = this.#x.phoneBook;
    const at = (priority: number, app: string, data = ''): void =>
      this.#steps.step(leg, 'ring-extension', exten, priority, app, data);
    at(1, 'Set', `LOCAL(ext)=${exten}`);
    const always = forwarding.all.get(exten);
    at(2, 'Set', `LOCAL(cfu)=${always ?? ''}`);
    at(3, 'GotoIf', `${always ? 1 : 0}?forward-all`);
    if (always) return yield* this.#forward(leg, exten, always, 'cfu', 19);
    at(4, 'Set', `__PICKUPMARK=${exten}`);
    this.#x.setVariable(leg, 'PICKUPMARK', exten);
    const seconds = forwarding.noanswer.has(exten) ? 6 : this.#steps.ringSeconds();
    at(5, 'Set', `LOCAL(time)=${seconds}`);
    at(6, 'Dial', `PJSIP/${exten},${seconds},${DIAL_OPTIONS}`);
    const result = yield* this.#steps.dial(leg, [{ kind: 'phone', number: exten }], seconds);
    if (result.outcome === 'answered') return result;
    at(7, 'NoOp', `DIALSTATUS=${leg.variables.get('DIALSTATUS') ?? ''} HANGUPCAUSE=${result.cause}`);
    const busy = result.outcome === 'busy';
    const next = (busy ? forwarding.busy : forwarding.noanswer).get(exten);
    if (next) return yield* this.#forward(leg, exten, next, busy ? 'user_busy' : 'no_answer', 17);
    if (busy) yield* this.#steps.busy(leg, 'ring-extension', exten, 13);
    else if (result.outcome !== 'noanswer') yield* this.#steps.congestion(leg, 'ring-extension', exten, 15);
    else at(12, 'Return');
    return result;
  }

  *#forward(leg: Leg, from: string, to: string, reason: string, priority: number): Routine<undefined> {
    this.#steps.step(leg, 'ring-extension', from, priority, 'Set', `LOCAL(reason)=${reason}`);
    leg.redirection = { from: this.#x.phoneBook.identity(from), to: this.#x.phoneBook.identity(to), reason };
    this.#steps.step(
      leg,
      'ring-extension',
      from,
      24,
      'Dial',
      `Local/${to}@internal,${this.#steps.ringSeconds()},${DIAL_OPTIONS}`,
    );
    const result = yield* this.#steps.dial(
      leg,
      [{ kind: 'local', exten: to, context: 'internal' }],
      this.#steps.ringSeconds(),
    );
    if (result.outcome !== 'answered') this.#steps.step(leg, 'ring-extension', from, 25, 'Return');
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
      this.#steps.step(
        leg,
        'did',
        exten,
        index + 1,
        'Dial',
        `${round.map(dialString).join('&')},${seconds},${DIAL_OPTIONS}`,
      );
      const result = yield* this.#steps.dial(leg, round, seconds);
      if (result.outcome === 'answered') return;
    }
    this.#steps.step(leg, 'did', exten, rounds.length + 1, 'Hangup');
  }

  *#member(leg: Leg, context: string, exten: string): Routine {
    this.#steps.step(leg, context, exten, 1, 'Dial', `PJSIP/${exten},30,${DIAL_OPTIONS}`);
    const result = yield* this.#steps.dial(leg, [{ kind: 'phone', number: exten }], 30);
    if (result.outcome !== 'answered') this.#steps.step(leg, context, exten, 2, 'Hangup');
  }
}

const dialString = (target: Target): string =>
  target.kind === 'phone'
    ? `PJSIP/${target.number}`
    : target.kind === 'trunk'
      ? `PJSIP/${target.number}@trunk`
      : `Local/${target.exten}@${target.context}`;
