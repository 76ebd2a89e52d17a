import type { Identity } from '../model/leg.ts';
import type { Dialect } from './dialect.ts';
import { newTag } from './identifiers.ts';
import { escapedUser, type Header, quoted } from './message.ts';
import { type SdpParts, sdpOf } from './sdp.ts';
import { telephoneUser } from './telephone-contact.ts';

const HOST = '127.0.50.20';
const PORT = 5060;
const AGENT: Header = ['User-Agent', 'pbx'];
const ALLOW: Header = [
  'Allow',
  'INVITE, ACK, BYE, CANCEL, OPTIONS, MESSAGE, INFO, UPDATE, REGISTER, REFER, NOTIFY, PUBLISH, SUBSCRIBE',
];
const SUPPORTED: Header = ['Supported', 'path, replaces'];
const EVENTS: Header = [
  'Allow-Events',
  'talk, hold, conference, presence, as-feature-event, dialog, line-seize, call-info, sla, include-session-description, presence.winfo, message-summary, refer',
];
const ALL: readonly Header[] = [AGENT, ALLOW, SUPPORTED, EVENTS];
const FORWARDS: Header = ['Max-Forwards', '70'];
const SDP: readonly Header[] = [
  ['Content-Type', 'application/sdp'],
  ['Content-Disposition', 'session'],
];

const media: Omit<SdpParts, 'owner'> = {
  name: 'pbx',
  host: HOST,
  port: 18_946,
  formats: '0 101',
  attributes: ['rtpmap:0 PCMU/8000', 'rtpmap:101 telephone-event/8000', 'fmtp:101 0-15', 'ptime:20'],
};

