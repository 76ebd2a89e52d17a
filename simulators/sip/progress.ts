import { statusOfCause } from '../model/causes.ts';
import type { ModelEvent } from '../model/events.ts';
import type { Exchange } from '../model/exchange.ts';
import type { Leg } from '../model/leg.ts';
import type { Step } from '../model/step.ts';

/** What becomes of a call that a leg places. */
export interface Progress {
  readonly ringing: () => void;
  readonly answered: () => void;
  /** It came to nothing, with this status. */
  readonly failed: (status: number) => void;
}

/** Steps of a service that takes the call. */
const SERVICES: readonly Step['kind'][] = [
  'queue',
  'conference',
  'announcement',
  'prompt',
  'mailbox',
  'park',
  'echo',
  'answer',
];

/** Follows what a leg places next until that is answered or over. Returns how to stop. */
export function follow(x: Exchange, leg: Leg, progress: Progress): () => void {
  let rang = false;
  const stop = x.subscribe((event) => {
    const what = meaningOf(event, leg);
    if (what === undefined || (what === 'ringing' && rang)) return;
    if (what === 'ringing') {
      rang = true;
      return progress.ringing();
    }
    stop();
    if (what === 'answered') progress.answered();
    else progress.failed(statusOf(leg));
  });
  return stop;
}

function meaningOf(event: ModelEvent, leg: Leg): 'ringing' | 'answered' | 'failed' | undefined {
  if (event.type === 'dialProgress' && event.from === leg) return 'ringing';
  if (event.type === 'dialEnded' && event.from === leg && event.outcome === 'answered') return 'answered';
  if (event.type === 'step' && event.leg === leg && SERVICES.includes(event.step.kind)) return 'answered';
  if (event.type === 'legEnded' && event.leg === leg) return 'failed';
  return undefined;
}

/** The status that a caller is refused with. */
export function statusOf({ status, cause }: Leg): number {
  const known = status ?? statusOfCause(cause) ?? 480;
  return known >= 400 ? known : 480;
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  423: 'Interval Too Brief',
  480: 'Temporarily Unavailable',
  481: 'Call/Transaction Does Not Exist',
  484: 'Address Incomplete',
  486: 'Busy Here',
  487: 'Request Terminated',
  500: 'Server Internal Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  600: 'Busy Everywhere',
  603: 'Decline',
};

/** The words of a status (RFC 3261 21). */
export const reasonOf = (status: number): string => REASONS[status] ?? 'Unknown';
