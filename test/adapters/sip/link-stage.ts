import type { Subscription } from 'rxjs';
import { type AccountsOptions, accountsOf } from '../../../src/adapters/sip/accounts.ts';
import { Lines, type LinesParts } from '../../../src/adapters/sip/lines.ts';
import type { SipSession } from '../../../src/adapters/sip/session.ts';
import type { SipSignal } from '../../../src/adapters/sip/signal.ts';
import { drachtioSession } from '../../../src/adapters/sip/wire.ts';
import { SimulatedClock } from '../../../src/domain/clock.ts';
import type { Logger } from '../../../src/domain/logger.ts';
import { type Heard, ScriptedDrachtio } from '../../support/drachtio-server.ts';
import { until } from '../../support/open-session.ts';

export const BODY = '<?xml version="1.0"?><dialog-info version="0" state="full" entity="sip:1001@pbx.test"/>';

/** A scripted server, a link to it, and the lines that are watched there. */
export class LinkStage {
  readonly server = new ScriptedDrachtio();
  readonly clock = new SimulatedClock(1_000_000);
  readonly signals: SipSignal[] = [];
  readonly log: string[] = [];
  lines: Lines | undefined;
  session: SipSession | undefined;
  isSettled = false;
  accounts: AccountsOptions = { domain: 'pbx.test', accounts: { '1001': { password: 'pw' } } };
  options: Partial<LinesParts> = {};
  #subscription: Subscription | undefined;
  #cseq = 1;

  async open(watched: readonly string[] = []): Promise<void> {
    await this.server.listen();
    const session = drachtioSession({ port: this.server.port, secret: 'cymru', random: () => 0, keepAliveMs: 0 });
    this.session = session;
    const write = (fields: object, message: string): void => void this.log.push(`${message} ${JSON.stringify(fields)}`);
    const logger: Logger = { debug: write, info: write, warn: write, error: write };
    const { clock } = this;
    this.#subscription = session.open({ clock, logger }).subscribe((event) => {
      if (event.type === 'ready') {
        this.lines = new Lines({
          ...{ link: 'sip-1', hostports: event.hostports, sender: session, clock, logger, random: () => 0 },
          ...{ registerSeconds: 300, subscribeSeconds: 600, rings: true },
          accounts: accountsOf(
            this.accounts,
            watched.map((device) => ({ device })),
            'cymru',
          ),
          tell: (signal) => void this.signals.push(signal),
          ...this.options,
        });
        void this.lines.start().then(() => {
          this.isSettled = true;
        });
      } else if (event.type === 'request') this.lines?.request(event.request);
      else if (event.type === 'cancel') this.lines?.cancelled(event.txnId, event.raw);
      else if (event.type === 'waiting') {
        this.lines?.stop();
        this.lines = undefined;
      }
    });
    await until(() => this.lines !== undefined, 'ready');
  }

  async close(): Promise<void> {
    this.lines?.stop();
    this.#subscription?.unsubscribe();
    await this.server.close();
  }

  /** What was told, short: `registration 1001 active`. */
  get told(): string[] {
    return this.signals.map((signal) =>
      [signal.type, signal.line, 'state' in signal ? signal.state : ''].filter((word) => word !== '').join(' '),
    );
  }

  async sent(method: string, times = 1): Promise<Heard> {
    await until(() => this.server.requests(method).length >= times, `${method} x ${times}`);
    return this.server.requests(method).at(-1)!;
  }

  async tells(what: string, times = 1): Promise<void> {
    await until(() => this.told.filter((each) => each === what).length >= times, what);
  }

  /** Waits until the next thing is due in so many milliseconds. */
  async dueIn(ms: number): Promise<void> {
    await until(() => this.clock.nextTimerAt === this.clock.now() + ms, `something due in ${ms} ms`);
  }

  /** A NOTIFY in the dialog of a SUBSCRIBE; its transaction. */
  notify(
    subscribe: Heard,
    state = 'active;expires=600',
    more: { cseq?: number; event?: string; tag?: string; body?: string } = {},
  ): string {
    const { cseq = this.#cseq++, event = 'Event: dialog', tag = 'remote', body = BODY } = more;
    const text = [
      'NOTIFY sip:x@192.0.2.9 SIP/2.0',
      `Call-ID: ${subscribe.headers['call-id']}`,
      `CSeq: ${cseq} NOTIFY`,
      `From: <sip:1001@pbx.test>;tag=${tag}`,
      'To: <sip:1001@pbx.test>;tag=local',
      event,
      `Subscription-State: ${state}`,
      ...(body === '' ? [] : ['Content-Type: application/dialog-info+xml']),
      `Content-Length: ${body.length}`,
      '',
      body,
    ].join('\r\n');
    return this.server.request(text, this.server.dialogOf(subscribe));
  }

  /** A request outside of any dialog; its transaction. */
  fresh(
    method: string,
    uri: string,
    headers: Readonly<Record<string, string>> = {},
    txnId?: string,
    body = '',
  ): string {
    const all = {
      'Call-ID': 'call-1',
      CSeq: `1 ${method}`,
      From: '<sip:0301234@pbx.test>;tag=f',
      To: `<${uri}>`,
      ...headers,
    };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
    return this.server.request([`${method} ${uri} SIP/2.0`, ...lines, '', body].join('\r\n'), '', txnId);
  }

  async answered(txnId: string, ...statuses: number[]): Promise<void> {
    await until(() => this.server.answers(txnId).length >= statuses.length, `answer to ${txnId}`);
    if (JSON.stringify(this.server.answers(txnId)) !== JSON.stringify(statuses)) {
      throw new Error(`answered ${this.server.answers(txnId)} instead of ${statuses}`);
    }
  }
}
