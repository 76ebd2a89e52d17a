import { merge, type Observable, Subject, tap } from 'rxjs';
import type {
  AmiAnswer,
  AmiFields,
  AmiSendOptions,
  AmiSession,
  AmiSessionContext,
  AmiSessionEvent,
} from '../adapters/asterisk-ami/index.ts';
import { OffhookError } from '../domain/error.ts';

/** A session that also sends the requests of scenarios, where `{channel:PJSIP/1001}` is that device's newest channel. */
export class NewestChannels implements AmiSession {
  readonly #session: AmiSession;
  readonly #newest = new Map<string, string>();
  /** The adapter hears the answers to requests as it hears those to its program's own actions. */
  readonly #answers = new Subject<AmiSessionEvent>();
  #context: AmiSessionContext | undefined;

  constructor(session: AmiSession) {
    this.#session = session;
  }

  open(context: AmiSessionContext): Observable<AmiSessionEvent> {
    this.#context = context;
    return merge(this.#session.open(context), this.#answers).pipe(tap((event) => this.#learn(event)));
  }

  send(action: string, fields?: AmiFields, options?: AmiSendOptions): Promise<AmiAnswer> {
    return this.#session.send(action, fields, options);
  }

  /** Sends an action; resolves with the word of its `Response`. Rejects for what is no action. */
  async request(request: unknown): Promise<string> {
    if (typeof request !== 'object' || request === null)
      throw new OffhookError('scenario.invalid', 'The engine sends actions with fields, not bytes.', {
        field: 'request',
      });
    const { Action, ...fields } = request as AmiFields;
    const filled = Object.entries(fields).map(([name, value]) => [name, this.#fill(value)]);
    const { response } = await this.send(String(Action), Object.fromEntries(filled) as AmiFields, {
      list: false,
      onAnswer: ({ response: message }) =>
        this.#answers.next({ type: 'message', message, time: this.#context?.clock.now() ?? 0 }),
    });
    return response.name;
  }

  #learn(event: AmiSessionEvent): void {
    if (event.type !== 'message' || event.message.name !== 'Newchannel') return;
    const channel = event.message.get('Channel') ?? '';
    this.#newest.set(channel.slice(0, channel.lastIndexOf('-')), channel);
  }

  #fill(value: AmiFields[string]): AmiFields[string] {
    if (Array.isArray(value)) return value.map((one) => String(this.#fill(one)));
    if (typeof value !== 'string') return value;
    return value.replace(/\{channel:([^}]+)\}/g, (whole, device: string) => this.#newest.get(device) ?? whole);
  }
}
