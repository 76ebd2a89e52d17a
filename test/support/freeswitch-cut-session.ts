import { Observable, type Subscriber } from 'rxjs';
import { EslDecoder } from '../../src/adapters/freeswitch-esl/framing.ts';
import type { EslAnswer, EslSession, EslSessionEvent } from '../../src/adapters/freeswitch-esl/session.ts';
import type { FreeswitchState } from './freeswitch-oracle.ts';

/** A session that plays bytes, can be cut, and answers questions from a table when it is connected again. */
export class FreeswitchCutSession implements EslSession {
  coreUuid = 'core-1';
  /** The table that answers. */
  table: FreeswitchState = { rows: [], dumps: new Map() };
  readonly asked: string[] = [];
  #subscriber: Subscriber<EslSessionEvent> | undefined;
  #decoder = new EslDecoder();

  open(): Observable<EslSessionEvent> {
    return new Observable((subscriber) => {
      this.#subscriber = subscriber;
      return () => {
        this.#subscriber = undefined;
      };
    });
  }

  connect(table: FreeswitchState): void {
    this.table = table;
    this.#decoder = new EslDecoder();
    this.#subscriber?.next({ type: 'connecting' });
    this.#subscriber?.next({ type: 'ready' });
  }

  cut(): void {
    this.#subscriber?.next({ type: 'waiting', code: 'link.lost', reason: 'cut by the test', retryInMs: 500 });
  }

  play(bytes: Uint8Array, time: number): void {
    for (const { event } of this.#decoder.push(bytes)) {
      if (event !== undefined) this.#subscriber?.next({ type: 'event', event, time });
    }
  }

  async api(command: string, args = ''): Promise<EslAnswer> {
    this.asked.push(`${command} ${args}`.trim());
    const text = this.answer(command, args);
    return { ok: !text.startsWith('-'), text, coreUuid: this.coreUuid };
  }

  /** What the switch prints. */
  answer(command: string, args: string): string {
    const { rows, dumps } = this.table;
    const [uuid = ''] = args.split(' ');
    if (command === 'version') return 'FreeSWITCH Version 1.10.12-release~64bit ( 64bit)\n';
    if (command === 'show' && args === 'channels as json') return listOf(rows);
    if (command === 'show') return '{"row_count":0}';
    if (command === 'uuid_exists') return String(dumps.has(uuid));
    if (command === 'uuid_dump') return dumps.get(uuid) ?? '-ERR No such channel!\n';
    return '-ERR no reply\n';
  }
}

function listOf(rows: readonly object[]): string {
  return JSON.stringify(rows.length === 0 ? { row_count: 0 } : { row_count: rows.length, rows });
}
