import type { Exchange } from './exchange.ts';
import type { QueueConfig } from './office.ts';
import type { QueueEntry, QueueMember, QueueState } from './queue-state.ts';
import { choose } from './queue-strategy.ts';

/** The queues of an office with their members and callers. */
export class QueueBoard {
  readonly #x: Exchange;
  readonly #queues = new Map<string, QueueState>();
  /** By number: the queues that it is a member of. */
  readonly #ofMember = new Map<string, Set<QueueState>>();

  constructor(exchange: Exchange) {
    this.#x = exchange;
    for (const config of exchange.office.queues) {
      const state = this.#open(config);
      this.#queues.set(config.name, state);
      for (const { number } of state.members) this.#enrol(number, state);
    }
    exchange.subscribe((event) => {
      if (event.type === 'deviceState') this.#onDeviceState(event.device);
    });
  }

  all(): QueueState[] {
    return [...this.#queues.values()];
  }

  get(name: string): QueueState | undefined {
    return this.#queues.get(name);
  }

  /** The queues that a station is a member of, in the order of the office. */
  queuesOf(number: string): QueueState[] {
    const own = this.#ofMember.get(number);
    if (!own) return [];
    return own.size > 1 ? this.all().filter((state) => own.has(state)) : [...own];
  }

  /** The members to ring for a caller now, in their order, without those who were `tried` in vain. */
  available(state: QueueState, entry: QueueEntry, tried: ReadonlySet<QueueMember> = new Set()): QueueMember[] {
    const free = state.members.filter((member) => !tried.has(member) && this.#isFree(state, member));
    if (free.length === 0) return [];
    const chosen = choose({ state, free, after: entry.lastRung, random: this.#x.office.random });
    const at = state.members.indexOf(chosen.at(-1)!);
    entry.lastRung = at;
    state.next = (at + 1) % state.members.length;
    return chosen;
  }

  leave(state: QueueState, entry: QueueEntry): void {
    const at = state.entries.indexOf(entry);
    if (at < 0) return;
    state.entries.splice(at, 1);
    const { leg } = entry;
    this.#x.emit({ type: 'queueLeft', leg, queue: state.name, position: at + 1, count: state.entries.length });
  }

  /** A member has served a caller; wrap-up begins. */
  finished(state: QueueState, member: QueueMember): void {
    member.inCall = false;
    member.callsTaken++;
    member.lastCall = this.#x.clock.now();
    state.completed++;
  }

  /** A station logs in to a queue. False: it is a member already. */
  add(state: QueueState, number: string, options: { name?: string; penalty?: number; paused?: boolean } = {}): boolean {
    if (state.members.some((member) => member.number === number)) return false;
    const member = this.#member(number, options.name ?? number, true, undefined);
    member.penalty = options.penalty ?? 0;
    member.paused = options.paused ?? false;
    state.members.push(member);
    this.#enrol(number, state);
    this.#x.emit({ type: 'memberAdded', queue: state.name, member });
    return true;
  }

  remove(state: QueueState, number: string): boolean {
    const at = state.members.findIndex((member) => member.number === number);
    if (at < 0) return false;
    const [member] = state.members.splice(at, 1);
    if (!state.members.some((other) => other.number === number)) this.#ofMember.get(number)?.delete(state);
    this.#x.emit({ type: 'memberRemoved', queue: state.name, member: member! });
    return true;
  }

  /** Pauses a station in one queue or in all; returns in how many. */
  pause(number: string, paused: boolean, reason = '', queue?: string): number {
    let count = 0;
    for (const state of this.all()) {
      const member = state.members.find((entry) => entry.number === number);
      if (!member || (queue !== undefined && queue !== state.name)) continue;
      member.paused = paused;
      member.pausedReason = paused ? reason : '';
      if (paused) member.lastPause = this.#x.clock.now();
      this.#x.emit({ type: 'memberPaused', queue: state.name, member });
      count++;
    }
    return count;
  }

  #enrol(number: string, state: QueueState): void {
    const own = this.#ofMember.get(number);
    if (own) own.add(state);
    else this.#ofMember.set(number, new Set([state]));
  }

  #open(config: QueueConfig): QueueState {
    const via = config.loops ? 'agents' : undefined;
    return {
      name: config.name,
      strategy: config.strategy ?? 'ringall',
      ringSeconds: config.ringSeconds ?? 15,
      wrapUpSeconds: config.wrapUpSeconds ?? 3,
      members: config.members.map((number) => this.#member(number, this.#nameOf(config, number), false, via)),
      entries: [],
      next: 0,
      completed: 0,
      abandoned: 0,
    };
  }

  #nameOf(config: QueueConfig, number: string): string {
    return config.memberNames?.[number] ?? this.#x.phoneBook.identity(number).name ?? number;
  }

  #member(number: string, name: string, dynamic: boolean, via: string | undefined): QueueMember {
    const now = this.#x.clock.now();
    return {
      number,
      name,
      dynamic,
      via,
      penalty: 0,
      paused: false,
      pausedReason: '',
      callsTaken: 0,
      lastCall: 0,
      lastPause: 0,
      inCall: false,
      since: now,
    };
  }

  #isFree(state: QueueState, member: QueueMember): boolean {
    const rested = member.lastCall === 0 || this.#x.clock.now() - member.lastCall >= state.wrapUpSeconds * 1000;
    return !member.paused && rested && this.#x.devices.state(member.number) === 'notInUse';
  }

  #onDeviceState(device: string): void {
    for (const { name, members } of this.queuesOf(device)) {
      const member = members.find((entry) => entry.number === device);
      if (member) this.#x.emit({ type: 'memberState', queue: name, member });
    }
  }
}
