import type { Fault } from '../scenario/fault.ts';

/** Something in which things can be made wrong: every simulated switch. */
export interface FaultySwitch {
  /**
   * Makes something wrong, at once; returns how to make it right again, which is harmless twice. A restart and a burst end
   * by themselves. Throws `RangeError` for a fault with a number that cannot be.
   */
  apply(fault: Fault): () => void;
}

/** What the bytes of one connection have come to. */
export interface LinkTraffic {
  /** The client's port. */
  readonly remotePort: number;
  /**
   * Bytes given to the socket, those included that are given to it in the next turns of the event loop: when a client in
   * this process has read as many, nothing is on its way.
   */
  readonly written: number;
  /** Bytes read from the socket. */
  readonly read: number;
  /** Bytes, in both directions, that a fault holds back until the clock moves on or the fault ends. */
  readonly held: number;
}
