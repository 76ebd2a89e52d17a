import type { DialResult } from './dialling.ts';
import type { Exchange } from './exchange.ts';
import type { Leg } from './leg.ts';
import type { GroupConfig } from './office.ts';
import { park } from './parking.ts';
import { pickUpGroup } from './pickup.ts';
import { PlanSteps } from './plan-steps.ts';
import type { Routine } from './routine.ts';
import { Services } from './services.ts';
import type { Step } from './step.ts';
import { MAX_HOPS, type Target } from './target.ts';

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

  /** Whether a number leads anywhere from a context. */
  knows(context: string, exten: string): boolean {
    const { extensions, parking } = this.#x.office;
    if (context !== 'internal' || extensions.has(exten) || exten === parking.exten) return true;
    const space = Number(exten);
    return (space >= parking.first && space <= parking.last) || /^(\*|6\d{3}$|[0+].)/.test(exten);
  }

  /** Whether a number leads somewhere and cannot become another one by more digits. */
  isComplete(context: string, exten: string): boolean {
    if (!this.knows(context, exten) || /^(0|\+|\*(72|90|92))/.test(exten)) return false;
    for (const number of this.#x.office.extensions.keys())
      if (number.length > exten.length && number.startsWith(exten)) return false;
    return exten !== '*' && exten !== '**';
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
    else if (context === 'line-feeds') yield* this.#services.lineFeeds(leg, context, exten);
    else yield* this.#internal(leg, exten);
  }

  *#fromTrunk(leg: Leg, exten: string): Routine {
    this.#steps.step(leg, 'from-trunk', exten, 1, { kind: 'set', scope: 'call', name: 'did', value: exten });
    this.#x.setVariable(leg, 'did', exten);
    if (this.#x.office.extensions.has(exten)) return yield* this.#direct(leg, exten);
    this.#steps.step(leg, 'from-trunk', exten, 2, { kind: 'goto', context: 'did', exten: exten.slice(-3) });
    yield* this.#did(leg, exten.slice(-3));
  }

  *#did(leg: Leg, did: string): Routine {
    const { office } = this.#x;
    const extension = office.byDid(did);
    const group = office.groups.find((entry) => entry.did === did);
    const queueConfig = office.queues.find((entry) => entry.did === did);
    const room = office.conferences[did];
    if (extension) {
      this.#steps.step(leg, 'did', did, 1, { kind: 'goto', context: 'direct', exten: extension.number });
      yield* this.#direct(leg, extension.number);
    } else if (group) yield* this.#group(leg, group);
    else if (queueConfig) {
      this.#steps.step(leg, 'did', did, 1, { kind: 'goto', context: 'queue', exten: queueConfig.name });
      yield* this.#services.queue(leg, queueConfig.name);
    } else if (room !== undefined) yield* this.#services.conference(leg, did, room);
    else yield* this.#services.service(leg, did);
  }

  *#internal(leg: Leg, exten: string): Routine {
    const { parking, extensions } = this.#x.office;
    const space = Number(exten);
    if (extensions.has(exten)) {
      this.#steps.step(leg, 'internal', exten, 1, { kind: 'remark', text: `Internal call to ${exten}` });
      this.#steps.step(leg, 'internal', exten, 2, {
        kind: 'subroutine',
        context: 'ring-extension',
        exten,
        argument: exten,
      });
      const result = yield* this.#ringExtension(leg, exten);
      if (result?.outcome === 'noanswer') this.#steps.step(leg, 'internal', exten, 3, { kind: 'clear' });
    } else if (exten === parking.exten) yield* park(this.#x, leg);
    else if (space >= parking.first && space <= parking.last) yield* this.#services.parked(leg, exten);
    else if (exten === '*8') yield* pickUpGroup(this.#x, leg);
    else if (exten.startsWith('**')) yield* this.#services.directedPickup(leg, exten);
    else if (exten.startsWith('*')) yield* this.#services.featureCode(leg, exten);
    else if (/^6\d{3}$/.test(exten)) {
      this.#steps.step(leg, 'internal', exten, 1, { kind: 'goto', context: 'did', exten: exten.slice(1) });
      yield* this.#did(leg, exten.slice(1));
    } else if (/^(0|\+)\d/.test(exten)) yield* this.#dialOut(leg, exten);
    else yield* this.#steps.end(leg, 1, 404);
  }

  *#dialOut(leg: Leg, exten: string): Routine {
    this.#steps.step(leg, 'internal', exten, 1, { kind: 'subroutine', context: 'dial-out', exten });
    const own = `${this.#x.office.trunkPrefix}10${leg.caller.number?.slice(-1) ?? '0'}`;
    this.#steps.step(leg, 'dial-out', exten, 1, { kind: 'setCaller', number: own });
    this.#x.setCaller(leg, { ...leg.caller, number: own });
    const targets = [{ kind: 'trunk', number: exten }] as const;
    this.#steps.step(leg, 'dial-out', exten, 2, { kind: 'ring', targets, seconds: 60, features: 'caller' });
    const result = yield* this.#steps.dial(leg, targets, 60);
    if (result.outcome === 'answered') return;
    if (result.outcome === 'busy') yield* this.#steps.busy(leg, 'dial-out', exten, 7);
    else if (result.outcome !== 'noanswer') yield* this.#steps.congestion(leg, 'dial-out', exten, 8);
    else this.#steps.step(leg, 'internal', exten, 2, { kind: 'clear' });
  }

  *#direct(leg: Leg, exten: string): Routine {
    this.#steps.step(leg, 'direct', exten, 1, {
      kind: 'subroutine',
      context: 'ring-extension',
      exten,
      argument: exten,
    });
    const result = yield* this.#ringExtension(leg, exten);
    if (result?.outcome === 'noanswer') {
      this.#steps.step(leg, 'direct', exten, 2, { kind: 'branch', holds: true, label: 'unanswered' });
      this.#steps.step(leg, 'direct', exten, 4, { kind: 'clear', cause: 19 });
      yield* this.#steps.end(leg, 19, 480);
    }
  }

  *#ringExtension(leg: Leg, exten: string): Routine<DialResult | undefined> {
    const { forwarding } = this.#x.phoneBook;
    const at = (priority: number, step: Step): void => this.#steps.step(leg, 'ring-extension', exten, priority, step);
    at(1, local('ext', exten));
    const always = forwarding.all.get(exten);
    at(2, local('cfu', always ?? ''));
    at(3, { kind: 'branch', holds: always !== undefined, label: 'forward-all' });
    if (always) return yield* this.#forward(leg, exten, always, 'cfu', 19);
    at(4, { kind: 'set', scope: 'call', name: 'pickupMark', value: exten });
    this.#x.setVariable(leg, 'pickupMark', exten);
    const seconds = forwarding.noanswer.has(exten) ? 6 : this.#steps.ringSeconds();
    at(5, local('time', String(seconds)));
    const targets = [{ kind: 'phone', number: exten }] as const;
    at(6, { kind: 'ring', targets, seconds, features: 'both' });
    const result = yield* this.#steps.dial(leg, targets, seconds);
    if (result.outcome === 'answered') return result;
    if (result.deflectedTo !== undefined) return yield* this.#reroute(leg, exten, result.deflectedTo);
    at(7, { kind: 'rangOut', outcome: result.outcome, cause: result.cause });
    const busy = result.outcome === 'busy';
    const next = (busy ? forwarding.busy : forwarding.noanswer).get(exten);
    if (next) return yield* this.#forward(leg, exten, next, busy ? 'user_busy' : 'no_answer', 17);
    if (busy) yield* this.#steps.busy(leg, 'ring-extension', exten, 13);
    else if (result.outcome !== 'noanswer') yield* this.#steps.congestion(leg, 'ring-extension', exten, 15);
    else at(12, { kind: 'return' });
    return result;
  }

  *#forward(leg: Leg, from: string, to: string, reason: string, priority: number): Routine<undefined> {
    this.#steps.step(leg, 'ring-extension', from, priority, local('reason', reason));
    leg.redirection = { from: this.#x.phoneBook.identity(from), to: this.#x.phoneBook.identity(to), reason };
    if (this.#x.forwards === 'reroute') return yield* this.#reroute(leg, from, to);
    const targets = [{ kind: 'local', exten: to, context: 'internal' }] as const;
    const seconds = this.#steps.ringSeconds();
    this.#steps.step(leg, 'ring-extension', from, 24, { kind: 'ring', targets, seconds, features: 'both' });
    const result = yield* this.#steps.dial(leg, targets, seconds);
    if (result.outcome !== 'answered') this.#steps.step(leg, 'ring-extension', from, 25, { kind: 'return' });
    return undefined;
  }

  /** The call itself goes on at another number. Telephones that forward to each other end it. */
  *#reroute(leg: Leg, from: string, to: string): Routine<undefined> {
    leg.hops++;
    if (leg.hops > MAX_HOPS) {
      yield* this.#steps.end(leg, 25, undefined);
      return undefined;
    }
    this.#steps.step(leg, 'ring-extension', from, 24, { kind: 'goto', context: 'internal', exten: to });
    yield* this.#internal(leg, to);
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
      this.#steps.step(leg, 'did', exten, index + 1, { kind: 'ring', targets: round, seconds, features: 'both' });
      const result = yield* this.#steps.dial(leg, round, seconds);
      if (result.outcome === 'answered') return;
    }
    this.#steps.step(leg, 'did', exten, rounds.length + 1, { kind: 'clear' });
  }

  *#member(leg: Leg, context: string, exten: string): Routine {
    const targets = [{ kind: 'phone', number: exten }] as const;
    this.#steps.step(leg, context, exten, 1, { kind: 'ring', targets, seconds: 30, features: 'both' });
    const result = yield* this.#steps.dial(leg, targets, 30);
    if (result.outcome !== 'answered') this.#steps.step(leg, context, exten, 2, { kind: 'clear' });
  }
}

/** A value that is known until the subroutine returns. */
const local = (name: string, value: string): Step => ({ kind: 'set', scope: 'routine', name, value });
