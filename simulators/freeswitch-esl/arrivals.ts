import { randomUUID } from 'node:crypto';
import type { Identity, Leg } from '../model/leg.ts';
import type { Target } from '../model/target.ts';
import { type CallerId, Channel, OUTBOUND_CALL } from './channel.ts';
import type { EslContext } from './context.ts';
import { userVariables } from './directory.ts';

/** Shown for who withholds the number. */
const ANONYMOUS: CallerId = { name: 'Anonymous', number: 'anonymous' };
/** FreeSWITCH's own where there is none. */
const NO_CALLER: CallerId = { name: '', number: '0000000000' };

/** The port that the telephone of a number is at. */
export const portOf = (number: string): number => 50_000 + (Number(number) % 10_000 || 0);

/** A telephone, the world outside, or a loop calls the switch. */
export function incoming(context: EslContext, leg: Leg): Channel {
  const { teller } = context;
  const channel = create(context, leg, 'inbound', incomingName(context, leg));
  if (leg.line.kind !== 'local') teller.state(channel, 'CS_NEW');
  const caller = callerOf(leg);
  const { exten } = leg.place;
  const isPhone = leg.line.kind === 'phone';
  channel.profile = {
    logicalDirection: 'inbound',
    username: caller.number,
    dialplan: 'XML',
    caller,
    original: caller,
    networkAddress: '127.0.0.1',
    ani: caller.number,
    destination: exten,
    source: leg.line.kind === 'local' ? 'mod_loopback' : 'mod_sofia',
    context: leg.line.kind === 'trunk' ? 'public' : 'default',
    index: 1,
    createdAt: channel.times.created,
    hidden: leg.caller.withheld === true,
  };
  channel.initialDestination = exten;
  if (isPhone) channel.presenceId = presenceOf(context, leg);
  setIncomingVariables(context, channel, caller);
  teller.state(channel, 'CS_INIT');
  teller.tell('CHANNEL_CREATE', channel);
  channel.state = 'CS_ROUTING';
  teller.callState(channel, 'RINGING');
  teller.state(channel, 'CS_ROUTING');
  teller.state(channel, 'CS_EXECUTE');
  return channel;
}

/** The switch rings somebody: for another channel, or on its own. `alone`: FreeSWITCH puts no other leg beside it. */
export function outgoing(
  context: EslContext,
  leg: Leg,
  target: Target,
  { from, alone = from === undefined }: { readonly from: Channel | undefined; readonly alone?: boolean },
): Channel {
  const { teller } = context;
  const dialled = target.kind === 'local' ? target.exten : target.number;
  const channel = create(context, leg, 'outbound', outgoingName(target));
  const before = from?.profile;
  const caller = from ? presented(context, from, target) : shown(leg.connected);
  channel.originator = from;
  channel.profile = {
    logicalDirection: 'outbound',
    ...(alone || before?.username === undefined ? {} : { username: before.username }),
    ...(alone || before?.dialplan === undefined ? {} : { dialplan: before.dialplan }),
    caller,
    original: alone ? caller : (before?.original ?? caller),
    callee: { name: OUTBOUND_CALL, number: dialled },
    ...(alone || before?.networkAddress === undefined ? {} : { networkAddress: before.networkAddress }),
    ani: alone ? caller.number : (before?.ani ?? caller.number),
    destination: dialled,
    source: alone ? 'src/switch_ivr_originate.c' : (before?.source ?? 'mod_sofia'),
    context: 'default',
    ...(alone || before?.rdnis === undefined ? {} : { rdnis: before.rdnis }),
    index: 1,
    createdAt: channel.times.created,
    hidden: before?.hidden ?? leg.connected.withheld === true,
  };
  channel.initialDestination = dialled;
  if (from && !alone) channel.setOther('originator', from);
  channel.state = 'CS_NONE';
  teller.tell('CHANNEL_OUTGOING', channel);
  if (leg.line.kind === 'phone') channel.presenceId = presenceOf(context, leg);
  if (from && !alone) channel.callUuid = from.uuid;
  // Of several telephones that ring at once, each is told of again by the endpoint for users.
  if (leg.line.kind === 'phone' && from && !alone && !from.ringsAlone) teller.tell('CHANNEL_OUTGOING', channel);
  setOutgoingVariables(context, channel, target, alone ? undefined : from);
  teller.state(channel, 'CS_INIT');
  teller.tell('CHANNEL_CREATE', channel);
  teller.tell('CHANNEL_ORIGINATE', channel);
  teller.state(channel, 'CS_ROUTING');
  teller.state(channel, 'CS_CONSUME_MEDIA');
  return channel;
}

/** What a channel shows to those that are rung for it. */
export function presented({ x }: EslContext, channel: Channel, target: Target): CallerId {
  const { line } = channel.leg;
  if (line.kind !== 'phone') return upToColon(channel.profile?.caller ?? NO_CALLER);
  const { name } = x.phoneBook.identity(line.number);
  const did = x.office.extensions.get(line.number)?.did ?? `1${line.number.slice(-2)}`;
  const number = target.kind === 'trunk' ? `${x.office.trunkPrefix}${did}` : line.number;
  return { name: name ?? line.number, number };
}

/** A colon cuts the name that is shown to who is rung; the original keeps it. */
const upToColon = ({ name, number }: CallerId): CallerId => ({ name: name.split(':')[0] || number, number });

