import type { ModelEvent } from '../model/events.ts';
import type { Exchange } from '../model/exchange.ts';
import type { Leg } from '../model/leg.ts';
import type { Dialect } from './dialect.ts';
import { newHex } from './identifiers.ts';
import { type LampBody, type LampChanged, type Lamps, xml } from './lamps.ts';
import { escapedUser } from './message.ts';
import { telephoneContact } from './telephone-contact.ts';

/** How long a dialog that is over is still listed (the Expires of the last PUBLISH). */
const LINGERS_MS = 10_000;
/** The process of the proxy that published; the same in one run. */
const PROCESS = '6b03103b-3e6';

/** A call as the proxy sees it: the same for both parties. */
interface Call {
  readonly id: string;
  readonly callId: string;
  readonly tags: { readonly caller: string; readonly called: string };
}

type State = 'Trying' | 'early' | 'confirmed' | 'terminated';

/** A call in the list of one number. */
interface Entry {
  readonly call: Call;
  readonly number: string;
  readonly direction: 'initiator' | 'recipient';
  /** The other party's user part. */
  readonly remote: string;
  state: State;
  /** When it was over. */
  endedAt: number;
}

/** Kamailio's pua_dialoginfo and presence_dialoginfo: a list of all calls of a number, those that just ended included. */
export class KamailioLamps implements Lamps {
  readonly versionsAll = true;
  readonly endsWithBody = true;
  readonly firstVersion = 1;
  readonly stop: () => void;
  readonly #x: Exchange;
  readonly #dialect: Dialect;
  readonly #changed: LampChanged;
  readonly #calls = new WeakMap<Leg, Call>();
  /** The entries that a leg has, the oldest first: a party that is being transferred has two. */
  readonly #entries = new Map<Leg, Entry[]>();
  readonly #holding = new WeakSet<Leg>();
  readonly #lists = new Map<string, Entry[]>();
  #serial = 0;

  constructor(x: Exchange, dialect: Dialect, changed: LampChanged) {
    this.#x = x;
    this.#dialect = dialect;
    this.#changed = changed;
    this.stop = x.subscribe((event) => this.#on(event));
  }

  bodyOf(number: string): LampBody | undefined {
    const entries = this.#listOf(number);
    if (entries.length === 0) return undefined;
    const dialogs = entries.flatMap((entry) => this.#dialog(entry));
    const entity = this.#uri(number);
    return (version) =>
      [
        '<?xml version="1.0"?>',
        `<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="${version}" state="full" entity="${xml(entity)}">`,
        ...dialogs,
        '</dialog-info>',
        '',
      ].join('\n');
  }

  /** The Call-ID of a leg's call, which the INVITE to another device has as well. */
  callIdOf(leg: Leg): string {
    return this.#callOf(leg).callId;
  }

  #on(event: ModelEvent) {
    switch (event.type) {
      case 'legCreated':
        return this.#create(event.leg);
      case 'dialBegan':
        return event.from ? void this.#calls.set(event.to, this.#callOf(event.from)) : undefined;
      case 'legState':
        return this.#stateOf(event.leg);
      case 'dialEnded':
        return event.outcome === 'answered' && event.from ? this.#confirm(originOf(event.from)) : undefined;
      case 'blindTransfer':
        return this.#placeAnew(event.transferee, event.exten);
      case 'held':
      case 'retrieved':
        return this.#hold(event.leg, event.type === 'held');
      case 'legEnded':
        return this.#end(event.leg);
    }
  }

  #create(leg: Leg): void {
    if (leg.state === 'ring' && leg.line.kind === 'phone') this.#add(leg, 'initiator', leg.dialled, 'Trying');
  }