/** A FreeSWITCH 1.10 of one SIP domain: a back-to-back user agent that tells of each channel by itself. */
export function freeswitchDialect(domain: string): Dialect {
  const addressOf = ({ number, name, withheld }: Identity): string => {
    if (number === null || withheld) return '"Anonymous" <sip:anonymous@anonymous.invalid>';
    return `${quoted(name ?? number)} <sip:${escapedUser(number)}@${domain}>`;
  };
  const contact = (number: string, more = ''): Header => [
    'Contact',
    `<sip:${escapedUser(number)}@${HOST}:${PORT}${more}>`,
  ];
  const partyId = (identity: Identity, screen: string): Header => {
    const privacy = identity.withheld ? 'full' : 'off';
    return ['Remote-Party-ID', `${addressOf(identity)};party=calling;${screen.replace('off', privacy)}`];
  };
  return {
    name: 'freeswitch',
    address: { host: HOST, port: PORT },
    domain,
    challenge: (nonce, stale) =>
      `Digest realm="${domain}", nonce="${nonce}", ${stale ? 'stale=true, ' : ''}algorithm=MD5, qop="auth"`,
    challengeStatus(method, inDialog) {
      if (method === 'REGISTER') return 401;
      if (inDialog) return method === 'SUBSCRIBE' ? 407 : undefined;
      return method === 'REFER' || method === 'OPTIONS' ? undefined : 407;
    },
    challengeHeaders(method) {
      if (method === 'REGISTER') return [AGENT, ALLOW, SUPPORTED];
      return method === 'INVITE' ? [AGENT, ['Accept', 'application/sdp'], ALLOW, SUPPORTED, EVENTS] : ALL;
    },
    wrongPassword: 403,
    nonceMs: 60_000,
    leastExpires: 0,
    party: (value) => value,
    length: String,
    via: () => `SIP/2.0/UDP ${HOST};rport=${PORT};branch=z9hG4bK${newTag()}`,
    answers: [AGENT, ALLOW, SUPPORTED],
    callAnswers: [AGENT, ALLOW, SUPPORTED],
    reinviteAnswers: (headers) => headers,
    reinviteHeaders: () => [FORWARDS, contact('mod_sofia'), AGENT, ALLOW, SUPPORTED, ...SDP],
    registered: (bindings, date) => [
      ...bindings.map(({ uri, seconds }): Header => ['Contact', `<${uri}>;expires=${seconds}`]),
      ['Date', date],
      AGENT,
      ALLOW,
      SUPPORTED,
    ],
    subscribed: (number, expires) => ({
      status: 202,
      reason: 'Accepted',
      headers: [
        contact(number),
        ['Expires', String(expires)],
        ...ALL,
        ['Subscription-State', expires === 0 ? 'terminated;reason=noresource' : `active;expires=${expires}`],
      ],
    }),
    notify({ state, number, hasBody }) {
      const isLast = state.startsWith('terminated');
      return [
        FORWARDS,
        contact(number),
        ...(isLast ? [['Expires', '0'] as const] : []),
        AGENT,
        ALLOW,
        SUPPORTED,
        ...(isLast ? [] : [['Event', 'dialog'] as const]),
        EVENTS,
        ['Subscription-State', state],
        ...(hasBody ? [['Content-Type', 'application/dialog-info+xml'] as const] : []),
      ];
    },
    invite: ({ caller, tag }) => ({
      from: `${addressOf(caller)};tag=${tag}`,
      to: (uri) => `<${uri}>`,
      headers: [
        ['Max-Forwards', '69'],
        contact('mod_sofia'),
        ...ALL,
        ...SDP,
        ['X-FS-Support', 'update_display,send_info'],
        partyId(caller, 'screen=yes;privacy=off'),
      ],
      body: sdpOf({
        ...media,
        owner: 'pbx 1795345865 1795345866',
        formats: '0 101 13',
        attributes: [...media.attributes.slice(0, 3), 'rtpmap:13 CN/8000', 'ptime:20'],
      }),
    }),
    cancelReasons(reason) {
      if (reason === 'elsewhere') return ['SIP;cause=200;text="Call completed elsewhere"'];
      if (reason === 'unanswered') return ['Q.850;cause=19;text="NO_ANSWER"'];
      return ['SIP;cause=487;text="ORIGINATOR_CANCEL"'];
    },
    cancelHeaders: (reasons) => [['Max-Forwards', '69'], ...reasons.map((reason): Header => ['Reason', reason])],
    byeHeaders: () => [FORWARDS, AGENT, ALLOW, SUPPORTED, ['Reason', 'Q.850;cause=16;text="NORMAL_CLEARING"']],
    ackHeaders: () => [FORWARDS, contact('mod_sofia')],
    ringing: (callee) => ({
      status: 183,
      reason: 'Session Progress',
      headers: [
        contact(callee.number ?? '', ';transport=udp'),
        AGENT,
        ['Accept', 'application/sdp'],
        ALLOW,
        SUPPORTED,
        EVENTS,
        ...SDP,
        partyId({ number: callee.number, name: callee.number }, 'privacy=off;screen=no'),
      ],
      body: sdpOf({ ...media, owner: 'pbx 1795337154 1795337155', port: 28_400 }),
    }),
    answered: (callee) => ({
      status: 200,
      reason: 'OK',
      headers: [
        contact(callee.number ?? '', ';transport=udp'),
        ...ALL,
        ...SDP,
        partyId({ number: telephoneUser(callee.number ?? ''), name: 'Outbound Call' }, 'privacy=off;screen=no'),
      ],
      body: sdpOf({ ...media, owner: 'pbx 1795337154 1795337155', port: 28_400 }),
    }),
    referred: (callee, inDialog) =>
      inDialog
        ? [contact(callee, ';transport=udp'), ['Expires', '60'], ...ALL]
        : [['Contact', `<sip:${HOST}>`], ...ALL],
    referNotify({ callee, cseq, isLast, inDialog }) {
      const state = isLast ? 'terminated;reason=noresource' : 'active;expires=60';
      const [name, value] = contact(callee, inDialog ? ';transport=udp' : '');
      return [
        FORWARDS,
        [name, inDialog ? value : `${value};isfocus`],
        ...(inDialog ? [] : [['Expires', '0'] as const]),
        AGENT,
        ALLOW,
        SUPPORTED,
        ['Event', inDialog ? `refer;id=${cseq}` : 'refer'],
        EVENTS,
        ['Subscription-State', state],
        ['Content-Type', inDialog ? 'message/sipfrag;version=2.0' : 'message/sipfrag'],
      ];
    },
  };
}
