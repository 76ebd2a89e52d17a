import { hold, joinLegs, retrieveHeld } from '../model/transfer.ts';
import { type ApiCommand, type ApiContext, NO_CHANNEL, OK, words } from './api.ts';
import { beginsCall } from './api-originate.ts';
import { causeNumber } from './causes.ts';
import type { Channel } from './channel.ts';
import { channelHeaders } from './channel-headers.ts';
import { type EslEvent, jsonText, plainText } from './event.ts';
import { divert } from './transfer-events.ts';

/** A command about the channel that its first word names. */
const about =
  (run: (context: ApiContext, channel: Channel, args: string[]) => string, missing = NO_CHANNEL): ApiCommand =>
  (context, args) => {
    const [uuid = '', ...rest] = words(args);
    const channel = context.channels.byUuid(uuid);
    return channel ? run(context, channel, rest) : missing;
  };

/** Commands about single channels. */
export const CHANNEL_COMMANDS: Readonly<Record<string, ApiCommand>> = {
  uuid_exists: ({ channels }, args) => String(channels.byUuid(args.trim()) !== undefined),
  uuid_dump: about((context, channel, [format]) => dump(context, channel, format)),
  uuid_getvar: about((_, channel, [name = '']) => {
    const value = channel.variables.get(name);
    if (value === undefined) return '_undef_';
    return typeof value === 'string' ? value : `ARRAY::${value.join('|:')}`;
  }),
  uuid_setvar: about((_, channel, [name, ...value]) => {
    if (name === undefined) return '-USAGE: <uuid> <var> [value]\n';
    channel.set(name, value.length === 0 ? undefined : value.join(' '));
    return OK;
  }),
  uuid_kill: about(kill),
  uuid_answer: about(({ x }, { leg }) => {
    if (!leg.listener) x.answer(leg);
    return OK;
  }),
  uuid_phone_event: about(phoneEvent, '-ERR Operation failed\n'),
  uuid_hold: (context, args) => holdOrNot(context, words(args)),
  uuid_transfer: about(transfer),
  uuid_bridge: bridge,
  uuid_deflect: about((_, { leg }, [uri = '']) => {
    const exten = uri.replace(/^sips?:/, '').replace(/@.*$/, '');
    if (!leg.onDeflected || exten === '') return '-ERR Deflect failed\n';
    leg.onDeflected(exten);
    return OK;
  }),
  uuid_park: about((context, channel) => {
    divertLeg(context, channel, (leg) => beginsCall(context, leg, { name: 'park', data: '' }));
    return OK;
  }),
  uuid_send_dtmf: about((_, __, [digits]) => (digits === undefined ? '-USAGE: <uuid> <dtmf_data>\n' : OK)),
  uuid_broadcast: about(() => '+OK Message sent\n', '-ERR Message not sent\n'),
  uuid_record: about(() => '+OK Success\n', '-ERR Cannot locate session!\n'),
};

function dump({ teller }: ApiContext, channel: Channel, format: string | undefined): string {
  const event: EslEvent = {
    headers: [
      ['Event-Name', 'CHANNEL_DATA'],
      ...teller.origin.headers('CHANNEL_DATA'),
      ...channelHeaders(channel, true),
    ],
  };
  return format === 'json' ? jsonText(event) : plainText(event);
}

function kill({ x }: ApiContext, channel: Channel, [cause = '']: string[]): string {
  const number = causeNumber(cause) ?? 16;
  if (cause !== '') channel.endCause = cause.toUpperCase();
  else channel.endCause = 'NORMAL_CLEARING';
  x.hangUp(channel.leg, { cause: number });
  return OK;
}

/** What the telephone of a channel is told to do, if it can be told. */
function phoneEvent({ pbx, x }: ApiContext, { leg }: Channel, [event = 'talk']: string[]): string {
  const failed = '-ERR Operation failed\n';
  if (leg.line.kind !== 'phone') return failed;
  const telephone = pbx.people.phone(leg.line.number);
  const name = telephone.nameOf(leg);
  if (name === undefined) return failed;
  if (event === 'talk' && leg.listener) telephone.answer({ leg: name });
  else if (event === 'talk' && leg.holding) retrieveHeld(x, leg);
  else if (event === 'hold' && leg.bridge) hold(x, leg);
  else return failed;
  return '+OK Success\n';
}

function holdOrNot({ channels, x }: ApiContext, args: string[]): string {
  const mode = args[0] === 'off' || args[0] === 'toggle' ? args[0] : 'on';
  const { leg } = channels.byUuid(args[mode === 'on' ? 0 : 1] ?? '') ?? {};
  if (leg?.bridge?.kind !== 'basic') return '-ERR Operation failed\n';
  const off = mode === 'off' || (mode === 'toggle' && leg.holding);
  if (off) retrieveHeld(x, leg);
  else hold(x, leg);
  return '+OK Success\n';
}

function transfer(context: ApiContext, channel: Channel, args: string[]): string {
  const { x } = context;
  const which = /^-(bleg|both)$/.exec(args[0] ?? '')?.[1];
  const [exten, dialplan] = which === undefined ? args : args.slice(1);
  if (exten === undefined) return '-USAGE: <uuid> [-bleg|-both] <dest-exten> [<dialplan>] [<context>]\n';
  const { peer } = channel;
  if (which !== undefined && !peer) return NO_CHANNEL;
  const moved = which === 'bleg' ? [peer!] : which === 'both' ? [peer!, channel] : [channel];
  if (which === 'both') for (const { leg } of moved) x.leave(leg);
  for (const one of moved) {
    if (dialplan === 'inline') {
      const [name = '', ...data] = exten.split(':');
      divertLeg(context, one, (leg) => beginsCall(context, leg, { name, data: data.join(':') }));
      continue;
    }
    divert(context, one, exten);
    x.divert(one.leg, 'internal', exten);
  }
  return OK;
}

/** Takes a channel out of what it does; it does something else from now on. */
function divertLeg({ x }: ApiContext, { leg }: Channel, begin: (leg: Channel['leg']) => void): void {
  if (leg.ended || leg.listener) return;
  const { run } = leg;
  leg.run = undefined;
  leg.onUnbridged = undefined;
  x.unbridge(leg);
  run?.stop();
  x.soon(() => {
    if (!leg.ended) begin(leg);
  });
}

function bridge({ channels, x }: ApiContext, args: string): string {
  const [one = '', two = ''] = words(args);
  const [a, b] = [channels.byUuid(one), channels.byUuid(two)];
  if (!a || !b || a === b || a.leg.listener || b.leg.listener) return '-ERR Invalid uuid\n';
  joinLegs(x, b.leg, a.leg);
  return `+OK ${two}\n`;
}
