// A subscriber of a running gateway (`offhook demo`, `offhook run`): prints every line's state and every call event.
import type { WireEvent } from 'offhook/protocol';
import { applyEvent, emptyState, PROTOCOL, SOCKET_PATH } from 'offhook/protocol';
import { WebSocket } from 'ws';

const { OFFHOOK_URL = 'http://127.0.0.1:7780', OFFHOOK_TOKEN = '' } = process.env;

const known = emptyState();
const socket = new WebSocket(new URL(SOCKET_PATH, OFFHOOK_URL.replace(/^http/, 'ws')), [PROTOCOL], {
  headers: OFFHOOK_TOKEN === '' ? {} : { Authorization: `Bearer ${OFFHOOK_TOKEN}` },
});
socket.on('open', () => socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'subscribe' })));
socket.on('message', (data) => {
  const frame = JSON.parse(String(data));
  if ('specversion' in frame) show(frame);
});

function show(event: WireEvent): void {
  applyEvent(known, event);
  if (event.type === 'org.offhook.line.changed')
    console.log(`line ${event.data.line.device}: ${event.data.line.state}`);
  else console.log(`${event.type.replace('org.offhook.', '')} (${known.calls.size} calls)`);
}
