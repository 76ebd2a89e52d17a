import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** An action's fields; a list repeats the header. */
export type AmiFields = Readonly<Record<string, string | number | readonly string[]>>;

/** Headers of a message in their order; names may repeat. */
export type AmiHeaders = readonly (readonly [name: string, value: string])[];

/** Reads the headers of one message. */
export function amiHeaders(text: string): AmiHeaders {
  return text.split('\r\n').flatMap((line) => {
    if (line === '') return [];
    const colon = line.indexOf(':');
    return [colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1).trimStart()]] as const;
  });
}

const END = Buffer.from('\r\n\r\n');

/**
 * A manager connection that keeps what it got, byte for byte. It shares no code with the adapter that is tested with
 * its recordings, on purpose.
 */
export class AmiRecorder {
  /** What came, the greeting line first. */
  readonly messages: [ms: number, raw: Buffer][] = [];
  readonly sent: [ms: number, text: string][] = [];
  closed = false;
  readonly #clock: () => number;
  readonly #waiting = new Map<string, { resolve(headers: AmiHeaders): void; reject(error: Error): void }>();
  #socket: Socket | undefined;
  #rest = Buffer.alloc(0);
  #greeted = false;
  #nextId = 1;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Connects and waits for the greeting. */
  async open(port: number, host = '127.0.0.1'): Promise<this> {
    const socket = connect(port, host);
    this.#socket = socket;
    socket.setNoDelay(true);
    await once(socket, 'connect');
    socket.on('data', (data) => this.#take(data));
    socket.on('error', () => {});
    socket.on('close', () => {
      this.closed = true;
      for (const { reject } of this.#waiting.values()) reject(new Error('AMI: the connection was closed'));
    });
    await this.until('greeting', () => this.#greeted);
    return this;
  }

  async login(user: string, secret: string, more: AmiFields = {}): Promise<void> {
    const response = await this.action({ Action: 'Login', Username: user, Secret: secret, ...more });
    if (response[0]?.[1] !== 'Success') throw new Error(`AMI: login of ${user} refused`);
  }

  /** Sends an action and resolves with the headers of its response, whatever it is. */
  action(fields: AmiFields, timeoutMs = 8000): Promise<AmiHeaders> {
    const id = String(fields.ActionID ?? `rig-${this.#nextId++}`);
    const lines = Object.entries({ ...fields, ActionID: id }).flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value]).map((single) => `${name}: ${single}\r\n`),
    );
    return new Promise((resolve, reject) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(id);
      };
      const timer = setTimeout(() => {
        done();
        reject(new Error(`AMI: no response to ${fields.Action} within ${timeoutMs} ms`));
      }, timeoutMs);
      this.#waiting.set(id, {
        resolve: (headers) => {
          done();
          resolve(headers);
        },
        reject: (error) => {
          done();
          reject(error);
        },
      });
      this.write(`${lines.join('')}\r\n`);
    });
  }

  /** The output of a command of the switch's console. */
  async command(command: string): Promise<string[]> {
    const response = await this.action({ Action: 'Command', Command: command });
    return response.filter(([name]) => name === 'Output').map(([, value]) => value);
  }

  /** Sends text as it is. */
  write(text: string): void {
    this.sent.push([this.#clock(), text]);
    this.#socket?.write(text);
  }

  /** Waits for something to become true. */
  async until(what: string, condition: () => boolean, timeoutMs = 5000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!condition()) {
      if (Date.now() > deadline) throw new Error(`AMI: no ${what} within ${timeoutMs} ms`);
      await delay(5);
    }
  }

  async close(): Promise<void> {
    if (this.closed || this.#socket === undefined) return;
    this.#socket.end();
    await Promise.race([once(this.#socket, 'close'), delay(1000)]);
    this.#socket.destroy();
    this.closed = true;
  }

  #take(data: Buffer): void {
    const ms = this.#clock();
    this.#rest = Buffer.concat([this.#rest, data]);
    if (!this.#greeted) {
      const end = this.#rest.indexOf('\r\n');
      if (end < 0) return;
      this.#greeted = true;
      this.messages.push([ms, this.#rest.subarray(0, end + 2)]);
      this.#rest = this.#rest.subarray(end + 2);
    }
    for (;;) {
      const end = this.#rest.indexOf(END);
      if (end < 0) return;
      this.#message(ms, this.#rest.subarray(0, end + END.length));
      this.#rest = this.#rest.subarray(end + END.length);
    }
  }

  #message(ms: number, raw: Buffer): void {
    this.messages.push([ms, raw]);
    const text = raw.toString('utf8');
    if (!text.startsWith('Response:')) return;
    const headers = amiHeaders(text);
    const id = headers.find(([name]) => name === 'ActionID')?.[1];
    if (id !== undefined) this.#waiting.get(id)?.resolve(headers);
  }
}
