import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import type { GatewayOptions } from '../../src/gateway/options.ts';
import {
  applyEvent,
  emptyState,
  PROTOCOL,
  type RpcMethodName,
  type RpcResponse,
  SOCKET_PATH,
  type SubscriberState,
  type WireEvent,
} from '../../src/gateway/protocol.ts';
import { createGateway, type Gateway } from '../../src/gateway/server.ts';
import { expectDocumentedEvent, expectDocumentedReply, expectDocumentedResponse } from './documents.ts';
import { FakeEngine } from './fake-engine.ts';

// biome-ignore lint/suspicious/noExplicitAny: what comes over the wire is judged by expectations, not by types.
type Loose = any;

/** A token that may all. */
export const TOKEN = 'correct-horse-battery-staple';

/** A gateway on a free port that is closed when the test ends. */
export async function open(options: Partial<GatewayOptions> = {}): Promise<Gateway> {
  const gateway = await createGateway({ engine: new FakeEngine(), ...options });
  onTestFinished(() => gateway.close());
  return gateway;
}

/** What the gateway answered to a WebSocket that it did not want. */
export interface Refusal {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly problem: { code: string; status: number };
}

/** A subscriber over a real WebSocket. Whatever it receives is held against the documents. */
export class Client {
  readonly socket: WebSocket;
  readonly events: WireEvent[] = [];
  readonly responses: RpcResponse[] = [];
  readonly state: SubscriberState = emptyState();
  readonly #methods = new Map<unknown, string>();
  readonly #waiting = new Set<() => void>();
  #nextId = 1_000;
  /** What a received frame broke, for {@link until} to throw: an exception in a listener would be lost. */
  #broken: unknown;

  constructor(gateway: Gateway, headers: Record<string, string> = {}, protocols: string[] = [PROTOCOL]) {
    const address = `${gateway.url.replace('http', 'ws')}${SOCKET_PATH}`;
    this.socket = new WebSocket(address, protocols, { headers });
    this.socket.on('error', () => {});
    this.socket.on('message', (data) => this.#onFrame(String(data)));
    this.socket.on('close', () => this.#wake());
    onTestFinished(() => this.socket.terminate());
  }

  /** Connected and ready, or an error. */
  static async connect(gateway: Gateway, headers?: Record<string, string>, protocols?: string[]): Promise<Client> {
    const client = new Client(gateway, headers, protocols);
    await once(client.socket, 'open');
    return client;
  }

  /** The answer to a method; rejects with nothing: errors are answers. */
  async call(method: RpcMethodName | (string & {}), params?: object): Promise<Loose> {
    const id = this.#nextId++;
    this.#methods.set(id, method);
    this.socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, ...(params === undefined ? {} : { params }) }));
    await this.until(() => this.responses.some((response) => response.id === id));
    return this.responses.find((response) => response.id === id) as Loose;
  }

  /** The answer to a raw frame that holds no readable id. */
  async raw(frame: string | Buffer): Promise<Loose> {
    const before = this.responses.length;
    this.socket.send(frame);
    await this.until(() => this.responses.length > before);
    return this.responses.at(-1) as Loose;
  }

  /** Resolves when it holds; looked at after every frame. */
  async until(holds: () => boolean): Promise<void> {
    for (;;) {
      if (this.#broken !== undefined) throw this.#broken;
      if (holds()) return;
      if (this.socket.readyState === WebSocket.CLOSED) throw new Error('the connection is closed');
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  #onFrame(text: string): void {
    try {
      const frame = JSON.parse(text);
      if ('specversion' in frame) this.#onEvent(frame);
      else this.#onResponse(frame);
    } catch (error) {
      this.#broken = error;
    }
    this.#wake();
  }

  #onEvent(event: WireEvent): void {
    expectDocumentedEvent(event);
    this.events.push(event);
    applyEvent(this.state, event);
  }

  #onResponse(response: RpcResponse): void {
    expectDocumentedResponse(this.#methods.get(response.id) ?? 'subscribe', response);
    this.responses.push(response);
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}

/** How the gateway refuses a WebSocket. */
export async function refusal(
  gateway: Gateway,
  headers: Record<string, string> = {},
  protocols: string[] = [PROTOCOL],
  path: string = SOCKET_PATH,
): Promise<Refusal> {
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}${path}`, protocols, { headers });
  socket.on('error', () => {});
  const [, response] = await once(socket, 'unexpected-response');
  let body = '';
  for await (const chunk of response) body += chunk;
  socket.terminate();
  return { status: response.statusCode, headers: response.headers, problem: JSON.parse(body) };
}

/** An HTTP answer, read to its end. */
export interface HttpReply {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
  readonly json: Loose;
}

/** One HTTP request with any headers, Host included. The answer is held against the OpenAPI document. */
export async function http(
  gateway: Gateway,
  method: string,
  target: string,
  { headers = {}, body }: { headers?: Record<string, string>; body?: unknown } = {},
): Promise<HttpReply> {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const request = httpRequest({
    host: '127.0.0.1',
    port: gateway.port,
    method,
    path: target,
    agent: false,
    headers: { ...(text === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
  });
  request.end(text);
  const [response] = await once(request, 'response');
  let received = '';
  for await (const chunk of response) received += chunk;
  const type = String(response.headers['content-type'] ?? '');
  const json = type.includes('json') && received !== '' ? JSON.parse(received) : undefined;
  if (type !== '' && method !== 'HEAD') {
    expectDocumentedReply(method, target.split('?')[0] ?? '', response.statusCode, type, json ?? received);
  }
  return { status: response.statusCode, headers: response.headers, text: received, json };
}

/** The header that a program sends. */
export function bearer(token: string = TOKEN): Record<string, string> {
  return { Authorization: `Bearer ${token}` };
}
