// A screen pop: when a phone rings, the address of the caller's record. Callers choose numbers and names, contact files
// choose addresses: what is put into an address is encoded, and only web addresses are opened.
import type { Party, Recognition } from 'offhook';
import { lineCallsOf } from 'offhook';
import { applyEvent, emptyState, PROTOCOL, SOCKET_PATH, type WireEvent } from 'offhook/protocol';
import { WebSocket } from 'ws';

const {
  OFFHOOK_URL = 'http://127.0.0.1:7780',
  OFFHOOK_TOKEN = '',
  SEARCH = 'https://crm.example/search?phone=',
} = process.env;

const popped = new Set<string>();
const known = emptyState();
const socket = new WebSocket(new URL(SOCKET_PATH, OFFHOOK_URL.replace(/^http/, 'ws')), [PROTOCOL], {
  headers: OFFHOOK_TOKEN === '' ? {} : { Authorization: `Bearer ${OFFHOOK_TOKEN}` },
});
socket.on('open', () => socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'subscribe' })));
socket.on('message', (data) => {
  const frame = JSON.parse(String(data));
  if ('specversion' in frame) pop(frame);
});

/** One pop per ringing connection, when the look-up has answered. */
function pop(event: WireEvent): void {
  applyEvent(known, event);
  for (const { device } of known.lines.values()) {
    for (const call of lineCallsOf(known.calls.values(), device)) {
      if (call.state !== 'alerting' || call.remoteRecognition?.status === 'pending' || popped.has(call.id)) continue;
      const url = addressFor(call.remote, call.remoteRecognition);
      if (url === undefined) continue;
      popped.add(call.id);
      console.log(`${device}: would open ${url.href}`);
    }
  }
}

/** The record of the surest hit; else a search for the number; nothing for withheld numbers. */
function addressFor(remote: Party | null, recognition: Recognition | undefined): URL | undefined {
  const record = recognition?.status === 'known' ? recognition.hits[0]?.contact.url : undefined;
  const number = remote?.e164 ?? remote?.number;
  const address = record ?? (number ? `${SEARCH}${encodeURIComponent(number)}` : undefined);
  const url = address === undefined ? null : URL.parse(address);
  return url?.protocol === 'https:' || url?.protocol === 'http:' ? url : undefined;
}
