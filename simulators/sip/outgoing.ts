import { newTag } from './identifiers.ts';
import {
  cseqOf,
  type Header,
  headerOf,
  headersOf,
  type SipRequest,
  type SipResponse,
  tagOf,
  without,
} from './message.ts';
import type { Dialog } from './transaction.ts';

/** What the server puts into messages of its clients itself. */
export interface Stamp {
  /** Its own address for SIP. */
  readonly host: string;
  readonly port: number;
  /** Makes a CSeq for a request that has none. */
  readonly cseq: () => number;
  readonly callId: () => string;
}

const OWN: readonly string[] = ['via', 'max-forwards', 'from', 'to', 'call-id', 'cseq', 'contact', 'content-length'];

/** Requests that the server gives a Contact. */
const WITH_CONTACT: readonly string[] = ['INVITE', 'SUBSCRIBE'];

const withTag = (value: string): string => (tagOf(value) === '' ? `${value};tag=${newTag()}` : value);

/** A new request of a client as the server sends it. */
export function newRequest(request: SipRequest, stamp: Stamp): SipRequest {
  const own = `${stamp.host}:${stamp.port}`;
  const local = (value: string): string =>
    value.replace(/@localhost(?=[>;:]|$)|(?<=sip:)localhost(?=[>;:]|$)/, (all) =>
      all.startsWith('@') ? `@${own}` : own,
    );
  const { method, uri } = request;
  const contact = headerOf(request, 'contact') || (WITH_CONTACT.includes(method) ? `<sip:${own}>` : '');
  return compose(request, method, uri, stamp, {
    from: withTag(local(headerOf(request, 'from') || `<sip:${own}>`)),
    to: headerOf(request, 'to') || `<${uri}>`,
    callId: headerOf(request, 'call-id') || stamp.callId(),
    cseq: cseqOf(request) || stamp.cseq(),
    contact: local(contact),
  });
}

/** A request of a client in a dialog as the server sends it. */
export function requestInDialog(request: SipRequest, dialog: Dialog, stamp: Stamp): SipRequest {
  const { method } = request;
  const next = method === 'ACK' ? dialog.cseq : Math.max(dialog.cseq + 1, cseqOf(request));
  dialog.cseq = next;
  return compose(request, method, dialog.target, stamp, {
    from: dialog.local,
    to: dialog.remote,
    callId: dialog.callId,
    cseq: next,
    contact: headerOf(request, 'contact') || (method === 'INVITE' ? `<sip:${stamp.host}:${stamp.port}>` : ''),
    routes: dialog.routes,
  });
}

interface Identity {
  readonly from: string;
  readonly to: string;
  readonly callId: string;
  readonly cseq: number;
  readonly contact: string;
  readonly routes?: readonly string[];
}

function compose(request: SipRequest, method: string, uri: string, stamp: Stamp, id: Identity): SipRequest {
  const headers: Header[] = [
    ['Via', `SIP/2.0/UDP ${stamp.host};rport;branch=z9hG4bK${newTag()}`],
    ...(id.routes ?? []).map((route): Header => ['Route', route]),
    ['Max-Forwards', '70'],
    ['From', id.from],
    ['To', id.to],
    ['Call-ID', id.callId],
    ['CSeq', `${id.cseq} ${method}`],
    ...(id.contact === '' ? [] : [['Contact', id.contact] as const]),
    ...without(request, ...OWN),
    ...contentOf(request),
  ];
  return { method, uri, headers, body: request.body };
}

/** A response of a client as the server sends it. */
export function responseTo(request: SipRequest, response: SipResponse, tag: string, stamp: Stamp): SipResponse {
  const to = headerOf(request, 'to');
  const isAnswer = request.method === 'INVITE' && response.status >= 200 && response.status < 300;
  const contact = headerOf(response, 'contact') || (isAnswer ? `<sip:${stamp.host}:${stamp.port}>` : '');
  const recorded = request.method === 'INVITE' && tagOf(to) === '' ? headersOf(request, 'record-route') : [];
  const headers: Header[] = [
    ...headersOf(request, 'via').map((via): Header => ['Via', via]),
    ...recorded.map((route): Header => ['Record-Route', route]),
    ['From', headerOf(request, 'from')],
    ['To', tagOf(to) === '' ? `${to};tag=${tag}` : to],
    ['Call-ID', headerOf(request, 'call-id')],
    ['CSeq', headerOf(request, 'cseq')],
    ...(contact === '' ? [] : [['Contact', contact] as const]),
    ...without(response, ...OWN),
    ...contentOf(response),
  ];
  return { ...response, headers };
}

/** Content-Type where a body can only be SDP, and the length. */
function contentOf(message: SipRequest | SipResponse): Header[] {
  const length: Header = ['Content-Length', String(Buffer.byteLength(message.body))];
  const isPlain = message.body.startsWith('v=0') && headerOf(message, 'content-type') === '';
  return isPlain ? [['Content-Type', 'application/sdp'], length] : [length];
}

/** Whether nobody could tell what the body is. */
export const lacksContentType = (message: SipRequest | SipResponse): boolean =>
  message.body !== '' && !message.body.startsWith('v=0') && headerOf(message, 'content-type') === '';
