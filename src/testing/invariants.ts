import type { Call, Connection, ConnectionId, Line } from '../domain/call.ts';
import type { EngineEvent } from '../domain/journal.ts';

/** How long what rings beside a call that was answered may be told as ringing. Milliseconds. */
const RIVALS_END_WITHIN_MS = 1_000;

interface Answer {
  readonly callId: string;
  readonly time: number;
  readonly by: ConnectionId;
  readonly rivals: readonly ConnectionId[];
}

/**
 * Observes the events of an engine and knows what is true whatever a switch does or a link loses: every popup ends with
 * its call, a call that rang at several telephones is answered by one, no line is both idle and in a call, every call is
 * cleared once, times do not run backwards, and whoever stays in a call keeps their identity when it is transferred and
 * when the link comes back. It compares nothing with the truth.
 */
export class Invariants {
  readonly #violations: string[] = [];
  readonly #calls = new Map<string, Call>();
  readonly #lines = new Map<string, Line>();
  readonly #cleared = new Set<string>();
  /** Calls that somebody other than the caller has taken at some time. */
  readonly #taken = new Set<string>();
  /** Where each connection was told last. */
  readonly #callOf = new Map<ConnectionId, string>();
  #answers: Answer[] = [];
  /** What was up when the link was lost, by the links that have not told all since. */
  readonly #lost = new Map<string, readonly Connection[]>();
  #seen = 0;
  #seq = 0;
  #time = 0;

  /** How many events were looked at. */
  get seen(): number {
    return this.#seen;
  }

  /** What was not so. Empty: nothing. */
  get violations(): readonly string[] {
    return this.#violations;
  }

  /** The next event of the engine's log. */
  take(event: EngineEvent): void {
    if (event.time > this.#time) this.#atRest(event.time);
    this.#check(this.#seq === 0 || event.seq === this.#seq + 1, `entry ${event.seq} follows ${this.#seq}`);
    this.#check(event.time >= this.#time, `entry ${event.seq} is of ${event.time}, the one before of ${this.#time}`);
    this.#seen++;
    this.#seq = event.seq;
    this.#time = event.time;
    if (event.kind === 'line') this.#lines.set(event.line.device, event.line);
    else if (event.kind === 'call') this.#takeCall(event);
    else this.#takeLink(event);
  }

  /** Nothing more comes; `time` is now. */
  end(time: number): void {
    this.#atRest(time);
  }

  #check(holds: boolean, text: string): void {
    if (!holds) this.#violations.push(text);
  }

