// A thread with two listeners: a subscriber of the gateway, and a client of the manager interface that does nothing but
// read. Each says when it was told that a caller's call rings. Used by load.ts.
import { connect } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { WebSocket } from 'ws';
import { PROTOCOL, SOCKET_PATH } from '../src/gateway/protocol.ts';

/** What the thread is started with. */
export interface ListenerData {
  readonly port: number;
  readonly username: string;
  readonly secret: string;
  readonly url: string;
  readonly token: string;
}

/** A caller's number and when that was heard: milliseconds of the machine's monotonic clock. */
export type Heard = readonly [caller: string, at: number];

/** What the thread posts: every half second, and `ready` once. */
export interface ListenerReport {
  readonly ready: boolean;
  /** By the client that only reads, and by the subscriber. */
  readonly bare: readonly Heard[];
  readonly told: readonly Heard[];
  readonly frames: number;
}

const { port, username, secret, url, token } = workerData as ListenerData;
const CALLER = /\+4420794\d{5}/;
const now = (): number => Number(process.hrtime.bigint()) / 1e6;

let bare: Heard[] = [];
let told: Heard[] = [];
let frames = 0;

function listenBare(): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  let rest = '';
  socket.setEncoding('latin1');
  socket.write(`Action: Login\r\nUsername: ${username}\r\nSecret: ${secret}\r\nEvents: system,call,agent,dtmf\r\n\r\n`);
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('data', (chunk: string) => {
      const at = now();
      const messages = (rest + chunk).split('\r\n\r\n');
      rest = messages.pop()!;
      for (const message of messages) {
        if (message.startsWith('Event: FullyBooted')) resolve();
        if (!message.startsWith('Event: Newstate') || !message.includes('ChannelStateDesc: Ringing')) continue;
        const caller = CALLER.exec(message)?.[0];
        if (caller !== undefined) bare.push([caller, at]);
      }
    });
  });
}

function listenToGateway(): Promise<void> {
  const socket = new WebSocket(new URL(SOCKET_PATH, url.replace(/^http/, 'ws')), [PROTOCOL], {
    headers: { Authorization: `Bearer ${token}` },
    maxPayload: 2 ** 28,
  });
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('open', () => socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'subscribe', params: {} })));
    socket.on('message', (data) => {
      const at = now();
      const text = String(data);
      frames++;
      if (text.includes('"id":1,') && text.includes('"jsonrpc"')) resolve();
      if (!text.includes('"type":"org.offhook.call.delivered"')) return;
      const caller = CALLER.exec(text)?.[0];
      if (caller !== undefined) told.push([caller, at]);
    });
  });
}

function post(ready: boolean): void {
  parentPort?.postMessage({ ready, bare, told, frames } satisfies ListenerReport);
  [bare, told] = [[], []];
}

await Promise.all([listenBare(), listenToGateway()]);
post(true);
setInterval(() => post(false), 500);
