import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { asteriskAmi } from '../../adapters/asterisk-ami/index.ts';
import type { NativeAmiOptions } from '../../adapters/asterisk-ami/options.ts';
import { type CommandOptions, freeswitchEsl, type NativeEslOptions } from '../../adapters/freeswitch-esl/index.ts';
import type { Adapter } from '../../adapters/port.ts';
import { type AccountOptions, type DrachtioOptions, type SipOptions, sipAdapter } from '../../adapters/sip/index.ts';
import { OffhookError } from '../../domain/error.ts';
import type { LineConfig } from '../../engine/engine.ts';
import type { TokenConfig } from '../../gateway/server.ts';
import type { NumberingPlan } from '../../recognition/index.ts';
import { withDrachtioHint } from '../sip-hint.ts';
import type {
  AsteriskLinkConfig,
  Config,
  FreeswitchLinkConfig,
  LinkConfig,
  SipLinkConfig,
  TokenEntry,
} from './schema.ts';

/** Zod's optional fields may be `undefined`; the project's own may only be absent. */
type Loose<T> = { readonly [K in keyof T]?: T[K] | undefined };

function strict<T extends object>(value: Loose<T>): T {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T;
}

/** How to reach a switch, by the kind of the link. */
export type Connect =
  | { readonly type: 'asterisk-ami'; readonly connect: NativeAmiOptions }
  | { readonly type: 'freeswitch-esl'; readonly connect: NativeEslOptions }
  | { readonly type: 'sip'; readonly connect: DrachtioOptions; readonly sip: SipOptions };

/** How to reach the switch of a link whose secret is in place. */
export function connectOptions(link: LinkConfig): Connect {
  switch (link.type) {
    case 'asterisk-ami':
      return { type: link.type, connect: amiOptions(link) };
    case 'freeswitch-esl':
      return { type: link.type, connect: eslOptions(link) };
    case 'sip':
      return { type: link.type, connect: drachtioOptions(link), sip: sipOptions(link) };
  }
}

function amiOptions(link: AsteriskLinkConfig): NativeAmiOptions {
  const { host, port, username, secret = '', auth } = link;
  return strict<NativeAmiOptions>({ host, port, username, secret, auth, tls: tlsOptions(link.tls) });
}

function eslOptions(link: FreeswitchLinkConfig): NativeEslOptions {
  const { host, port, user, secret = '', format } = link;
  return strict<NativeEslOptions>({ host, port, user, secret, format, tls: tlsOptions(link.tls) });
}

function drachtioOptions(link: SipLinkConfig): DrachtioOptions {
  const { host, port, secret = '' } = link;
  return strict<DrachtioOptions>({ host, port, secret, tls: tlsOptions(link.tls) });
}

function sipOptions(link: SipLinkConfig): SipOptions {
  const { name, domain, proxy, subscriber, secondDevice, dialBy, autoAnswer, registerSeconds, subscribeSeconds } = link;
  const accounts = Object.entries(link.accounts).map(([line, { user, username, password = '', watch }]) => [
    line,
    strict<AccountOptions>({ user, username, password, watch }),
  ]);
  return strict<SipOptions>({
    ...{ link: name, connect: drachtioOptions(link), domain, proxy, subscriber, secondDevice, dialBy, autoAnswer },
    ...{ registerSeconds, subscribeSeconds, accounts: Object.fromEntries(accounts) },
  });
}

function tlsOptions(tls: LinkConfig['tls']): boolean | ConnectionOptions | undefined {
  if (typeof tls !== 'object') return tls;
  return strict<ConnectionOptions>({
    servername: tls.servername,
    ca: tls.caFile === undefined ? undefined : certificates(tls.caFile),
  });
}

function certificates(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new OffhookError('config.invalid', `The certificates ${file} cannot be read (${code}).`, {
      cause,
      field: 'tls.caFile',
      remedy: 'Check the path and who may read it.',
    });
  }
}

/** The adapter of a link. */
export function buildAdapter(link: LinkConfig): Adapter {
  switch (link.type) {
    case 'asterisk-ami':
      return buildAsterisk(link);
    case 'freeswitch-esl':
      return buildFreeswitch(link);
    case 'sip':
      return withDrachtioHint(sipAdapter(sipOptions(link)), link.port);
  }
}

function buildFreeswitch(link: FreeswitchLinkConfig): Adapter {
  const { name, context, domain, endpoints, remoteControl, parkingLot } = link;
  return freeswitchEsl({
    connect: eslOptions(link),
    ...strict<CommandOptions & { link: string }>({ link: name, context, domain, remoteControl, parkingLot }),
    ...(endpoints === undefined ? {} : addressMapping(endpoints)),
  });
}

/** What stands before the at sign is the extension, where the mapping does not say otherwise. */
function addressMapping(endpoints: NonNullable<FreeswitchLinkConfig['endpoints']>) {
  const byDevice = new Map(Object.entries(endpoints).map(([address, device]) => [device, address]));
  return {
    deviceOf: (address: string) => {
      const user = address.split('@')[0] ?? '';
      for (const key of [address, user]) if (Object.hasOwn(endpoints, key)) return endpoints[key] ?? null;
      return user === '' ? null : user;
    },
    endpointOf: (device: string) => byDevice.get(device),
  };
}

function buildAsterisk(link: AsteriskLinkConfig): Adapter {
  const { name, context, endpoints, remoteControl } = link;
  return asteriskAmi({
    connect: amiOptions(link),
    ...(name === undefined ? {} : { link: name }),
    ...(context === undefined ? {} : { context }),
    ...(remoteControl === undefined ? {} : { remoteControl }),
    ...(endpoints === undefined ? {} : endpointMapping(endpoints)),
  });
}

/** An endpoint named by digits only is taken for the extension of that number, where the mapping does not say otherwise. */
function endpointMapping(endpoints: NonNullable<AsteriskLinkConfig['endpoints']>) {
  const byDevice = new Map(Object.entries(endpoints).map(([endpoint, device]) => [device, endpoint]));
  return {
    deviceOf: (endpoint: string, resource: string) => {
      const mapped = endpoints[endpoint] ?? endpoints[resource];
      if (mapped !== undefined) return mapped;
      if (endpoint in endpoints || resource in endpoints) return null;
      return /^\d{2,6}$/.test(resource) ? resource : null;
    },
    endpointOf: (device: string) => byDevice.get(device),
  };
}

/** The lines of a configuration. */
export function buildLines(config: Config): LineConfig[] {
  return (config.lines ?? []).map((line) => strict<LineConfig>(line));
}

/** Its numbering plan, if there is one. */
export function buildPlan(config: Config): NumberingPlan | undefined {
  return config.numberingPlan as NumberingPlan | undefined;
}

/** A token of the gateway. */
export function buildToken(entry: TokenEntry): TokenConfig {
  const { name, token, tokenHash, lines, commands } = entry;
  return strict<TokenConfig>({ name, token, tokenHash, lines, commands });
}
