import type { SipMessage } from './message.ts';

/** What a session tells its server: a message of the client, after its leader was read. */
export interface AppRequest {
  /** The client's own id of the message. */
  readonly id: string;
  readonly txnId: string;
  readonly dialogId: string;
  /** Where it is to be sent, if not to where its URI leads. */
  readonly proxy: string;
  readonly message: SipMessage;
}

/** A client of the drachtio server, as the server sees it. */
export interface App {
  /** The methods of which it wants new requests, in small letters. */
  readonly routes: ReadonlySet<string>;
  readonly isOpen: boolean;
  /** Answers a message of the client: `OK`, `NOK`, `NO` and what follows. */
  answer(id: string, words: readonly string[], message?: string): void;
  /** Passes a SIP message on. `cut`: the link breaks in the middle of it. */
  pass(words: readonly string[], message: string, cut?: boolean): void;
}

/** What the sessions of a drachtio server need of their switch. */
export interface SipHost {
  /** The addresses that the server listens on for SIP, as it tells them. */
  readonly hostports: string;
  /** A message of a client. */
  fromApp(app: App, request: AppRequest): void;
  /** A client is gone. */
  gone(app: App): void;
}
