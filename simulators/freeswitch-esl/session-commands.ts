import type { EslEvent } from './event.ts';
import type { EslHost } from './host.ts';
import { type EslRequest, requestHeader } from './request-reader.ts';
import type { Subscription } from './subscription.ts';

/** The parts of a session that its commands work on. */
export interface SessionParts {
  readonly subscription: Subscription;
  readonly host: EslHost;
  /** How long it stays after the session that it is about is over. */
  lingersMs: number | undefined;
  logs: boolean;
}

/** What a command does; the text of its reply, or `undefined` if it is no command in this form. */
type SessionCommand = (parts: SessionParts, request: EslRequest) => string | undefined;

/** Commands that are answered by one line. */
export const SESSION_COMMANDS: Readonly<Record<string, SessionCommand>> = {
  event({ subscription }, { args }) {
    return subscription.add(words(args))
      ? `+OK event listener enabled ${subscription.format}`
      : '-ERR no keywords supplied';
  },
  nixevent({ subscription }, { args }) {
    return subscription.remove(words(args)) ? '+OK events nixed' : '-ERR no keywords supplied';
  },
  noevents({ subscription }) {
    if (subscription.isEmpty) return '-ERR not listening for events';
    subscription.clear();
    return '+OK no longer listening for events';
  },
  myevents({ subscription, host }, { args }) {
    const [uuid, format] = words(args);
    if (uuid === undefined) return undefined;
    if (!host.hasSession(uuid)) return '-ERR invalid uuid';
    subscription.mine = uuid;
    if (format !== undefined) subscription.use(format);
    return '+OK Events Enabled';
  },
  filter({ subscription }, { args }) {
    const [first = '', ...rest] = words(args);
    if (first === '') return undefined;
    if (first !== 'delete') {
      subscription.addFilter(first, rest.join(' '));
      return `+OK filter added. [${first}]=[${rest.join(' ')}]`;
    }
    const [header = '', ...value] = rest;
    subscription.removeFilter(header, value.join(' '));
    return `+OK filter deleted. [${header}][${value.join(' ')}]`;
  },
  linger(parts, { args }) {
    if (parts.subscription.mine === undefined) return '-ERR not controlling a session';
    const seconds = /^\d{1,6}$/.test(args) ? Number(args) : undefined;
    parts.lingersMs = seconds === undefined ? Number.POSITIVE_INFINITY : seconds * 1000;
    return seconds === undefined ? '+OK will linger' : `+OK will linger ${seconds} seconds`;
  },
  nolinger(parts) {
    if (parts.subscription.mine === undefined) return '-ERR not controlling a session';
    parts.lingersMs = undefined;
    return '+OK will not linger';
  },
  divert_events: ({ subscription }) =>
    subscription.mine === undefined ? '-ERR not controlling a session.' : '+OK events diverted',
  log(parts, { args }) {
    const level = args === '' ? 7 : Number(args);
    if (!Number.isInteger(level) || level < 0 || level > 10) return '-ERR invalid log level';
    parts.logs = true;
    return `+OK log level ${level} [${level}]`;
  },
  nolog(parts) {
    const { logs } = parts;
    parts.logs = false;
    return logs ? '+OK no longer logging' : '-ERR not loging';
  },
  sendevent: ({ host }, request) => sendEvent(host, request),
  sendmsg({ subscription, host }, { args, headers }) {
    const named = new Map(headers.map(([name, value]) => [name.toLowerCase(), value]));
    return host.sendMessage(args === '' ? (subscription.mine ?? '') : args, named);
  },
};

/** Fires an event of a client's own: its subclass first, as the real thing has it. */
function sendEvent(host: EslHost, request: EslRequest): string {
  const id = host.newUuid();
  const name = words(request.args)[0]?.toUpperCase() ?? 'CUSTOM';
  const subclass = requestHeader(request, 'event-subclass');
  const own = request.headers.filter(([key]) => !/^event-(name|subclass)$/i.test(key));
  const event: EslEvent = {
    headers: [
      ...(subclass === '' ? [] : [['Event-Subclass', subclass] as const]),
      ['Command', `sendevent ${name}`],
      ...own,
      ['Event-UUID', id],
      ['Event-Name', name],
      ...host.baseHeaders('sendevent'),
    ],
    ...(request.body === '' ? {} : { body: request.body }),
  };
  host.fire(event);
  return `+OK ${id}`;
}

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');
