import type { Dialect } from './dialect.ts';
import { type Header, headerOf, headersOf, type SipRequest, type SipResponse, tagOf } from './message.ts';

/** What is special about a response. */
export interface ResponseParts {
  readonly status: number;
  readonly reason: string;
  /** The tag of the PBX's side. */
  readonly tag: string;
  readonly headers?: readonly Header[];
  readonly body?: string;
}

/** What is special about a request. */
export interface RequestParts {
  readonly method: string;
  readonly uri: string;
  readonly from: string;
  readonly to: string;
  readonly callId: string;
  readonly cseq: number;
  /** The transaction that it is of (RFC 3261 8.1.1.7). @default a new one */
  readonly vias?: readonly string[];
  readonly headers?: readonly Header[];
  readonly body?: string;
}

/** A response of the PBX. */
export function composeResponse(dialect: Dialect, request: SipRequest, parts: ResponseParts): SipResponse {
  const { status, reason, tag, headers = [], body = '' } = parts;
  const to = headerOf(request, 'to');
  return {
    status,
    reason,
    headers: [
      ...headersOf(request, 'via').map((via): Header => ['Via', via.replace(';rport;', ';rport=5060;')]),
      ['From', dialect.party(headerOf(request, 'from'))],
      ['To', dialect.party(tagOf(to) === '' ? `${to};tag=${tag}` : to)],
      ['Call-ID', headerOf(request, 'call-id')],
      ['CSeq', headerOf(request, 'cseq')],
      ...headers,
      ['Content-Length', dialect.length(Buffer.byteLength(body))],
    ],
    body,
  };
}

/** A request of the PBX. */
export function composeRequest(dialect: Dialect, parts: RequestParts): SipRequest {
  const { method, uri, from, to, callId, cseq, vias = [dialect.via()], headers = [], body = '' } = parts;
  return {
    method,
    uri,
    headers: [
      ...vias.map((via): Header => ['Via', via]),
      ['From', from],
      ['To', to],
      ['Call-ID', callId],
      ['CSeq', `${cseq} ${method}`],
      ...headers,
      ['Content-Length', dialect.length(Buffer.byteLength(body))],
    ],
    body,
  };
}