  /** A party that is transferred places a call of its own, and the one that it has stays until that is answered. */
  #placeAnew(leg: Leg, exten: string): void {
    this.#calls.set(leg, this.#newCall());
    if (leg.line.kind === 'phone') this.#add(leg, 'initiator', exten, 'Trying');
  }

  #stateOf(leg: Leg): void {
    if (leg.state === 'ringing') {
      if (leg.dialledBy) this.#ringback(originOf(leg.dialledBy));
      if (leg.line.kind === 'phone' && !this.#newest(leg))
        this.#add(
          leg,
          'recipient',
          leg.connected.withheld ? 'anonymous' : (leg.connected.number ?? 'anonymous'),
          'early',
        );
      return;
    }
    if (leg.state === 'up') this.#confirm(leg);
  }

  #ringback(caller: Leg): void {
    const entry = this.#newest(caller);
    if (entry?.state === 'Trying') this.#become(entry, 'early');
  }

  #confirm(leg: Leg): void {
    const entry = this.#newest(leg);
    if (!entry || entry.state === 'confirmed' || entry.state === 'terminated') return;
    this.#become(entry, 'confirmed');
    for (const older of this.#entries.get(leg) ?? []) if (older !== entry) this.#terminate(older);
  }

  #hold(leg: Leg, holds: boolean) {
    if (this.#holding.has(leg) === holds) return;
    if (holds) this.#holding.add(leg);
    else this.#holding.delete(leg);
    this.#reinvited(leg);
  }

  /** A re-INVITE and its answer both make the proxy publish what it knew. */
  #reinvited(leg: Leg): void {
    const numbers = [...(leg.bridge?.peers(leg) ?? []), leg].map((one) => this.#newest(one)?.number);
    for (let round = 0; round < 2; round++)
      for (const number of numbers) if (number !== undefined) this.#changed(number, this.bodyOf(number));
  }

  #end(leg: Leg): void {
    for (const entry of this.#entries.get(leg) ?? []) this.#terminate(entry);
    this.#entries.delete(leg);
  }

  #terminate(entry: Entry): void {
    if (entry.state === 'terminated') return;
    entry.endedAt = this.#x.clock.now();
    this.#become(entry, 'terminated');
  }

  #add(leg: Leg, direction: Entry['direction'], remote: string, state: State): void {
    const number = leg.device ?? '';
    const entry: Entry = { call: this.#callOf(leg), number, direction, remote, state, endedAt: 0 };
    this.#entries.set(leg, [...(this.#entries.get(leg) ?? []), entry]);
    this.#lists.set(number, [entry, ...this.#listOf(number)]);
    this.#changed(number, this.bodyOf(number));
  }

  #become(entry: Entry, state: State): void {
    entry.state = state;
    this.#changed(entry.number, this.bodyOf(entry.number));
  }

  #newest(leg: Leg): Entry | undefined {
    return this.#entries.get(leg)?.at(-1);
  }

  #callOf(leg: Leg): Call {
    const origin = originOf(leg);
    let call = this.#calls.get(origin);
    if (!call) {
      call = this.#newCall(origin.requestedId);
      this.#calls.set(origin, call);
    }
    return call;
  }

  /** `callId`: of the INVITE, where the client sent it. */
  #newCall(callId = newHex(16)): Call {
    return {
      id: `padi-${PROCESS}-${++this.#serial}`,
      callId,
      tags: { caller: newHex(16), called: newHex(16) },
    };
  }

  #listOf(number: string): Entry[] {
    const until = this.#x.clock.now() - LINGERS_MS;
    return (this.#lists.get(number) ?? []).filter(({ state, endedAt }) => state !== 'terminated' || endedAt > until);
  }

  #dialog({ call, number, direction, remote, state }: Entry): string[] {
    const isCaller = direction === 'initiator';
    const [own, other] = isCaller ? [call.tags.caller, call.tags.called] : [call.tags.called, call.tags.caller];
    const tags = state === 'early' ? ` local-tag="${own}" remote-tag="${other}"` : '';
    // The proxy knows the caller's address from its INVITE on, and that of the called only while it rings.
    const knowsOwn = state === 'early' || (isCaller && state !== 'Trying');
    const knowsOther = state === 'early' || !isCaller;
    return [
      `  <dialog id="${call.id}" call-id="${call.callId}"${tags} direction="${direction}">`,
      `    <state>${state}</state>`,
      ...this.#party('remote', remote, knowsOther),
      ...this.#party('local', number, knowsOwn),
      '  </dialog>',
    ];
  }

  #party(side: 'remote' | 'local', user: string, knowsAddress: boolean): string[] {
    const uri = this.#uri(user);
    return [
      `    <${side}>`,
      `      <identity>${xml(uri)}</identity>`,
      `      <target uri="${xml(knowsAddress ? telephoneContact(user) : uri)}"/>`,
      `    </${side}>`,
    ];
  }

  #uri(user: string): string {
    return user === 'anonymous'
      ? 'sip:anonymous@anonymous.invalid'
      : `sip:${escapedUser(user)}@${this.#dialect.domain}`;
  }
}

/** The leg that a loop was made for. */
function originOf(leg: Leg): Leg {
  let origin = leg;
  for (let hops = 0; origin.line.kind === 'local' && origin.other?.dialledBy && hops < 30; hops++)
    origin = origin.other.dialledBy;
  return origin;
}
