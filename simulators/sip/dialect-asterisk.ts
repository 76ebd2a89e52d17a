import { randomUUID } from 'node:crypto';
import type { Identity } from '../model/leg.ts';
import type { Dialect } from './dialect.ts';
import { newHex } from './identifiers.ts';
import { escapedUser, type Header, quoted } from './message.ts';
import { type SdpParts, sdpOf } from './sdp.ts';

const HOST = '127.0.0.1';
const PORT = 5160;
const CONTACT: Header = ['Contact', `<sip:${HOST}:${PORT}>`];
const SERVER: Header = ['Server', 'Asterisk PBX'];
const AGENT: readonly Header[] = [
  ['Max-Forwards', '70'],
  ['User-Agent', 'Asterisk PBX'],
];
const ALLOW_CALL: Header = [
  'Allow',
  'OPTIONS, REGISTER, SUBSCRIBE, NOTIFY, PUBLISH, INVITE, ACK, BYE, CANCEL, UPDATE, MESSAGE, INFO, REFER',
];
const ALLOW: Header = [
  'Allow',
  'OPTIONS, REGISTER, SUBSCRIBE, NOTIFY, PUBLISH, INVITE, ACK, BYE, CANCEL, UPDATE, PRACK, MESSAGE, INFO, REFER',
];
const EVENTS: Header = ['Allow-Events', 'message-summary, presence, dialog, refer'];
const SUPPORTED: Header = ['Supported', '100rel, timer, replaces, norefersub'];
const SDP: Header = ['Content-Type', 'application/sdp'];

const media: Omit<SdpParts, 'owner'> = {
  name: 'Asterisk',
  host: HOST,
  port: 15_082,
  formats: '0 101',
  attributes: ['rtpmap:0 PCMU/8000', 'rtpmap:101 telephone-event/8000', 'fmtp:101 0-16', 'ptime:20', 'maxptime:140'],
  direction: 'sendrecv',
};

/** Who is called or calls, as a name-addr (RFC 3261 25.1). */
function addressOf({ number, name, withheld }: Identity): string {
  if (number === null || withheld) return '"Anonymous" <sip:anonymous@anonymous.invalid>';
  const uri = `<sip:${escapedUser(number)}@${HOST}>`;
  return name === null ? uri : `${quoted(name)} ${uri}`;
}

/** The identity in its own header, which withheld numbers have as well (RFC 3325). */
function asserted(identity: Identity): Header[] {
  if (identity.number === null || identity.withheld) return [];
  return [['P-Asserted-Identity', addressOf(identity)]];
}

/** Asterisk 22.10 with PJSIP: a back-to-back user agent whose lamps are pseudo dialogs of a device's state. */
export const asteriskDialect: Dialect = {
  name: 'asterisk',
  address: { host: HOST, port: PORT },
  domain: HOST,
  challenge: (nonce, stale) =>
    `Digest realm="asterisk",nonce="${nonce}",opaque="${newHex(16)}",${stale ? 'stale=true,' : ''}algorithm=MD5,qop="auth"`,
  challengeStatus: (_, inDialog) => (inDialog ? undefined : 401),
  challengeHeaders: () => [SERVER],
  wrongPassword: 401,
  nonceMs: 32_000,
  leastExpires: 60,
  // A port in From and To is no part of an address of record (RFC 3261 19.1.1, table 1).
  party: (value) => value.replace(/(<sips?:[^>]*?):\d+(?=[>;])/, '$1'),
  length: (bytes) => (bytes === 0 ? ' 0' : String(bytes).padStart(5)),
  via: () => `SIP/2.0/UDP ${HOST}:${PORT};rport=${PORT};branch=z9hG4bKPj${randomUUID()}`,
  answers: [SERVER],
  callAnswers: [SERVER],
  reinviteAnswers: (headers) => headers,
  reinviteHeaders: () => [CONTACT, ...AGENT, SDP],
  registered: (bindings, date) => [
    ['Date', date],
    ...bindings.map(({ uri, seconds }): Header => ['Contact', `<${uri}>;expires=${Math.max(0, seconds - 1)}`]),
    SERVER,
  ],
  subscribed: (_, expires) => ({
    status: 200,
    reason: 'OK',
    headers: [['Expires', String(expires)], CONTACT, ALLOW, SUPPORTED, SERVER],
  }),
  notify: ({ state, hasBody }) => [
    CONTACT,
    ['Event', 'dialog'],
    ['Subscription-State', state],
    EVENTS,
    ...AGENT,
    ...(hasBody ? [['Content-Type', 'application/dialog-info+xml'] as const] : []),
  ],
  invite: ({ caller, tag }) => ({
    from: `${addressOf(caller)};tag=${tag}`,
    to: (contact) => `<${contact.replace(/:\d+$/, '')}>`,
    headers: [
      ['Contact', `<sip:asterisk@${HOST}:${PORT}>`],
      ALLOW_CALL,
      ['Supported', 'replaces, norefersub, histinfo'],
      ...asserted(caller),
      ...(caller.withheld ? [['Privacy', 'id'] as const] : []),
      ...AGENT,
      SDP,
    ],
    body: sdpOf({ ...media, owner: '- 165856837 165856837' }),
  }),
  cancelReasons(reason, cause) {
    if (reason === 'elsewhere') return ['SIP;cause=200;text="Call completed elsewhere"', 'Q.850;cause=26'];
    return cause === 0 ? [] : [`Q.850;cause=${cause}`];
  },
  cancelHeaders: (reasons) => [...reasons.map((reason): Header => ['Reason', reason]), ...AGENT],
  byeHeaders: () => [['Reason', 'Q.850;cause=16'], ...AGENT],
  ackHeaders: () => AGENT,
  ringing: (callee) => ({
    status: 180,
    reason: 'Ringing',
    headers: [SERVER, CONTACT, ALLOW_CALL, ...asserted(callee)],
  }),
  answered: (callee) => ({
    status: 200,
    reason: 'OK',
    headers: [SERVER, ALLOW_CALL, CONTACT, ['Supported', 'replaces, norefersub'], ...asserted(callee), SDP],
    body: sdpOf({ ...media, owner: '- 1 3' }),
  }),
  referred: () => [['Expires', '600'], CONTACT, ALLOW, SUPPORTED, SERVER],
  referNotify: ({ isLast }) => [
    CONTACT,
    ['Event', 'refer'],
    ['Subscription-State', isLast ? 'terminated;reason=noresource' : 'active;expires=599'],
    EVENTS,
    ...AGENT,
    ['Content-Type', 'message/sipfrag;version=2.0'],
  ],
};
