import { Observable, type Subscriber } from 'rxjs';
import { messageFromText } from '../../src/adapters/asterisk-ami/parse.ts';
import type {
  AmiAnswer,
  AmiSendOptions,
  AmiSession,
  AmiSessionEvent,
} from '../../src/adapters/asterisk-ami/session.ts';
import type { SwitchState } from './switch-oracle.ts';

/** A session that plays messages, can be cut, and answers a snapshot from a table when it is connected again. */
export class CutSession implements AmiSession {
  #subscriber: Subscriber<AmiSessionEvent> | undefined;
  #table: SwitchState = { channels: [], status: [], parked: [] };

  open(): Observable<AmiSessionEvent> {
    return new Observable((subscriber) => {
      this.#subscriber = subscriber;
      return () => {
        this.#subscriber = undefined;
      };
    });
  }

  /** Connects; the switch's table answers the snapshot. */
  connect(table: SwitchState): void {
    this.#table = table;
    this.#subscriber?.next({ type: 'connecting' });
    this.#subscriber?.next({ type: 'ready', version: '11.0.0' });
  }

  cut(): void {
    this.#subscriber?.next({ type: 'waiting', code: 'link.lost', reason: 'cut by the test', retryInMs: 500 });
  }

  play(text: string, time: number): void {
    const trimmed = text.endsWith('\r\n\r\n') ? text.slice(0, -4) : text.trimEnd();
    this.#subscriber?.next({ type: 'message', message: messageFromText(trimmed), time });
  }

  async send(action: string, _fields?: unknown, options: AmiSendOptions = {}): Promise<AmiAnswer> {
    const items = action === 'CoreShowChannels' ? this.#table.channels : action === 'Status' ? this.#table.status : [];
    const parked = action === 'ParkedCalls' ? this.#table.parked : [];
    const ok = action !== 'Getvar';
    const answer: AmiAnswer = {
      ok,
      response: messageFromText(`Response: ${ok ? 'Success' : 'Error'}\r\nAsteriskVersion: 22.10.1`),
      items: [...items, ...parked].map((text) => messageFromText(text.slice(0, -4))),
    };
    options.onAnswer?.(answer);
    return answer;
  }
}
