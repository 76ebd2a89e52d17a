import { type Account, accountsOf, contactOf } from '../../adapters/sip/accounts.ts';
import { ask, type Reply } from '../../adapters/sip/ask.ts';
import { nameAddr } from '../../adapters/sip/header-values.ts';
import type { SipOptions } from '../../adapters/sip/index.ts';
import { Lines } from '../../adapters/sip/lines.ts';
import type { SipSession } from '../../adapters/sip/session.ts';
import { drachtioSession } from '../../adapters/sip/wire.ts';
import { type ErrorCode, OffhookError } from '../../domain/error.ts';
import { silentLogger } from '../../domain/logger.ts';
import type { CliIo } from '../io.ts';
import { drachtioHint } from '../sip-hint.ts';
import { sanitise } from '../view/text.ts';
import { type Check, fail, ok, skip, warn } from './report.ts';

const REQUEST_TIMEOUT_MS = 5_000;

interface ConfiguredLine {
  readonly device: string;
  readonly endpoint?: string | undefined;
}

/** All checks of a link to a SIP PBX, as far as the link lets them come. Rejects where it is interrupted. */
export async function examineSip(options: SipOptions, lines: readonly ConfiguredLine[], io: CliIo): Promise<Check[]> {
  const { connect } = options;
  const where = `${connect.host ?? '127.0.0.1'}:${connect.port ?? 9022}`;
  const session = drachtioSession({ requestTimeoutMs: REQUEST_TIMEOUT_MS, ...connect });
  const accounts = accountsOf(
    options,
    lines.map(({ device, endpoint }) => ({ device, ...(endpoint === undefined ? {} : { endpoint }) })),
    connect.secret,
  );
  const examination = new Examination(session, accounts, io);
  try {
    const failure = await examination.connect();
    if (failure !== undefined) return failedEarly(where, failure, examination.greeted);
    return [
      ok('reachable', `${where} is reachable.`),
      ok('greeting', `A drachtio-server answers (${sanitise(examination.version)}).`),
      ok('login', 'Its secret is right.'),
      ...(await examination.checkOptions()),
      ...(await examination.checkLines()),
    ];
  } finally {
    examination.close();
  }
}

interface Failure {
  readonly code: ErrorCode;
  readonly reason: string;
}

class Examination {
  readonly #session: SipSession;
  readonly #accounts: readonly Account[];
  readonly #io: CliIo;
  readonly #active = new Set<string>();
  #lines: Lines | undefined;
  #hostports: readonly string[] = [];
  #close: () => void = () => {};
  version = '';
  greeted = false;

  constructor(session: SipSession, accounts: readonly Account[], io: CliIo) {
    this.#session = session;
    this.#accounts = accounts;
    this.#io = io;
  }