  #takeCall({ call, event, resync, time }: EngineEvent & { readonly kind: 'call' }): void {
    const before = this.#calls.get(call.id);
    this.#calls.set(call.id, call);
    if (call.connections.some(isTaken)) this.#taken.add(call.id);
    if (this.#cleared.has(call.id))
      this.#check(event === 'recognised' || isAsBefore(before, call), `${call.id}: told as cleared, then ${event}`);
    if (call.state === 'cleared') this.#clear(call);
    for (const connection of call.connections) this.#checkConnection(call, connection, before, resync === true, time);
    if (resync !== true && !this.#lost.has(call.link)) this.#watchAnswers(call, before, time);
    this.#check(call.illegalEvents === (before?.illegalEvents ?? 0), `${call.id}: ${event} cannot happen in its state`);
  }

  #clear(call: Call): void {
    if (this.#cleared.has(call.id)) return;
    this.#cleared.add(call.id);
    for (const { id, state, endedAt } of call.connections)
      this.#check(state === 'null' && endedAt !== undefined, `${call.id}: cleared, but ${id} is ${state}`);
    for (const { id, cause, state } of call.connections) {
      if (cause !== 'multipleAlerting' || state !== 'null') continue;
      this.#check(this.#taken.has(call.id), `${call.id}: ${id} ended because another telephone answered, and none did`);
    }
  }

  #checkConnection(call: Call, now: Connection, callBefore: Call | undefined, resync: boolean, time: number): void {
    const elsewhere = this.#calls.get(this.#callOf.get(now.id) ?? '');
    const before =
      callBefore?.connections.find(({ id }) => id === now.id) ?? elsewhere?.connections.find(({ id }) => id === now.id);
    this.#callOf.set(now.id, call.id);
    const at = `${call.id} ${now.id}`;
    for (const one of [now.since, now.alertedAt, now.answeredAt, now.endedAt])
      this.#check(
        one === undefined || (one >= now.startedAt && one <= time),
        `${at}: ${one} is before ${now.startedAt} or after ${time}`,
      );
    if (before === undefined) return;
    if (!resync) this.#check(now.since >= before.since, `${at}: since ${before.since}, then since ${now.since}`);
    this.#check(before.state !== 'null' || now.state === 'null', `${at}: ended, then ${now.state}`);
    this.#check(before.device === now.device, `${at}: at ${before.device}, then at ${now.device}`);
    if (before.answeredAt !== undefined && !resync)
      this.#check(
        now.answeredAt === before.answeredAt,
        `${at}: answered at ${before.answeredAt}, then at ${now.answeredAt}`,
      );
  }

  #watchAnswers(call: Call, before: Call | undefined, time: number): void {
    for (const now of call.connections) {
      const was = before?.connections.find(({ id }) => id === now.id);
      if (was?.state !== 'alerting' || now.state !== 'connected' || now.direction !== 'in') continue;
      const rivals = call.connections
        .filter((one) => one.id !== now.id && ringsAtStation(one) && isSameOffer(one, now))
        .map(({ id }) => id);
      if (rivals.length > 0) this.#answers.push({ callId: call.id, time, by: now.id, rivals });
    }
  }

  #takeLink({ status }: EngineEvent & { readonly kind: 'link' }): void {
    const { link, state } = status;
    const lost = this.#lost.get(link);
    if (state !== 'up') {
      if (lost === undefined) this.#lost.set(link, this.#live(link));
      return;
    }
    this.#lost.delete(link);
    for (const { id, device, startedAt } of lost ?? []) this.#checkKept(id, device, startedAt);
  }

  /** Whoever is in the same call as before the link was lost is told under the same identity. */
  #checkKept(id: ConnectionId, device: string, startedAt: number): void {
    const now = this.#calls.get(this.#callOf.get(id) ?? '')?.connections.find((one) => one.id === id);
    if (now?.state !== 'null') return;
    const twins = [...this.#calls.values()]
      .flatMap(({ connections }) => connections)
      .filter((one) => one.id !== id && one.device === device && one.state !== 'null' && one.startedAt === startedAt);
    this.#check(
      twins.length === 0,
      `${id}: ended while the link was lost, and ${twins[0]?.id} of ${device} began when it had`,
    );
  }

  #live(link: string): Connection[] {
    return [...this.#calls.values()]
      .filter((call) => call.link === link)
      .flatMap(({ connections }) => connections)
      .filter(({ state, party }) => state !== 'null' && party.category === 'station');
  }

  /** All that was told of one moment has been told. */
  #atRest(now: number): void {
    this.#checkLines();
    this.#answers = this.#answers.filter((answer) => {
      if (now - answer.time <= RIVALS_END_WITHIN_MS) return true;
      const { connections = [], link = '' } = this.#calls.get(answer.callId) ?? {};
      // Of what was not heard nobody can know that it has ended.
      if (this.#lost.has(link)) return false;
      const left = connections.filter(
        (one) => answer.rivals.includes(one.id) && one.state === 'alerting' && one.since <= answer.time,
      );
      this.#check(left.length === 0, `${answer.callId}: answered by ${answer.by}, and ${left[0]?.id} still rings`);
      return false;
    });
  }

  #checkLines(): void {
    const own = new Map<string, ConnectionId[]>();
    for (const call of this.#calls.values())
      for (const { device, id, state } of call.connections)
        if (state !== 'null') own.set(`${call.link} ${device}`, [...(own.get(`${call.link} ${device}`) ?? []), id]);
    for (const { device, link, state, connections } of this.#lines.values()) {
      if (state === 'unknown') continue;
      const live = own.get(`${link} ${device}`) ?? [];
      const isIdle = state === 'idle' || state === 'outOfService';
      this.#check(isIdle === (live.length === 0), `${device} is ${state} and has ${live.length} calls`);
      this.#check(
        same(live, connections),
        `${device} has the calls ${live.join(', ')}, and its line ${connections.join(', ')}`,
      );
    }
  }
}

/** Somebody answered it, or a service of the switch did, or whatever it was sent to may have. */
const isTaken = ({ direction, answeredAt, state, divertedTo }: Connection): boolean =>
  divertedTo !== undefined ||
  (direction === 'in' && (answeredAt !== undefined || state === 'connected' || state === 'queued'));

/** Whether two were called for one number, and sent there by one transfer: else the answer of one is not about the other. */
const isSameOffer = (one: Connection, other: Connection): boolean =>
  one.dialled === other.dialled && one.transferredBy?.number === other.transferredBy?.number;

const ringsAtStation = ({ state, direction, party, partOf }: Connection): boolean =>
  state === 'alerting' && direction === 'in' && party.category === 'station' && partOf === undefined;

const isAsBefore = (before: Call | undefined, now: Call): boolean =>
  before !== undefined && now.state === 'cleared' && now.clearedAt === before.clearedAt;

const same = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && [...one].sort().join() === [...other].sort().join();
