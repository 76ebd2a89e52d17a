import { createHmac } from 'node:crypto';
import type { DeviceId, MonitoredDevice } from '../../domain/device.ts';
import { credentialSchema, hostSchema, proxySchema, sipUri, userSchema } from './header-values.ts';
import { invalid } from './options.ts';

/** How a line is watched: by a device of ours that is called with the telephone, by dialog-info (RFC 4235), or by both. */
export type WatchMode = 'both' | 'second-device' | 'dialog-info';

/** The SIP account of a line. */
export interface AccountOptions {
  /** The user part of its address. Default: the device number. */
  readonly user?: string;
  /** The name for digest. Default: `user`. */
  readonly username?: string;
  readonly password: string;
  /** Default: both. */
  readonly watch?: WatchMode;
}

/** Who we are to the PBX. */
export interface AccountsOptions {
  /** The SIP domain of the users: `pbx.example.org`. */
  readonly domain: string;
  /** Where requests are sent, if not to the domain: `sip:192.0.2.1:5060;transport=tcp`. */
  readonly proxy?: string;
  /**
   * The accounts of the lines, by device number. A line that has one is watched as its `watch` says; any other by dialog-info
   * alone, with the account of `subscriber`.
   */
  readonly accounts: Readonly<Record<DeviceId, AccountOptions>>;
  /** Whose account subscribes to lines that have none of their own. Default: the first of `accounts`. */
  readonly subscriber?: DeviceId;
}

/** One line, and as whom it is watched. */
export interface Account {
  readonly line: DeviceId;
  /** The line's own address (AoR): `sip:1001@pbx.example.org`. */
  readonly aor: string;
  /** `sip:pbx.example.org`: where it registers. */
  readonly registrar: string;
  readonly domain: string;
  readonly proxy: string | undefined;
  readonly auth: { readonly username: string; readonly password: string };
  /** As whom it is subscribed to. */
  readonly subscriberAor: string;
  readonly registers: boolean;
  readonly subscribes: boolean;
  /** True: calls can be placed as this line. */
  readonly isOwn: boolean;
  /** The user part of the Contact: nobody can guess it, and it is the same after a restart. */
  readonly contactUser: string;
}

/** Checks the options. Throws `config.invalid`, which names the field. */
export function checkAccounts({ domain, proxy, accounts, subscriber }: AccountsOptions): void {
  if (!hostSchema.safeParse(domain).success) throw invalid('domain', 'must be a host, such as pbx.example.org');
  if (proxy !== undefined && !proxySchema.safeParse(proxy).success) {
    throw invalid('proxy', 'must be a SIP URI without a user, such as sip:pbx.example.org:5060;transport=tcp');
  }
  const all = Object.entries(accounts);
  if (all.length === 0) throw invalid('accounts', 'needs the account of at least one line');
  if (subscriber !== undefined && !Object.hasOwn(accounts, subscriber)) throw invalid('subscriber', 'has no account');
  for (const [line, { user = line, username = user, password }] of all) {
    const field = `accounts.${line}`;
    if (!userSchema.safeParse(user).success)
      throw invalid(`${field}.user`, 'must be letters, digits and _ . - + * # ! ~');
    if (!credentialSchema.safeParse(username).success)
      throw invalid(`${field}.username`, 'must be on one line, without quotes');
    if (!credentialSchema.safeParse(password).success)
      throw invalid(`${field}.password`, 'must be on one line, without quotes');
  }
}

/**
 * The lines that are watched: those that are configured, or else all that have an account. One whose name cannot stand in a SIP
 * address is left out. `secret`: of the server.
 */
export function accountsOf(options: AccountsOptions, lines: readonly MonitoredDevice[], secret: string): Account[] {
  const devices = lines.length > 0 ? lines : Object.keys(options.accounts).map((device) => ({ device }));
  return devices.flatMap((line) => accountOf(options, line, secret) ?? []);
}

function accountOf(
  options: AccountsOptions,
  { device: line, endpoint }: MonitoredDevice,
  secret: string,
): Account | undefined {
  const { domain, proxy, accounts } = options;
  const own = Object.hasOwn(accounts, line) ? accounts[line] : undefined;
  const subscriber = options.subscriber ?? Object.keys(accounts)[0] ?? line;
  const account = own ?? accounts[subscriber]!;
  const user = own?.user ?? endpoint?.replace(/^sips?:|@.*$/g, '') ?? line;
  if (!userSchema.safeParse(user).success) return undefined;
  const subscriberUser = own === undefined ? (account.user ?? subscriber) : user;
  const watch = own === undefined ? 'dialog-info' : (own.watch ?? 'both');
  const key = `${secret}\n${account.password}`;
  return {
    line,
    aor: sipUri(user, domain),
    registrar: `sip:${domain}`,
    domain,
    proxy,
    auth: { username: account.username ?? subscriberUser, password: account.password },
    subscriberAor: sipUri(subscriberUser, domain),
    registers: watch !== 'dialog-info',
    subscribes: watch !== 'second-device',
    isOwn: own !== undefined,
    contactUser: `oh${createHmac('sha256', key).update(line).digest('hex').slice(0, 16)}`,
  };
}

/** Where the server is reached by the PBX: of its addresses that of the transport in use. */
export function contactHost(
  hostports: readonly string[],
  proxy: string | undefined,
): { host: string; transport: string } {
  const transport = /;transport=(\w+)/i.exec(proxy ?? '')?.[1]?.toLowerCase() ?? 'udp';
  const of = (wanted: string): string | undefined =>
    hostports.find((each) => each.startsWith(`${wanted}/`))?.slice(wanted.length + 1);
  const host = of(transport) ?? hostports[0]?.replace(/^\w+\//, '') ?? 'localhost';
  return { host, transport };
}

/** The Contact of a line's own requests. */
export function contactOf(user: string, hostports: readonly string[], proxy: string | undefined): string {
  const { host, transport } = contactHost(hostports, proxy);
  return `sip:${user}@${host}${transport === 'udp' ? '' : `;transport=${transport}`}`;
}