  connect(): Promise<Failure | undefined> {
    const { clock, stop } = this.#io;
    return new Promise((resolve, reject) => {
      const subscription = this.#session.open({ clock, logger: silentLogger }).subscribe((event) => {
        if (event.type === 'authenticating') this.greeted = true;
        else if (event.type === 'waiting' || event.type === 'refused') resolve(event);
        else if (event.type === 'request') this.#lines?.request(event.request);
        else if (event.type === 'ready') {
          this.version = event.version;
          this.#hostports = event.hostports;
          resolve(undefined);
        }
      });
      this.#close = () => subscription.unsubscribe();
      stop.addEventListener('abort', () => reject(new OffhookError('link.stopped', 'Interrupted.')), { once: true });
    });
  }

  close(): void {
    this.#lines?.stop();
    this.#close();
  }

  /** What the PBX says that it takes. A proxy without the answer may be a good one. */
  async checkOptions(): Promise<Check[]> {
    const [account] = this.#accounts;
    if (account === undefined) return [];
    const { registrar, proxy, auth, subscriberAor } = account;
    const contact = nameAddr(contactOf(account.contactUser, this.#hostports, proxy));
    const headers = { From: nameAddr(subscriberAor), To: nameAddr(registrar), Contact: contact };
    const request = { method: 'OPTIONS', uri: registrar, headers, auth, ...(proxy === undefined ? {} : { proxy }) };
    const reply = await ask(this.#session, request).catch((error: OffhookError) => error);
    if (reply instanceof OffhookError) {
      const remedy =
        'Check domain and proxy, the firewall, and that drachtio-server offers the transport of the proxy.';
      return [fail('pbx', `The PBX does not answer: ${sanitise(reply.message)}.`, remedy, reply.code)];
    }
    return [
      ok(
        'pbx',
        `The PBX answers: ${sanitise(reply.header('server') ?? reply.header('user-agent') ?? 'it does not say what it is')}.`,
      ),
      offers(reply, 'REFER', 'allow', 'click-to-dial by self-invite'),
      offers(reply, 'dialog', 'allow-events', 'dialog-info'),
    ];
  }

  /** Registers and subscribes as the adapter would, and says what came of it. */
  async checkLines(): Promise<Check[]> {
    const { clock } = this.#io;
    const reasons = new Map<string, string>();
    const lines = new Lines({
      ...{ link: 'doctor', accounts: this.#accounts, hostports: this.#hostports, sender: this.#session, clock },
      logger: {
        ...silentLogger,
        warn: (fields, message) => void reasons.set(`${message}`, String(fields['code'] ?? '')),
      },
      ...{ random: () => 0, registerSeconds: 60, subscribeSeconds: 60, rings: false },
      tell: (signal) => {
        if ('state' in signal && signal.state === 'active') this.#active.add(`${signal.type} ${signal.line}`);
      },
    });
    this.#lines = lines;
    await lines.start();
    return this.#accounts.flatMap((account) => this.#checkLine(account, [...reasons.keys()]));
  }

  #checkLine({ line, registers, subscribes }: Account, reasons: readonly string[]): Check[] {
    const kinds = [...(registers ? ['registration'] : []), ...(subscribes ? ['subscription'] : [])];
    const seen = kinds.filter((kind) => this.#active.has(`${kind} ${line}`));
    return kinds.map((kind) => {
      if (seen.includes(kind)) return ok(`${kind}-${line}`, `Line ${line}: ${DONE[kind]}.`);
      const reason = reasons.find((each) => each.startsWith(`the ${kind} of line ${line} failed`));
      const said = `${sanitise(reason ?? `the ${kind} of line ${line} was not answered in time`)}.`;
      const message = said.charAt(0).toUpperCase() + said.slice(1);
      const remedy = kind === 'registration' ? REGISTER : SUBSCRIBE;
      const code: ErrorCode = kind === 'registration' ? 'link.registration-refused' : 'link.subscription-refused';
      return seen.length > 0
        ? warn(`${kind}-${line}`, message, remedy)
        : fail(`${kind}-${line}`, message, remedy, code);
    });
  }
}

const DONE: Readonly<Record<string, string>> = {
  registration: 'a second device can be registered',
  subscription: 'its dialogs are told (dialog-info)',
};

const REGISTER =
  'Compare user and password with the PBX; allow a second device (Asterisk: max_contacts; FreeSWITCH: multiple-registrations=contact).';
const SUBSCRIBE =
  'Asterisk: a hint for the number; FreeSWITCH: manage-presence; Kamailio: presence_dialoginfo. Or watch: second-device.';

/** Whether a header of the answer names something; a PBX that names nothing may offer it all the same. */
function offers(reply: Reply, name: string, header: string, use: string): Check {
  const values = (reply.message?.all(header) ?? [])
    .join(',')
    .split(',')
    .map((each) => each.trim().toLowerCase());
  const check = `offers-${name.toLowerCase()}`;
  if (values.includes(name.toLowerCase())) return ok(check, `It offers ${name} (${use}).`);
  if (values.join('') === '') return skip(check, `It does not say whether it offers ${name} (${use}).`);
  return warn(
    check,
    `It does not name ${name} among what it offers (${use}).`,
    'It may work all the same: see below, and try it.',
  );
}

function failedEarly(where: string, { code, reason }: Failure, greeted: boolean): Check[] {
  const said = `${sanitise(reason.charAt(0).toUpperCase() + reason.slice(1))}.`;
  if (code === 'link.library-missing') return [fail('library', said, 'npm install drachtio-srf@5', code)];
  if (!greeted) return [fail('reachable', said, drachtioHint(Number(where.split(':').at(-1))), code)];
  const known = ok('reachable', `${where} is reachable.`);
  if (code === 'link.auth-refused') {
    return [
      known,
      fail('login', said, 'Compare the secret with that of drachtio-server (--secret, drachtio.conf.xml).', code),
    ];
  }
  return [known, fail('greeting', said, 'Give the admin port of drachtio-server: 9022.', code)];
}
