import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { ERROR_CODES, type ErrorCode, OffhookError } from '../../domain/error.ts';
import {
  PROTOCOL,
  type RpcError,
  type RpcMethodName,
  type RpcParams,
  type RpcResponse,
  type RpcResult,
  SOCKET_PATH,
  type WireEvent,
} from '../../gateway/protocol.ts';

/** Where a gateway is and what opens it. */
export interface GatewayAddress {
  readonly url: string;
  readonly token?: string;
}

const CONNECT_TIMEOUT_MS = 5_000;
const MAX_FRAME_BYTES = 64 * 1024 * 1024;

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: OffhookError) => void;
}

/** A connection to a gateway: requests, answers, and the event stream. */
export class GatewayClient implements Disposable {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, Waiting>();
  readonly #closed: Promise<void>;
  #nextId = 1;
  /** Told every event after `subscribe`. */
  onEvent: (event: WireEvent) => void = () => {};

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => this.#receive(String(data)));
    socket.on('error', () => {});
    this.#closed = new Promise((resolve) => {
      socket.on('close', () => {
        for (const { reject } of this.#waiting.values()) reject(gone());
        this.#waiting.clear();
        resolve();
      });
    });
  }

  /**
   * Connects. Rejects with `gateway.unreachable`, `gateway.malformed` (no gateway is there), or the gateway's own refusal
   * (`gateway.unauthorised`...).
   */
  static async connect(address: GatewayAddress): Promise<GatewayClient> {
    const socket = new WebSocket(socketUrl(address.url), [PROTOCOL], {
      headers: address.token === undefined ? {} : { Authorization: `Bearer ${address.token}` },
      handshakeTimeout: CONNECT_TIMEOUT_MS,
      maxPayload: MAX_FRAME_BYTES,
    });
    const refused = new Promise<never>((_, reject) => {
      socket.on('unexpected-response', (_request, response) => {
        void refusalOf(response, address.url).then(reject);
      });
    });
    try {
      // The client must hear the first frame, which may come with the handshake.
      const client = new GatewayClient(socket);
      await Promise.race([once(socket, 'open'), refused]);
      return client;
    } catch (error) {
      socket.terminate();
      throw error instanceof OffhookError ? error : unreachable(address.url, error);
    } finally {
      refused.catch(() => {});
    }
  }

  /** Resolves when the connection is gone. */
  get closed(): Promise<void> {
    return this.#closed;
  }

  /** Calls a method. Rejects with the error that the gateway tells, or `gateway.unreachable` when it is gone. */
  call<M extends RpcMethodName>(method: M, params: RpcParams<M>): Promise<RpcResult<M>> {
    if (this.#socket.readyState !== WebSocket.OPEN) return Promise.reject(gone());
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.#socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    });
  }

  close(): void {
    this.#socket.close();
    // A gateway that does not answer the goodbye must not hold us up.
    this.#socket.terminate();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #receive(text: string): void {
    const frame = parse(text);
    if (frame === undefined) return;
    if ('specversion' in frame) this.onEvent(frame as unknown as WireEvent);
    else if ('jsonrpc' in frame) this.#answer(frame as unknown as RpcResponse);
  }

  #answer(response: RpcResponse): void {
    if (typeof response.id !== 'number') return;
    const waiting = this.#waiting.get(response.id);
    this.#waiting.delete(response.id);
    if ('error' in response) waiting?.reject(toldError(response.error));
    else waiting?.resolve(response.result);
  }
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const frame: unknown = JSON.parse(text);
    return typeof frame === 'object' && frame !== null ? (frame as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function socketUrl(url: string): string {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch (cause) {
    throw wrongUrl(url, cause);
  }
  const { protocol } = parsed;
  if (!['http:', 'https:', 'ws:', 'wss:'].includes(protocol)) throw wrongUrl(url);
  parsed.protocol = protocol === 'https:' || protocol === 'wss:' ? 'wss:' : 'ws:';
  parsed.pathname = `${parsed.pathname.replace(/\/$/, '')}${SOCKET_PATH}`;
  return parsed.href;
}

function wrongUrl(url: string, cause?: unknown): OffhookError {
  return new OffhookError('cli.usage', `"${url}" is not the address of a gateway.`, {
    cause,
    field: '--url',
    remedy: 'Write it as the gateway prints it: --url http://127.0.0.1:7780',
  });
}

async function refusalOf(response: IncomingMessage, url: string): Promise<OffhookError> {
  let body = '';
  for await (const chunk of response) if (body.length < 10_000) body += String(chunk);
  const problem = parse(body);
  const code = ERROR_CODES.find((known) => known === problem?.title);
  if (code === undefined) {
    return new OffhookError(
      'gateway.malformed',
      `${url} answers (${response.statusCode}), but is no offhook gateway.`,
      {
        remedy: 'Compare the address with the one that `offhook demo` or `offhook run` prints.',
      },
    );
  }
  return new OffhookError(code, sentence(String(problem?.detail ?? 'The gateway refused.')), {
    remedy:
      code === 'gateway.unauthorised' ? TOKEN_REMEDY : String(problem?.remedy ?? 'See docs/reference/gateway.md.'),
  });
}

const TOKEN_REMEDY =
  'Give the token of this gateway with --token or OFFHOOK_TOKEN; on its own machine, as the same user, none is needed.';

function unreachable(url: string, cause: unknown): OffhookError {
  const { code = 'no answer' } = cause as { code?: string };
  return new OffhookError('gateway.unreachable', `The gateway at ${url} cannot be reached (${code}).`, {
    cause,
    retryable: true,
    remedy: 'Start `offhook demo` or `offhook run`, or name another gateway with --url.',
  });
}

function gone(): OffhookError {
  return new OffhookError('gateway.unreachable', 'The gateway closed the connection.', { retryable: true });
}

function toldError({ message, data }: RpcError): OffhookError {
  const code = ERROR_CODES.find((known): known is ErrorCode => known === data.code) ?? 'command.refused';
  return new OffhookError(code, sentence(message), {
    retryable: data.retryable,
    ...(data.field === undefined ? {} : { field: data.field }),
    ...(data.remedy === undefined ? {} : { remedy: data.remedy }),
  });
}

function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
