import { randomUUID } from 'node:crypto';
import type { ModelEvent } from '../model/events.ts';
import type { Exchange } from '../model/exchange.ts';
import type { Leg } from '../model/leg.ts';
import type { Dialect } from './dialect.ts';
import { type LampBody, type LampChanged, type Lamps, xml } from './lamps.ts';
import { escapedUser } from './message.ts';

/** A channel of a telephone, as it was told last. */
interface Channel {
  readonly id: string;
  readonly number: string;
  readonly direction: 'initiator' | 'recipient';
  remote: { readonly number: string; readonly name: string };
  state: 'new' | 'early' | 'confirmed' | 'terminated';
  /** It holds the other party. */
  holds: boolean;
}

const UNKNOWN = 'anonymous';

/** FreeSWITCH's presence: each NOTIFY tells of the one channel that changed, and says nothing of others. */
export class FreeswitchLamps implements Lamps {
  readonly versionsAll = true;
  readonly endsWithBody = false;
  readonly firstVersion = 0;
  readonly stop: () => void;
  readonly #dialect: Dialect;
  readonly #changed: LampChanged;
  readonly #channels = new Map<Leg, Channel>();
  #ended: Leg[] = [];

  constructor(x: Exchange, dialect: Dialect, changed: LampChanged) {
    this.#dialect = dialect;
    this.#changed = changed;
    const stops = [x.subscribe((event) => this.#on(event)), x.onSettled(() => this.#tellEnds())];
    this.stop = () => {
      for (const stop of stops) stop();
    };
  }

  /** A new subscription is told of the channel that changed last, and there is none in most cases. */
  bodyOf(number: string): LampBody {
    const live = [...this.#channels.values()].findLast((one) => one.number === number && one.state !== 'new');
    return live ? this.#bodyWith(live) : this.#document(number, []);
  }

  #on(event: ModelEvent) {
    switch (event.type) {
      case 'legCreated':
        return this.#create(event.leg);
      case 'dialBegan':
        return event.from ? this.#confirmCaller(event.from) : undefined;
      case 'legState':
        return this.#stateOf(event.leg);
      case 'held':
      case 'retrieved':
        return this.#hold(event.leg, event.type === 'held');
      case 'connectedChanged':
        return this.#showsOther(event.leg);
      case 'legEnded':
        return this.#channels.has(event.leg) ? void this.#ended.push(event.leg) : undefined;
    }
  }

  #create(leg: Leg): void {
    const { line } = leg;
    if (line.kind !== 'phone') return;
    const isCaller = leg.state === 'ring';
    this.#channels.set(leg, {
      id: randomUUID(),
      number: line.number,
      direction: isCaller ? 'initiator' : 'recipient',
      remote: isCaller ? { number: leg.dialled, name: leg.dialled } : remoteOf(leg),
      state: 'new',
      holds: false,
    });
  }

  #stateOf(leg: Leg) {
    if (leg.state === 'ringing') {
      const channel = this.#channels.get(leg);
      if (channel) channel.remote = remoteOf(leg);
      return this.#become(leg, 'early');
    }
    if (leg.state === 'up') this.#become(leg, 'confirmed');
  }

  /** A caller's channel is answered as far as the lamps go, once it dials somebody. */
  #confirmCaller(leg: Leg): void {
    const origin = originOf(leg);
    if (this.#channels.get(origin)?.state === 'new') this.#become(origin, 'confirmed');
  }

  #become(leg: Leg, state: Channel['state']): void {
    const channel = this.#channels.get(leg);
    if (!channel) return;
    channel.state = state;
    this.#tell(channel);
  }

  /** Who holds is shown as if the call were early again. */
  #hold(leg: Leg, holds: boolean): void {
    const channel = this.#channels.get(leg);
    if (!channel || channel.holds === holds) return;
    channel.holds = holds;
    this.#become(leg, holds ? 'early' : 'confirmed');
  }

  /** A transfer: the same channel with another party. */
  #showsOther(leg: Leg): void {
    const channel = this.#channels.get(leg);
    if (!channel || leg.state !== 'up' || leg.connected.number === null) return;
    const remote = remoteOf(leg);
    if (remote.number === channel.remote.number) return;
    channel.remote = remote;
    this.#tell(channel);
  }

  /** The called first: the caller's channel outlives it by a moment. */
  #tellEnds(): void {
    const legs = this.#ended;
    this.#ended = [];
    const ends = legs.flatMap((leg) => {
      const channel = this.#channels.get(leg);
      this.#channels.delete(leg);
      return channel ? [channel] : [];
    });
    for (const channel of ends.filter(({ direction }) => direction === 'recipient')) this.#end(channel);
    for (const channel of ends.filter(({ direction }) => direction === 'initiator')) this.#end(channel);
  }

  #end(channel: Channel): void {
    const wasNew = channel.state === 'new';
    if (wasNew && channel.direction === 'recipient') return;
    // A call that is given up while the telephone has another stays in the lamp as one that was answered.
    const abandoned = channel.state === 'early' && !channel.holds && this.#hasOther(channel);
    channel.state = abandoned ? 'confirmed' : 'terminated';
    this.#tell(channel);
    if (wasNew) this.#tell(channel);
  }

  #hasOther({ number }: Channel): boolean {
    return [...this.#channels.values()].some((one) => one.number === number && one.state === 'confirmed');
  }

  #tell(channel: Channel): void {
    this.#changed(channel.number, this.#bodyWith(channel));
  }

  #bodyWith({ id, number, direction, state, remote, holds }: Channel): LampBody {
    const head = `<dialog id="${id}" direction="${direction}">`;
    if (state === 'terminated') return this.#document(number, [head, '<state>terminated</state>', '</dialog>']);
    const { domain } = this.#dialect;
    const user = escapedUser(number);
    return this.#document(number, [
      head,
      `<state>${state}</state>`,
      '<local>',
      `<identity display="${xml(number)}">sip:${xml(user)}@${domain}</identity>`,
      `<target uri="sip:${xml(user)}@${domain}">`,
      `<param pname="+sip.rendering" pvalue="${holds ? 'no' : 'yes'}"/>`,
      '</target>',
      '</local>',
      '<remote>',
      `<identity display="${xml(remote.name)}">sip:${xml(escapedUser(remote.number))}@${domain}</identity>`,
      `<target uri="sip:**${xml(user)}@${domain}"/>`,
      '</remote>',
      '</dialog>',
    ]);
  }

  #document(number: string, lines: readonly string[]): LampBody {
    const entity = `sip:${escapedUser(number)}@${this.#dialect.domain}`;
    return (version) =>
      [
        '<?xml version="1.0"?>',
        `<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="${version}" state="full" entity="${xml(entity)}">`,
        ...lines,
        '</dialog-info>',
        '',
      ].join('\n');
  }
}

/** The leg that a loop was made for. */
function originOf(leg: Leg): Leg {
  let origin = leg;
  for (let hops = 0; origin.line.kind === 'local' && origin.other?.dialledBy && hops < 30; hops++)
    origin = origin.other.dialledBy;
  return origin;
}

function remoteOf({ connected }: Leg): { number: string; name: string } {
  const number = connected.withheld ? UNKNOWN : (connected.number ?? UNKNOWN);
  const name = connected.withheld ? 'Anonymous' : (connected.name ?? number);
  return { number, name };
}
