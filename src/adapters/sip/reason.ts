import type { EventCause } from '../../domain/cause.ts';
import { BY_Q850 } from '../shared/q850.ts';
import type { SipMessage } from './message.ts';
import { splitList } from './name-addr.ts';

/** One value of a Reason header (RFC 3326). */
export interface Reason {
  /** `sip`, `q.850`. */
  readonly protocol: string;
  readonly cause: number | undefined;
}

/** How an offered call was taken back. */
export interface Withdrawal {
  readonly cause: EventCause;
  /** Another device took it: nobody has missed it. */
  readonly elsewhere: boolean;
}

/** The Reason headers of a message, however many share a line. */
export function reasonsOf(message: SipMessage): Reason[] {
  return message.all('reason').flatMap((value) =>
    splitList(value.slice(0, 4_096)).map((each) => {
      // What stands in the text is no parameter.
      const bare = each.replace(/"(?:[^"\\]|\\.)*"?/g, (quoted) => (/^"\d+"$/.test(quoted) ? quoted : ''));
      const cause = /;\s*cause\s*=\s*"?(\d{1,4})\b/i.exec(bare)?.[1];
      return {
        protocol: each.split(';')[0]!.trim().toLowerCase(),
        cause: cause === undefined ? undefined : Number(cause),
      };
    }),
  );
}

/**
 * What a CANCEL means. Answered elsewhere: `SIP;cause=200` (RFC 3326, all switches), Q.850 26 (Asterisk). The caller gave up: no
 * Reason (Kamailio), Q.850 127 (Asterisk), SIP 487 (FreeSWITCH). Q.850 17: the telephone was busy or refused (Asterisk); on
 * Kamailio and FreeSWITCH that cannot be told from a caller who gave up.
 */
export function withdrawalOf(message: SipMessage): Withdrawal {
  const reasons = reasonsOf(message);
  const isElsewhere = ({ protocol, cause }: Reason): boolean =>
    (protocol === 'sip' && cause === 200) || (protocol === 'q.850' && cause === 26);
  if (reasons.some(isElsewhere)) return { cause: 'multipleAlerting', elsewhere: true };
  for (const { protocol, cause } of reasons) {
    const meant = cause === undefined ? undefined : protocol === 'q.850' ? BY_Q850[cause] : causeOfStatus(cause);
    if (meant !== undefined) return { cause: meant === 'normalClearing' ? 'callCancelled' : meant, elsewhere: false };
  }
  return { cause: 'callCancelled', elsewhere: false };
}

const BY_STATUS: Readonly<Partial<Record<number, EventCause>>> = {
  302: 'redirected',
  404: 'numberUnallocated',
  408: 'callNotAnswered',
  410: 'numberChanged',
  480: 'callNotAnswered',
  484: 'invalidNumberFormat',
  486: 'busy',
  487: 'callCancelled',
  488: 'incompatibleDestination',
  502: 'destOutOfOrder',
  503: 'trunksBusy',
  504: 'timeout',
  600: 'busy',
  603: 'x-rejected',
  604: 'numberUnallocated',
  606: 'incompatibleDestination',
  607: 'x-rejected',
};

/** What a final SIP response means; `undefined` where it says nothing that ECMA-269 has a word for. */
export function causeOfStatus(status: number): EventCause | undefined {
  return BY_STATUS[status];
}
