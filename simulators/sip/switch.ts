import type { Clock } from '../../src/domain/clock.ts';
import type { Conditions } from '../link/conditions.ts';
import { Hindsight } from '../link/hindsight.ts';
import type { ModelEvent } from '../model/events.ts';
import type { Leg } from '../model/leg.ts';
import { createModelPbx, type ModelPbx } from '../model/model-pbx.ts';
import type { OfficeConfig } from '../model/office.ts';
import type { Habits } from '../model/telephone.ts';
import { hold, retrieveHeld } from '../model/transfer.ts';
import type { RunningSwitch } from '../play/switch-simulator.ts';
import { type Call, type CallParts, callKeyOf } from './call.ts';
import { composeRequest, composeResponse } from './compose.ts';
import type { Dialect, ToldBinding } from './dialect.ts';
import { Digest } from './digest.ts';
import type { App } from './host.ts';
import { newHex, newTag } from './identifiers.ts';
import type { LampBody, LampChanged, Lamps } from './lamps.ts';
import { AsteriskLamps } from './lamps-asterisk.ts';
import { FreeswitchLamps } from './lamps-freeswitch.ts';
import { KamailioLamps } from './lamps-kamailio.ts';
import { type Header, headerOf, headersOf, isSipUri, type SipRequest, tagOf, uriOf, userOf } from './message.ts';
import { Notifier } from './notifier.ts';
import { Offers } from './offers.ts';
import { PlacedCalls } from './placed-calls.ts';
import { reasonOf } from './progress.ts';
import { Refers } from './refers.ts';
import { Registrar } from './registrar.ts';
import { type Delivery, DrachtioServer, type Pbx } from './server.ts';
import { telephoneContact } from './telephone-contact.ts';
import type { ClientTransaction } from './transaction.ts';

/** How long the registration of a telephone lasts yet. */
const TELEPHONE_SECONDS = 90;

/** What a switch is booted with. */
export interface BootOptions {
  readonly clock: Clock;
  readonly office: OfficeConfig;
  readonly outside: Partial<Habits>;
  readonly dialect: Dialect;
  readonly conditions: Conditions;
  /** The address that the drachtio server has for SIP. */
  readonly address: { readonly host: string; readonly port: number };
  /** The password of a number; `undefined`: there is no such user. */
  readonly passwordOf: (number: string) => string | undefined;
  /** Asterisk shows a telephone that is called during a call as ringing (`notify_early_inuse_ringing`). */
  readonly showsWaiting: boolean;
  /** Telephones behind a proxy call whom a REFER of no call names. @default true */
  readonly telephonesTakeRefer?: boolean;
  readonly apps: () => readonly App[];
  /** Lets a request of the PBX through, when it is its turn; those of one key keep their order. */
  readonly fire: (key: string, isNotify: boolean, tell: () => void) => void;
}

/** A PBX that runs behind a drachtio server: a model, and how a vendor's PBX tells it in SIP. */
export class SipSwitch implements RunningSwitch, Pbx {
  readonly model: ModelPbx;
  readonly server: DrachtioServer;
  readonly #options: BootOptions;
  readonly #digest: Digest;
  readonly #registrar: Registrar;
  readonly #lamps: Lamps;
  readonly #past: Hindsight<ReadonlyMap<string, LampBody | undefined>>;
  #stopPast = (): void => {};
  readonly #notifier: Notifier;
  readonly #offers: Offers;
  readonly #placed: PlacedCalls;
  readonly #refers: Refers;
  readonly #calls = new Map<string, Call>();
  readonly #callsOf = new Map<Leg, Call[]>();
  readonly #stop: () => void;

