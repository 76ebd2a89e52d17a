import { OffhookError } from '../../domain/error.ts';
import { Leg } from './leg.ts';
import { emptySession, holds } from './media.ts';
import { type Dialling, destination, type OwnCall, ownPhone } from './own-call.ts';

/** How long the number may ring. Milliseconds. */
const DESTINATION_MS = 180_000;

/**
 * Click-to-dial by third-party call control (RFC 3725, flow IV): the telephone is called without media, then the number, and each
 * gets the other's session. This client stays party to the call, so that it can hold it, transfer it and hang up.
 */
export function dialByThirdParty(dialling: Dialling): OwnCall {
  return new ThirdPartyCall(dialling).start();
}

class ThirdPartyCall {
  readonly #dialling: Dialling;
  readonly #phone: Leg;
  readonly #far: Leg;
  #isOver = false;
  #isHeld = false;
  #isSentOn = false;
  /** What the other party said last of its own session. */
  #farSession = '';

  constructor(dialling: Dialling) {
    this.#dialling = dialling;
    const target = ownPhone(dialling);
    this.#phone = new Leg(
      dialling,
      { ...target, offer: emptySession(target.host, 1, 'nowhere') },
      {
        ringing: () => dialling.step({ name: 'ringing' }),
        answered: () => this.#phoneAnswered(),
        modified: (offer, answer) => this.#relay(offer, this.#far, answer, true),
        ended: (status, reason) => this.#ended(status, reason),
      },
    );
    this.#far = new Leg(dialling, destination(dialling), {
      ringing: () => dialling.step({ name: 'progress', status: 180, reason: 'Ringing' }),
      answered: (offer, acknowledge) => void this.#farAnswered(offer, acknowledge),
      modified: (offer, answer) => this.#relay(offer, this.#phone, answer, false),
      progress: (status) => {
        if (status >= 200 && status < 300) this.#left();
      },
      ended: (status, reason) => this.#ended(status, reason),
    });
  }

  start(): OwnCall {
    const { account, number, ringMs, step } = this.#dialling;
    step({ name: 'placed', destination: number });
    this.#phone.start(ringMs);
    return {
      line: account.line,
      callId: this.#phone.callId,
      hangUp: () => this.#phone.hangUp(),
      answer: () => this.#phone.event('talk'),
      hold: () => this.#hold(true),
      retrieve: () => this.#hold(false),
      transfer: (uri) => this.#transfer(uri),
    };
  }

  #phoneAnswered(): void {
    this.#dialling.step({ name: 'answered' });
    this.#far.start(DESTINATION_MS);
  }

  /** The number's offer goes to the telephone, its answer back. */
  async #farAnswered(offer: string, acknowledge: (sdp?: string) => void): Promise<void> {
    this.#farSession = offer;
    try {
      acknowledge(await this.#phone.modify(offer));
      if (!this.#isOver) this.#dialling.step({ name: 'progress', status: 200, reason: 'OK' });
    } catch (error) {
      acknowledge(this.#far.emptySession('inactive'));
      this.#ended(488, (error as Error).message);
    }
  }

  /** A side that changes its session agrees on it with the other. */
  #relay(offer: string, other: Leg, answer: (status: number, sdp?: string) => void, isPhone: boolean): void {
    if (!other.isUp || offer === '') {
      answer(other.isUp ? 488 : 491);
      return;
    }
    other.modify(offer).then(
      (sdp) => {
        answer(200, sdp);
        if (isPhone) this.#tellHold(holds(offer));
        else this.#farSession = offer;
      },
      () => answer(488),
    );
  }

  /** The telephone does it where it can, so that its display shows it; otherwise both get a session without media. */
  async #hold(isToHold: boolean): Promise<void> {
    if (this.#phone.obeys('hold') && this.#phone.obeys('talk')) {
      await this.#phone.event(isToHold ? 'hold' : 'talk');
      return;
    }
    if (isToHold) {
      await this.#far.modify(this.#far.emptySession('inactive'));
      await this.#phone.modify(this.#phone.emptySession('inactive'));
    } else {
      const session = await this.#phone.modify(renewed(this.#farSession, 2));
      await this.#far.modify(session);
    }
    this.#tellHold(isToHold);
  }

  #tellHold(isHeld: boolean): void {
    if (this.#isOver || this.#isHeld === isHeld) return;
    this.#isHeld = isHeld;
    this.#dialling.step({ name: isHeld ? 'held' : 'retrieved' });
  }

  /** The other party calls somebody else; what it reports of that, or that it leaves, ends our part. */
  async #transfer(uri: string): Promise<void> {
    if (!this.#far.isUp) throw new OffhookError('command.wrong-state', 'There is nobody to transfer yet.');
    this.#isSentOn = true;
    try {
      await this.#far.refer(uri, `<${this.#dialling.account.aor}>`);
    } catch (error) {
      this.#isSentOn = false;
      throw error;
    }
  }

  /** The other party was sent on. */
  #left(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#phone.hangUp();
    this.#far.hangUp();
    this.#dialling.step({ name: 'left' });
  }

  #ended(status: number, reason: string): void {
    if (this.#isOver) return;
    if (this.#isSentOn && status === 0) {
      this.#left();
      return;
    }
    this.#isOver = true;
    this.#phone.hangUp();
    this.#far.hangUp();
    this.#dialling.step({ name: 'ended', ...(status === 0 ? {} : { status }), reason });
  }
}

/** The same session as a newer version of it (RFC 3264 8). */
function renewed(sdp: string, by: number): string {
  return sdp.replace(
    /^(o=\S+ \S+ )(\d{1,15})(?= )/m,
    (_, before: string, version: string) => before + String(Number(version) + by),
  );
}
