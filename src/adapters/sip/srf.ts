import { Server, Socket } from 'node:net';
import { OffhookError } from '../../domain/error.ts';
import { headerText } from './header-values.ts';

/** The part of the package `drachtio-srf` (5.x) that is used, as it really is: its own types lack most of it. */
export interface SrfModule {
  readonly default: new () => Srf;
}

interface Srf {
  /** The connect-style application below, whose events are not put off. */
  readonly app: Emitter;
  listen(options: { readonly server: Server; readonly secret: string }): unknown;
  use(handle: (request: SrfRequest, response: SrfResponse) => void): unknown;
  request(uri: string, options: object, callback: (error: unknown, sent?: SrfRequest) => void): unknown;
  on(event: string, listener: (...args: unknown[]) => void): unknown;
}

interface Emitter {
  on(event: string, listener: (...args: unknown[]) => void): unknown;
}

interface SrfRequest {
  readonly method: string;
  readonly raw?: string;
  /** `network`, or `application` for what the server made itself. */
  readonly source: string;
  readonly stackTxnId: string;
  readonly stackDialogId: string;
  on(event: 'response', listener: (response: SrfResponse, ack: SrfAck) => void): unknown;
  on(event: 'update', listener: (request: SrfRequest, response: SrfResponse) => void): unknown;
  cancel(callback: (error: unknown) => void): void;
}

interface SrfResponse {
  readonly status: number;
  readonly raw?: string;
  readonly stackDialogId: string;
  has(header: string): boolean;
  send(status: number, reason: string | undefined, options: object, callback?: (error: unknown) => void): void;
}

type SrfAck = (options?: { readonly body?: string; readonly headers?: Headers }) => void;

/** Headers by name; a value has no line break. */
export type Headers = Readonly<Record<string, string>>;

/** A request that a client sends. */
export interface Outgoing {
  readonly method: string;
  /** In a dialog, the server puts the target. */
  readonly uri?: string;
  readonly headers: Headers;
  readonly body?: string;
  /** Where it is sent, if not to the URI. */
  readonly proxy?: string;
  /** The dialog that it belongs to. */
  readonly dialogId?: string;
  /** Answers one challenge (digest, MD5). */
  readonly auth?: { readonly username: string; readonly password: string };
}

/** What a request is answered. */
export interface Answer {
  readonly status: number;
  readonly raw: string;
  /** `''` where it belongs to no dialog. */
  readonly dialogId: string;
  /** Of a 2xx to an INVITE: must be called, once. Otherwise does nothing. */
  acknowledge(sdp?: string): void;
}

/** Who waits for the answers to a request. `final` or `failed` is called once, last. */
export interface Listening {
  provisional?(answer: Answer): void;
  final(answer: Answer): void;
  failed(error: OffhookError): void;
}

/** A request that was sent. */
export interface Sent {
  /** Takes an INVITE back (CANCEL), as soon as that is possible. Its `final` still comes. */
  cancel(): void;
}

/** A request that came. */
export interface Incoming {
  readonly method: string;
  readonly raw: string;
  readonly txnId: string;
  /** `''`: outside of a dialog that the server knows. */
  readonly dialogId: string;
  /** Answers it. A second final answer, and any to what the server made itself, is dropped. */
  respond(status: number, headers?: Headers, body?: string): void;
}

/** What an agent tells. All of it within the `feed` that brought it. */
export interface AgentEvents {
  /** The server took the secret. `hostports`: where it has SIP, `tcp/192.0.2.1:5060`. */
  readonly accepted: (hostports: readonly string[], version: string) => void;
  readonly refused: () => void;
  readonly request: (request: Incoming) => void;
  /** The library sends bytes. */
  readonly write: (bytes: Buffer) => void;
  /** The library gives the connection up. */
  readonly broken: (reason: string) => void;
}

