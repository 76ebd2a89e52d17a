import { createSocket, type Socket } from 'node:dgram';
import { setTimeout as delay } from 'node:timers/promises';
import type { Peer } from './sip-message.ts';

const PCMU = 0;
const TELEPHONE_EVENT = 101;
const SILENCE = Buffer.alloc(160, 0xff);

/** The little audio that a call of the rig has: silence, and digits as telephone events (RFC 4733). */
export class Audio {
  #socket: Socket | undefined;
  #sequence = Math.floor(Math.random() * 30_000);
  #time = 1000;
  readonly #source = Math.floor(Math.random() * 0xffffffff);
  #heard = '';
  readonly #heardAt = new Set<string>();

  /** The digits that came, as telephone events; other audio is dropped. */
  get heard(): string {
    return this.#heard;
  }

  /** Opens a port at the address and resolves with its number. */
  async open(host: string): Promise<number> {
    const socket = createSocket('udp4');
    this.#socket = socket;
    socket.on('message', (packet) => this.#hear(packet));
    await new Promise<void>((resolve, reject) => socket.once('error', reject).bind(0, host, resolve));
    return socket.address().port;
  }

  close(): void {
    this.#socket?.close();
    this.#socket = undefined;
  }

  /** Twenty milliseconds per packet. The switch's Answer() waits up to half a second for the first audio. */
  sendSilence(to: Peer | undefined, packets = 10): void {
    if (to === undefined) return;
    let sent = 0;
    const timer = setInterval(() => {
      this.#time = (this.#time + SILENCE.length) >>> 0;
      this.#send(to, PCMU, sent === 0, SILENCE);
      sent++;
      if (sent >= packets || this.#socket === undefined) clearInterval(timer);
    }, 20);
  }

  /** Sends one digit; resolves when it is over. */
  async sendDigit(to: Peer | undefined, digit: string, durationMs: number): Promise<void> {
    const event = '0123456789*#ABCD'.indexOf(digit);
    if (event < 0 || to === undefined) throw new Error(`cannot send the digit '${digit}'`);
    this.#time = (this.#time + 4000) >>> 0;
    const packet = (marker: boolean, end: boolean, samples: number) =>
      this.#send(to, TELEPHONE_EVENT, marker, Buffer.from([event, end ? 0x8a : 0x0a, samples >> 8, samples & 0xff]));
    const steps = Math.max(2, Math.round(durationMs / 20));
    for (let step = 1; step <= steps; step++) {
      packet(step === 1, false, step * 160);
      await delay(20);
    }
    // The end is told three times, as it must not be lost (RFC 4733 2.5.1.4).
    for (let i = 0; i < 3; i++) packet(false, true, steps * 160);
  }

  /** All packets of one digit have the same source and time stamp (RFC 4733 2.2.2). */
  #hear(packet: Buffer): void {
    if (packet.length < 16 || ((packet[1] ?? 0) & 0x7f) !== TELEPHONE_EVENT) return;
    const key = packet.toString('hex', 4, 12);
    if (this.#heardAt.has(key)) return;
    this.#heardAt.add(key);
    this.#heard += '0123456789*#ABCD'[packet[12] ?? 0] ?? '?';
  }

  #send(to: Peer, payloadType: number, marker: boolean, payload: Buffer): void {
    this.#sequence = (this.#sequence + 1) & 0xffff;
    const header = Buffer.alloc(12);
    header[0] = 0x80;
    header[1] = (marker ? 0x80 : 0) | payloadType;
    header.writeUInt16BE(this.#sequence, 2);
    header.writeUInt32BE(this.#time, 4);
    header.writeUInt32BE(this.#source, 8);
    this.#socket?.send(Buffer.concat([header, payload]), to.port, to.host);
  }
}