function create(context: EslContext, leg: Leg, direction: 'inbound' | 'outbound', name: string): Channel {
  const wanted = direction === 'outbound' && !leg.dialledBy ? leg.variables.get('origination_uuid') : undefined;
  const uuid = leg.requestedId ?? wanted ?? randomUUID();
  const channel = new Channel({ leg, uuid, name, direction, createdAt: context.teller.origin.now });
  context.channels.add(channel);
  return channel;
}

const presenceOf = ({ domain }: EslContext, { line }: Leg): string | undefined =>
  line.kind === 'phone' ? `${line.number}@${domain}` : undefined;

function incomingName({ domain }: EslContext, { line, caller }: Leg): string {
  if (line.kind === 'phone') return `sofia/internal/${line.number}@${domain}`;
  if (line.kind === 'local') return `loopback/${line.exten}-b`;
  if (caller.number === null) return 'sofia/external/anonymous@anonymous.invalid';
  return `sofia/external/${caller.withheld === true ? 'anonymous' : caller.number}@127.0.0.1`;
}

function outgoingName(target: Target): string {
  if (target.kind === 'local') return `loopback/${target.exten}-a`;
  if (target.kind === 'trunk') return `sofia/external/${target.number}`;
  return `sofia/internal/${target.number}@127.0.0.1:${portOf(target.number)}`;
}

/** Who calls, as a channel that comes in has it. */
function callerOf({ line, caller }: Leg): CallerId {
  if (line.kind === 'phone') return { name: line.number, number: line.number };
  if (caller.withheld === true) return caller.number === null ? ANONYMOUS : { ...ANONYMOUS, number: caller.number };
  return shown(caller);
}

/** Without a name the number is the name. */
function shown({ number, name }: Identity): CallerId {
  if (number === null) return name === null ? NO_CALLER : { name, number: NO_CALLER.number };
  return { name: name ?? number, number };
}

function setIncomingVariables({ domain, x }: EslContext, channel: Channel, caller: CallerId) {
  const { leg, uuid, name } = channel;
  const set = (variable: string, value: string): void => channel.set(variable, value);
  set('direction', 'inbound');
  set('uuid', uuid);
  set('call_uuid', uuid);
  set('session_id', String(leg.serial + 1));
  set('channel_name', name);
  if (leg.line.kind === 'local') return setLoopVariables(channel, 'B');
  const withheld = leg.caller.withheld === true;
  set('sip_from_user', withheld ? ANONYMOUS.number : caller.number);
  set('sip_from_host', leg.line.kind === 'phone' ? domain : '127.0.0.1');
  set('sip_from_user_stripped', caller.number.replace(/^\+/, ''));
  if (leg.line.kind === 'trunk' && (withheld || leg.caller.name !== null)) set('sip_from_display', caller.name);
  set('sip_call_id', `${uuid}@127.0.0.1`);
  set('sip_req_user', leg.place.exten);
  set('sip_to_user', leg.place.exten);
  set('sip_network_ip', '127.0.0.1');
  set('sofia_profile_name', leg.line.kind === 'phone' ? 'internal' : 'external');
  const diverted = leg.redirection?.from.number;
  if (diverted) set('sip_h_Diversion', `<sip:${diverted}@127.0.0.1>;reason=unconditional;counter=1`);
  if (leg.line.kind === 'phone') {
    set('sip_authorized', 'true');
    set('sip_auth_username', leg.line.number);
    set('user_name', leg.line.number);
    set('presence_id', `${leg.line.number}@${domain}`);
    for (const [name, value] of userVariables(x, leg.line.number)) set(name, value);
  }
  set('endpoint_disposition', 'DELAYED NEGOTIATION');
  set('domain_name', domain);
}

function setOutgoingVariables(
  { domain }: EslContext,
  channel: Channel,
  target: Target,
  from: Channel | undefined,
): void {
  const set = (variable: string, value: string): void => channel.set(variable, value);
  set('direction', 'outbound');
  set('is_outbound', 'true');
  set('uuid', channel.uuid);
  set('call_uuid', from?.uuid ?? channel.uuid);
  set('session_id', String(channel.leg.serial + 1));
  set('channel_name', channel.name);
  for (const [name, value] of channel.leg.variables) set(name, value);
  if (target.kind === 'trunk') set('sip_gateway_name', 'trunk');
  if (target.kind === 'local') setLoopVariables(channel, 'A');
  else set('sip_profile_name', target.kind === 'trunk' ? 'gateway' : 'internal');
  if (from) {
    for (const name of ['sip_h_Diversion', 'sip_h_Referred-By'] as const) {
      const value = from.variables.get(name);
      if (value !== undefined) channel.set(name, value);
    }
    set('originator', from.uuid);
    set('signal_bond', from.uuid);
  }
  if (target.kind === 'phone') {
    set('dialed_user', target.number);
    set('dialed_domain', domain);
    const extension = from?.variables.get('dialed_extension');
    if (extension !== undefined) channel.set('dialed_extension', extension);
    set('sip_invite_domain', domain);
    set('presence_id', `${target.number}@${domain}`);
  }
  set('originate_early_media', String(from !== undefined));
  if (from) set('originating_leg_uuid', from.uuid);
  set('originate_endpoint', target.kind === 'local' ? 'loopback' : 'sofia');
}

function setLoopVariables(channel: Channel, leg: 'A' | 'B'): void {
  channel.set('is_loopback', '1');
  channel.set('loopback_leg', leg);
}