/** Whether the library can read a message: it prints what it cannot. */
export function isReadable(message: string): boolean {
  const [start = '', ...headers] = message.split('\r\n\r\n', 1)[0]!.split(/\r\n(?![ \t])/);
  if (!/^(?:SIP\/\d+\.\d+\s+\d+|[\w\-.!%*_+`'~]+\s\S+\sSIP\s*\/\s*\d+\.\d+)/.test(start)) return false;
  return headers.every((header) => /^\S*?\s*:/.test(header));
}

/** Loads the package. Rejects with `link.library-missing`. */
export async function loadSrf(): Promise<SrfModule> {
  try {
    return (await import('drachtio-srf')) as unknown as SrfModule;
  } catch (cause) {
    throw new OffhookError('link.library-missing', 'the package drachtio-srf, which SIP needs, is not installed', {
      cause,
      remedy: 'npm install drachtio-srf@5',
    });
  }
}

/**
 * drachtio-srf for one connection. The library gets no socket of its own but a {@link Port}, as if the server had connected to it:
 * so it never reconnects, never pings and cannot throw into the reading of a socket, all of which its owner does. Requests and
 * dialogs are told apart here by transaction and by Call-ID; the library's own dialogs are not used.
 */
export class SrfAgent {
  readonly #srf: Srf;
  readonly #port: Port;
  readonly #events: AgentEvents;

  constructor({ default: SrfClass }: SrfModule, secret: string, events: AgentEvents) {
    this.#events = events;
    this.#srf = new SrfClass();
    this.#port = new Port(events);
    // Without a listener an `error` would be thrown.
    this.#srf.on('error', () => {});
    this.#srf.app.on('connect', (error, hostports, version) => {
      if (error) events.refused();
      else events.accepted(String(hostports).split(','), String(version));
    });
    this.#srf.use((request, response) => this.#incoming(request, response));
    const server = new Server();
    this.#srf.listen({ server, secret });
    server.emit('connection', this.#port);
  }

  /** One whole frame of the server, which was looked at. */
  feed(frame: Buffer): void {
    this.#port.emit('data', frame);
  }

  /** Throws `command.invalid-argument` where a header could be read as two. */
  send(request: Outgoing, listening: Listening): Sent {
    const { method, uri = 'sip:placeholder', headers, body, proxy, dialogId, auth } = request;
    let sent: SrfRequest | undefined;
    let isCancelled = false;
    // On a connection that is gone, the library throws.
    const cancel = (): void => attempt(() => sent?.cancel(() => {}));
    const options = {
      method,
      headers: checked(headers),
      ...(body === undefined ? {} : { body }),
      ...(proxy === undefined ? {} : { proxy: headerText(proxy) }),
      ...(dialogId === undefined ? {} : { stackDialogId: dialogId }),
      ...(auth === undefined ? {} : { auth }),
    };
    this.#srf.request(headerText(uri), options, (error, request) => {
      if (request === undefined) {
        listening.failed(unsent(method, error));
        return;
      }
      sent = request;
      request.on('response', (response, ack) => answered(response, ack, listening));
      // An UPDATE before the answer (RFC 3311) offers what was offered.
      request.on('update', (_, response) => response.send(200, undefined, body === undefined ? {} : { body }));
      if (isCancelled) cancel();
    });
    return {
      cancel() {
        isCancelled = true;
        cancel();
      },
    };
  }

  /** Drops everything; nobody is told. */
  close(): void {
    this.#port.destroy();
  }

  #incoming(request: SrfRequest, response: SrfResponse): void {
    const isOwn = request.source !== 'network' || request.method === 'ACK';
    this.#events.request({
      method: request.method,
      raw: request.raw ?? '',
      txnId: request.stackTxnId,
      dialogId: request.stackDialogId,
      respond(status, headers = {}, body) {
        if (isOwn) return;
        const options = { headers: checked(headers), ...(body === undefined ? {} : { body }) };
        attempt(() => response.send(status, undefined, options));
      },
    });
  }
}

function answered(response: SrfResponse, ack: SrfAck, listening: Listening): void {
  const { status, raw = '', stackDialogId: dialogId = '' } = response;
  if (status < 200) {
    // Reliable (RFC 3262): acknowledged by a PRACK.
    if (response.has('RSeq')) ack();
    listening.provisional?.({ status, raw, dialogId, acknowledge: () => {} });
    return;
  }
  // Of anything but a 2xx the server acknowledges itself; of another method there is nothing to acknowledge.
  const acknowledge = (sdp?: string): void => ack(sdp === undefined ? {} : { body: sdp });
  listening.final({ status, raw, dialogId, acknowledge });
}

/** Why a request was not sent. The server's answer may be a string, and an error may have a code. */
function unsent(method: string, error: unknown): OffhookError {
  const text = error instanceof Error ? error.message : String(error);
  return new OffhookError('command.refused', `${method}: drachtio-server did not send it: ${text}`, { cause: error });
}

/** What cannot be done on a connection that is gone is not done. */
function attempt(act: () => void): void {
  try {
    act();
  } catch {
    // Its owner is told why it is gone.
  }
}

/** A copy, which the library may change. */
function checked(headers: Headers): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, headerText(value)]));
}

/** What the library takes for its socket. */
class Port extends Socket {
  readonly #events: AgentEvents;

  constructor(events: AgentEvents) {
    super();
    this.#events = events;
  }

  override write(bytes: unknown): boolean {
    this.#events.write(Buffer.from(bytes as string));
    return true;
  }

  /** The library ends a connection that it does not understand. */
  override end(): this {
    this.#events.broken('drachtio-srf did not understand what the server sent');
    return this;
  }
}
