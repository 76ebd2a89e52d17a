import type { App } from './host.ts';
import type { SipRequest, SipResponse } from './message.ts';

/** A request of a client that the PBX is to answer. */
export interface ClientTransaction {
  readonly id: string;
  readonly app: App;
  /** As it was sent, with all that the server put in. */
  readonly request: SipRequest;
  readonly dialogId: string;
  /** A final response was passed on. */
  isOver: boolean;
  /** Any response was. */
  hasResponse: boolean;
  /** Ends the wait for a response. */
  stopWaiting: () => void;
}

/** A request of the PBX that a client is to answer. */
export interface ServerTransaction {
  readonly id: string;
  readonly app: App;
  readonly request: SipRequest;
  dialogId: string;
  /** The tag of the client's side, if the request does not bring it. */
  readonly tag: string;
  isOver: boolean;
  readonly onResponse: (response: SipResponse) => void;
}

/** What the server keeps of a dialog (RFC 3261 12), on the client's behalf. */
export interface Dialog {
  readonly id: string;
  /** Whose it is; absent after that client was lost. */
  app: App | undefined;
  readonly method: 'INVITE' | 'SUBSCRIBE';
  readonly callId: string;
  /** From of what the client sends, with its tag. */
  readonly local: string;
  /** To of what the client sends, with its tag. */
  readonly remote: string;
  /** Where requests go. */
  readonly target: string;
  readonly routes: readonly string[];
  /** CSeq of the last request of the client. */
  cseq: number;
}
