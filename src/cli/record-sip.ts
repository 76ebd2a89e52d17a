import { filter, map, type Observable } from 'rxjs';
import type { LinkNews } from '../adapters/shared/keep-open.ts';
import type { LinkTap } from '../adapters/shared/recording.ts';
import { type SipOptions, sipAdapter } from '../adapters/sip/index.ts';
import type { Clock } from '../domain/clock.ts';
import type { LinkEvent } from '../domain/event.ts';
import type { Logger } from '../domain/logger.ts';

interface Context {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A link that is watched as it would be by `offhook run`, for its traffic: a SIP PBX tells nothing that was not asked for. */
export function sipTraffic(
  options: SipOptions,
  lines: readonly { readonly device: string; readonly endpoint?: string | undefined }[],
  tap: LinkTap,
): { open(context: Context): Observable<LinkNews | { readonly type: 'ready' | 'event' }> } {
  const adapter = sipAdapter({ ...options, connect: { ...options.connect, tap } });
  const watched = lines.map(({ device, endpoint }) => ({ device, ...(endpoint === undefined ? {} : { endpoint }) }));
  return {
    open: (context) =>
      adapter.run({ ...context, link: 'record', lines: watched }).pipe(
        map((event) => (event.type === 'link' ? newsOf(event) : { type: 'event' as const })),
        filter((news) => news !== undefined),
      ),
  };
}

function newsOf({
  state,
  code,
  reason = '',
  retryInMs = 0,
}: LinkEvent): LinkNews | { readonly type: 'ready' } | undefined {
  if (state === 'up') return { type: 'ready' };
  if (state !== 'waiting' && state !== 'refused') return undefined;
  return { type: state, code: code as Extract<LinkNews, { type: 'waiting' }>['code'], reason, retryInMs };
}