  constructor(options: BootOptions) {
    this.#options = options;
    const { clock, dialect, conditions, office, outside, address, apps } = options;
    this.model = createModelPbx(clock, office, { outsideHabits: outside });
    const x = this.model.exchange;
    x.forwards = 'reroute';
    x.hasTones = false;
    const skewMs = (): number => conditions.current.skewMs;
    this.server = new DrachtioServer({ clock, skewMs, ...address, peer: dialect.address, apps }, this);
    this.#digest = new Digest(clock, dialect.nonceMs);
    this.#registrar = new Registrar(clock, dialect.leastExpires);
    this.#notifier = this.#createNotifier();
    this.#lamps = this.#createLamps((number, body) => {
      this.#past.changed();
      this.#notifier.changed(number, body);
    });
    this.#past = this.#createPast();
    const parts = this.#callParts();
    this.#offers = this.#createOffers(parts);
    this.#placed = new PlacedCalls({ ...parts, add: (call) => this.#add(call) });
    this.#refers = new Refers({ ...parts, telephonesTakeRefer: options.telephonesTakeRefer ?? true });
    this.#stop = x.subscribe((event) => this.#on(event));
  }

  /** All calls end without a word. */
  halt() {
    this.#stop();
    this.#lamps.stop();
    this.#stopPast();
    this.#past.stop();
    this.server.close();
    this.model.exchange.close();
  }

  receive(transaction: ClientTransaction) {
    this.model.exchange.act(() => this.#handle(transaction), 'client');
  }

  acknowledged(): void {}

  cancelled(transaction: ClientTransaction) {
    this.model.exchange.act(() => this.#placed.cancelled(transaction), 'client');
  }

  /** Sends clients a NOTIFY that is about no call. */
  tellLamp(serial: number) {
    const { dialect, address } = this.#options;
    const uri = `sip:lamp@${address.host}:${address.port}`;
    const party = `<sip:lamp${serial % 1000}@${dialect.domain}>;tag=${newTag()}`;
    const headers: Header[] = [
      ['Event', 'message-summary'],
      ['Subscription-State', 'active;expires=3600'],
    ];
    const ids = { from: party, to: `<${uri}>`, callId: newHex(16), cseq: 1 };
    this.server.deliver(composeRequest(dialect, { method: 'NOTIFY', uri, ...ids, headers }));
  }

  #handle(transaction: ClientTransaction) {
    const { unanswered, retrySeconds } = this.#options.conditions.current;
    if (unanswered) return;
    if (retrySeconds > 0) return this.#answer(transaction, 503, [['Retry-After', String(retrySeconds)]]);
    const { request } = transaction;
    const user = this.#userOf(transaction);
    if (user === undefined) return;
    const inDialog = tagOf(headerOf(request, 'to')) !== '';
    if (!inDialog && NEED_CONTACT.includes(request.method) && !isSipUri(uriOf(headerOf(request, 'contact'))))
      return this.#answer(transaction, 400);
    const call = this.#calls.get(callKeyOf(request));
    if (request.method === 'REGISTER') return this.#register(transaction, user);
    if (request.method === 'SUBSCRIBE') return this.#notifier.subscribe(transaction);
    if (call && inDialog) return this.#inCall(transaction, call);
    if (request.method === 'INVITE') return this.#placed.place(transaction, user);
    if (request.method === 'REFER') return this.#refers.outOfDialog(transaction);
    return this.#answer(transaction, STATUS_OF[request.method] ?? 405);
  }

  /** Who sends a request: empty for those who need not say; `undefined`: it was refused. */
  #userOf(transaction: ClientTransaction): string | undefined {
    const { dialect, passwordOf } = this.#options;
    const { request } = transaction;
    const status = dialect.challengeStatus(request.method, tagOf(headerOf(request, 'to')) !== '');
    if (status === undefined) return '';
    const names =
      status === 401 ? ['authorization', 'www-authenticate'] : ['proxy-authorization', 'proxy-authenticate'];
    const authorization = headerOf(request, names[0]!);
    const { verdict, user } = this.#digest.check({ method: request.method, authorization, passwordOf });
    if (verdict === 'right') return user;
    if (verdict === 'wrong' && dialect.wrongPassword === 403) this.#answer(transaction, 403);
    else this.#challenge(transaction, status, verdict === 'stale');
    return undefined;
  }

  #challenge(transaction: ClientTransaction, status: 401 | 407, stale: boolean) {
    const { dialect } = this.#options;
    const name = status === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate';
    const reason = status === 401 ? 'Unauthorized' : 'Proxy Authentication Required';
    const headers: Header[] = [
      [name, dialect.challenge(this.#digest.nonce(), stale)],
      ...dialect.challengeHeaders(transaction.request.method),
    ];
    this.#respond(transaction, status, reason, headers);
  }

  #register(transaction: ClientTransaction, user: string) {
    const { dialect, clock, conditions } = this.#options;
    const { request } = transaction;
    const number = userOf(uriOf(headerOf(request, 'to')));
    if (number !== user) return this.#answer(transaction, 403);
    const contacts = headersOf(request, 'contact').flatMap((value) => value.split(/,\s*(?=[<"])/));
    const outcome = this.#registrar.register(number, contacts, headerOf(request, 'expires'));
    if (outcome === 'too-brief') return this.#answer(transaction, 423, [['Min-Expires', String(dialect.leastExpires)]]);
    if (outcome === 'too-many') return this.#answer(transaction, 403);
    const date = new Date(clock.now() + conditions.current.skewMs).toUTCString();
    this.#respond(transaction, 200, 'OK', dialect.registered(this.#bindingsOf(number), date));
  }

  /** The telephone of the line is registered as well. */
  #bindingsOf(number: string): ToldBinding[] {
    const isThere = this.model.exchange.devices.isRegistered(number);
    const own = isThere ? [{ uri: telephoneContact(number), seconds: TELEPHONE_SECONDS }] : [];
    return [...own, ...this.#registrar.toldOf(number)];
  }

  #inCall(transaction: ClientTransaction, call: Call) {
    const { request } = transaction;
    if (request.method === 'BYE') return call.left(transaction);
    if (request.method === 'INVITE') return call.reinvited(transaction);
    if (request.method === 'REFER') return this.#refers.inDialog(transaction, call);
    if (request.method === 'NOTIFY') return this.#eventIn(transaction, call);
    return call.answer(transaction, 200, 'OK');
  }

  /** `Event: talk` and `hold`: what a telephone that allows them does then. A back-to-back user agent passes nothing on. */
  #eventIn(transaction: ClientTransaction, call: Call) {
    const { dialect } = this.#options;
    const event = headerOf(transaction.request, 'event');
    if (dialect.name !== 'kamailio' || !['talk', 'hold'].includes(event))
      return call.answer(transaction, 489, 'Bad Event');
    call.answer(transaction, 200, 'OK', []);
    const x = this.model.exchange;
    const { peer } = call;
    if (peer && event === 'hold') return hold(x, peer);
    if (peer) return retrieveHeld(x, peer);
    const ringing = [...x.legs].find((leg) => leg.dialledBy === call.leg && leg.listener && leg.line.kind === 'phone');
    if (event === 'talk' && ringing?.line.kind === 'phone') this.#answerAt(ringing, ringing.line.number);
  }

  #answerAt(leg: Leg, number: string): void {
    const telephone = this.model.people.phone(number);
    const name = telephone.nameOf(leg);
    if (name !== undefined) telephone.answer({ leg: name });
  }

  #on(event: ModelEvent): void {
    if (event.type === 'dialBegan') this.#offers.begin(event.to);
    else if (event.type === 'legState' && event.leg.state === 'up') this.#offers.answered(event.leg);
    else if (event.type === 'legEnded') this.#legEnded(event.leg);
    else if (event.type === 'held' || event.type === 'retrieved') this.#held(event.leg, event.type === 'held');
  }

  #legEnded(leg: Leg): void {
    this.#offers.ended(leg);
    // Who placed the call hears of its end as the leg's far end.
    for (const call of this.#callsOf.get(leg) ?? []) if (!call.isCaller) call.end();
    this.#callsOf.delete(leg);
  }

  #held(leg: Leg, holds: boolean): void {
    if (this.#options.dialect.name !== 'kamailio') return;
    for (const peer of leg.bridge?.peers(leg) ?? [])
      for (const call of this.#callsOf.get(peer) ?? []) call.heldByOther(holds);
  }

  #add(call: Call): void {
    this.#calls.set(call.key, call);
    this.#callsOf.set(call.leg, [...(this.#callsOf.get(call.leg) ?? []), call]);
  }

  #createLamps(changed: LampChanged): Lamps {
    const { dialect, showsWaiting } = this.#options;
    const x = this.model.exchange;
    if (dialect.name === 'asterisk') return new AsteriskLamps(x, dialect, showsWaiting, changed);
    return dialect.name === 'freeswitch'
      ? new FreeswitchLamps(x, dialect, changed)
      : new KamailioLamps(x, dialect, changed);
  }

  #createNotifier(): Notifier {
    const { dialect, conditions } = this.#options;
    return new Notifier({
      x: this.model.exchange,
      dialect,
      lamps: () => this.#lamps,
      respond: (transaction, response) => this.server.respond(transaction, response),
      bodyAtFirst: (number) => this.#bodyAtFirst(number),
      send: (notify, onResponse) => this.#deliver(notify, { onResponse }),
      around: (answer, first) => {
        const { eventsFirst, snapshotMs } = conditions.current;
        if (eventsFirst) first();
        answer();
        if (eventsFirst) return;
        if (snapshotMs > 0) this.model.exchange.after(snapshotMs, first);
        else first();
      },
    });
  }

  #bodyAtFirst(number: string): LampBody | undefined {
    return this.#past.past ? this.#past.past.value.get(number) : this.#lamps.bodyOf(number);
  }

  /** Remembers what the lamps showed, while a fault makes that what subscribers are told at first. */
  #createPast(): Hindsight<ReadonlyMap<string, LampBody | undefined>> {
    const { clock, conditions } = this.#options;
    const numbers = [...this.model.exchange.office.extensions.keys()];
    const past = new Hindsight(clock, () => new Map(numbers.map((number) => [number, this.#lamps.bodyOf(number)])));
    const follow = (): void => (conditions.current.stale ? past.start() : past.stop());
    this.#stopPast = conditions.onChange(follow);
    follow();
    return past;
  }

  #callParts(): CallParts {
    return {
      x: this.model.exchange,
      people: () => this.model.people,
      dialect: this.#options.dialect,
      respond: (transaction, response) => this.server.respond(transaction, response),
      deliver: (request, onResponse) => this.#deliver(request, onResponse ? { onResponse } : {}),
      remove: (call) => void this.#calls.delete(call.key),
    };
  }

  #createOffers(parts: CallParts): Offers {
    const { conditions } = this.#options;
    return new Offers({
      ...parts,
      contactsOf: (number) => this.#registrar.contactsOf(number),
      offer: (invite, onResponse) => this.#deliver(invite, { onResponse, cut: conditions.current.offersCut }),
      withdraw: (invite, cancel) => this.#fire(cancel, () => this.server.withdraw(invite, cancel)),
      add: (call) => this.#add(call),
      callIdOf: (leg) => (this.#lamps instanceof KamailioLamps ? this.#lamps.callIdOf(leg) : undefined),
    });
  }

  #deliver(request: SipRequest, delivery: Delivery): void {
    this.#fire(request, () => this.server.deliver(request, delivery));
  }

  #fire(request: SipRequest, tell: () => void): void {
    this.#options.fire(headerOf(request, 'call-id'), request.method === 'NOTIFY', tell);
  }

  #answer(transaction: ClientTransaction, status: number, headers: readonly Header[] = []): void {
    const { dialect } = this.#options;
    this.#respond(transaction, status, status === 200 ? 'OK' : reasonOf(status), [...headers, ...dialect.answers]);
  }

  #respond(transaction: ClientTransaction, status: number, reason: string, headers: readonly Header[]): void {
    const { dialect } = this.#options;
    const { request } = transaction;
    const parts = { status, reason, tag: newTag(), headers };
    this.server.respond(transaction, composeResponse(dialect, request, parts));
  }
}

/** Requests after which the PBX sends some itself (RFC 3261 8.1.1.8, RFC 6665 4.1.2, RFC 3515 2.2). */
const NEED_CONTACT: readonly string[] = ['INVITE', 'SUBSCRIBE', 'REFER'];

/** What is answered to requests that are about no call. */
const STATUS_OF: Readonly<Record<string, number>> = { OPTIONS: 200, MESSAGE: 404, BYE: 481, NOTIFY: 481, INFO: 481 };
