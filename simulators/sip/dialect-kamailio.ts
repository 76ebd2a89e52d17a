import type { Identity } from '../model/leg.ts';
import type { Dialect } from './dialect.ts';
import { newHex } from './identifiers.ts';
import { escapedUser, type Header, quoted } from './message.ts';
import { type SdpParts, sdpOf } from './sdp.ts';
import { telephoneContact } from './telephone-contact.ts';

const HOST = '127.0.50.1';
const PORT = 5060;
const SERVER: Header = ['Server', 'kamailio (5.6.3 (x86_64/linux))'];
const PROXY: readonly Header[] = [
  ['User-Agent', 'kamailio (5.6.3 (x86_64/linux))'],
  ['Max-Forwards', '70'],
];
/** The telephones behind it. */
const PHONE = 'baresip v1.0.0 (x86_64/linux)';
const ALLOW: Header = ['Allow', 'INVITE,ACK,BYE,CANCEL,OPTIONS,NOTIFY,SUBSCRIBE,INFO,MESSAGE,REFER'];
const SDP: Header = ['Content-Type', 'application/sdp'];

const media: Omit<SdpParts, 'owner' | 'host'> = {
  name: '-',
  port: 21_130,
  formats: '0 101',
  attributes: ['rtpmap:0 PCMU/8000', 'rtpmap:101 telephone-event/8000', 'fmtp:101 0-15', 'ptime:20'],
  direction: 'sendrecv',
};

/** A Kamailio 5.6 of one SIP domain: a proxy, so that what telephones say to each other passes unchanged. */
export function kamailioDialect(domain: string): Dialect {
  const addressOf = ({ number, name, withheld }: Identity): string => {
    if (number === null || withheld) return '"Anonymous" <sip:anonymous@anonymous.invalid>';
    const uri = `<sip:${escapedUser(number)}@${domain}>`;
    return name === null ? uri : `${quoted(name)} ${uri}`;
  };
  const route = (tag: string): Header => ['Record-Route', `<sip:${HOST};lr;ftag=${tag};did=${newHex(3)}.${newHex(4)}>`];
  return {
    name: 'kamailio',
    address: { host: HOST, port: PORT },
    domain,
    challenge: (nonce, stale) => `Digest realm="${domain}", nonce="${nonce}", ${stale ? 'stale=true, ' : ''}qop="auth"`,
    challengeStatus: (method) => (method === 'REGISTER' ? 401 : undefined),
    challengeHeaders: () => [SERVER],
    wrongPassword: 401,
    nonceMs: 300_000,
    leastExpires: 0,
    party: (value) => value,
    length: String,
    via: () => `SIP/2.0/UDP ${HOST};branch=z9hG4bK${newHex(4)}.${newHex(8)}.0;rport=${PORT}`,
    answers: [SERVER],
    callAnswers: [['Server', PHONE]],
    // A proxy that is in the dialog already records no route, and the telephone does not say again what it allows.
    reinviteAnswers: (headers) => headers.filter(([name]) => name !== 'Allow' && name !== 'Record-Route'),
    reinviteHeaders: (number) => [
      ['Contact', `<${telephoneContact(number)}>`],
      ['Max-Forwards', '69'],
      ['User-Agent', PHONE],
      SDP,
    ],
    registered(bindings) {
      const contacts = bindings.map(({ uri, seconds }) => `<${uri}>;expires=${seconds}`);
      return [...(contacts.length === 0 ? [] : [['Contact', contacts.join(', ')] as const]), SERVER];
    },
    subscribed: (_, expires) => ({
      status: 200,
      reason: 'OK',
      headers: [['Expires', String(expires)], ['Contact', `<sip:${HOST}:${PORT}>`], SERVER],
    }),
    notify: ({ state, hasBody }) => [
      ...PROXY,
      ['Event', 'dialog'],
      ['Contact', `<sip:${HOST}:${PORT}>`],
      ['Subscription-State', state],
      ...(hasBody ? [['Content-Type', 'application/dialog-info+xml'] as const] : []),
    ],
    invite: ({ caller, line, tag }) => ({
      from: `${addressOf({ ...caller, name: caller.withheld ? null : caller.name })};tag=${tag}`,
      to: () => `<sip:${escapedUser(line)}@${domain}>`,
      headers: [
        route(tag),
        ['Contact', `<${telephoneContact(caller.number ?? 'anonymous')}>`],
        ['Max-Forwards', '69'],
        ['Route', `<sip:${HOST}:${PORT};lr>`],
        ['User-Agent', PHONE],
        ALLOW,
        ['Supported', 'gruu'],
        SDP,
      ],
      body: sdpOf({ ...media, owner: '- 3484280418 905390275', host: '127.0.50.11' }),
    }),
    cancelReasons: (reason) => (reason === 'elsewhere' ? ['SIP;cause=200;text="Call completed elsewhere"'] : []),
    cancelHeaders: (reasons) => [
      ['Max-Forwards', '69'],
      ['Route', `<sip:${HOST}:${PORT};lr>`],
      ...reasons.map((reason): Header => ['Reason', reason]),
    ],
    byeHeaders: () => [
      ['Max-Forwards', '69'],
      ['User-Agent', PHONE],
    ],
    ackHeaders: () => [
      ['Max-Forwards', '69'],
      ['User-Agent', PHONE],
    ],
    ringing: ({ number }, tag) => ({
      status: 180,
      reason: 'Ringing',
      headers: [route(tag), ['Server', PHONE], ['Contact', `<${telephoneContact(number ?? '')}>`], ALLOW],
    }),
    answered: ({ number }, tag) => ({
      status: 200,
      reason: 'Answering',
      headers: [route(tag), ['Server', PHONE], ['Contact', `<${telephoneContact(number ?? '')}>`], ALLOW, SDP],
      body: sdpOf({ ...media, owner: '- 2670542500 441309957', host: '127.0.50.12' }),
    }),
    referred: (callee) => [
      ['Server', PHONE],
      ['Contact', `<${telephoneContact(callee)}>`],
      ['Expires', '60'],
    ],
    referNotify: ({ callee, cseq, isLast }) => [
      ['Contact', `<${telephoneContact(callee)}>`],
      ['Max-Forwards', '69'],
      ['User-Agent', PHONE],
      ['Event', `refer;id=${cseq}`],
      ['Subscription-State', isLast ? 'terminated;reason=noresource' : 'active;expires=60'],
      ALLOW,
      ['Content-Type', 'message/sipfrag'],
    ],
  };
}
