import { conference } from '../model/conference.ts';
import type { Leg } from '../model/leg.ts';
import { type Origination, type OriginationResult, originate as place } from '../model/originate.ts';
import { pickUp } from '../model/pickup.ts';
import type { Routine } from '../model/routine.ts';
import type { Target } from '../model/target.ts';
import { type ApiCommand, type ApiContext, userOf } from './api.ts';
import { flip, noteRouting } from './bridging.ts';
import { causeOfEnd } from './endings.ts';

const USAGE =
  '-USAGE: <call url> <exten>|&<application_name>(<app_args>) [<dialplan>] [<context>] [<cid_name>] [<cid_num>] [<timeout_sec>]\n';

/** An application and its argument, as in `&park()`. */
interface Wanted {
  readonly name: string;
  readonly data: string;
}

/** A request to `originate`. */
interface Request {
  readonly variables: Readonly<Record<string, string>>;
  readonly url: string;
  readonly goal: string;
  readonly name?: string;
  readonly number?: string;
  readonly seconds?: number;
}

/** Rings one end and, when it answers, sends it to a number or lets it do something. */
export const originate: ApiCommand = (context, args, done) => {
  const request = parse(args);
  if (!request) return USAGE;
  const target = targetOf(context, request.url);
  if (typeof target === 'string') return `-ERR ${target}\n`;
  const { variables } = request;
  const app = /^&(\w+)(?:\((.*)\))?$/.exec(request.goal);
  const wanted = app && { name: app[1] ?? '', data: app[2] ?? '' };
  const name = request.name ?? variables['origination_caller_id_name'];
  const number = request.number ?? variables['origination_caller_id_number'];
  const seconds = request.seconds ?? Number(variables['originate_timeout'] ?? variables['leg_timeout'] ?? 60);
  const { origination_uuid: uuid } = variables;
  if (uuid !== undefined && context.channels.byUuid(uuid)) return '-ERR DUPLICATE_UUID\n';
  const origination: Origination = {
    target,
    ...goalOf(context, request.goal, wanted),
    caller: { number: number ?? null, name: name ?? null },
    timeoutMs: (Number.isFinite(seconds) && seconds > 0 ? seconds : 60) * 1000,
    ...(uuid === undefined ? {} : { requestedId: uuid }),
    variables,
  };
  let ringing: Leg | undefined;
  const stop = context.x.subscribe((event) => {
    if (event.type === 'dialBegan' && event.from === null) ringing ??= event.to;
  });
  place(context.x, origination, (result) => {
    stop();
    done(conclude(context, request, wanted, result, ringing));
  });
  if (ringing && variables['sip_auto_answer'] === 'true') answerBySelf(context, ringing);
  return undefined;
};

/** What is said of how it went; a leg that was answered goes on from here. */
function conclude(
  context: ApiContext,
  { goal }: Request,
  wanted: Wanted | null,
  result: OriginationResult,
  ringing: Leg | undefined,
): string {
  if (!result.ok) {
    const channel = ringing && context.channels.of(ringing);
    if (result.why === 'noanswer') {
      if (channel) channel.endCause = 'NO_ANSWER';
      return '-ERR NO_ANSWER\n';
    }
    return `-ERR ${channel ? causeOfEnd(channel) : 'USER_NOT_REGISTERED'}\n`;
  }
  const { teller } = context;
  const channel = context.channels.of(result.leg);
  if (!channel) return '-ERR DESTINATION_OUT_OF_ORDER\n';
  if (result.leg.line.kind === 'phone') teller.tell('CHANNEL_OUTGOING', channel);
  const tell = teller.tell.bind(teller);
  channel.hitDialplan ||= wanted !== null;
  if (wanted) flip(channel, tell);
  channel.isApplicationOnly = wanted !== null;
  context.x.soon(() => {
    if (channel.ending !== 'no') return;
    if (!wanted) {
      noteRouting(context, channel, goal);
      teller.state(channel, 'CS_ROUTING');
      channel.hitDialplan = true;
      flip(channel, tell);
    }
    teller.state(channel, 'CS_EXECUTE');
  });
  return `+OK ${channel.uuid}\n`;
}

/** The telephone was asked to answer by itself. */
function answerBySelf({ x, pbx }: ApiContext, leg: Leg): void {
  if (leg.line.kind !== 'phone') return;
  const telephone = pbx.people.phone(leg.line.number);
  x.after(100, () => {
    const name = telephone.nameOf(leg);
    if (name !== undefined && leg.listener) telephone.answer({ leg: name });
  });
}

function goalOf(context: ApiContext, goal: string, wanted: Wanted | null): Partial<Origination> {
  if (!wanted) return { to: { context: 'internal', exten: goal } };
  const dialled = wanted.name === 'bridge' ? targetOf(context, wanted.data) : undefined;
  if (dialled !== undefined && typeof dialled !== 'string')
    return { to: { context: 'internal', exten: dialled.kind === 'local' ? dialled.exten : dialled.number } };
  return { does: (leg) => routineOf(context, leg, wanted) };
}

/** Lets a leg do what an application does. */
export function beginsCall(context: ApiContext, leg: Leg, wanted: Wanted): void {
  const channel = context.channels.of(leg);
  if (channel) context.teller.state(channel, 'CS_EXECUTE');
  context.x.follow(leg, routineOf(context, leg, wanted), wanted.name === 'park');
}

function* routineOf(context: ApiContext, leg: Leg, { name, data }: Wanted): Routine {
  const { x, teller } = context;
  const channel = context.channels.of(leg);
  if (name === 'conference') return yield* conference(x, leg, data.replace(/[@+].*$/, ''));
  if (name === 'intercept') {
    const number = ringingAt(context, data);
    if (number !== undefined) yield* pickUp(x, leg, number);
    return;
  }
  if (name === 'hangup') return;
  if (channel) {
    teller.execute(channel, name, data);
    if (name === 'park') teller.tell('CHANNEL_PARK', channel);
  }
  try {
    yield* x.pause(3_600_000);
  } finally {
    if (channel && name === 'park') teller.tell('CHANNEL_UNPARK', channel);
  }
}

/** The telephone at which the call rings that a channel is, or has placed. */
function ringingAt({ channels }: ApiContext, uuid: string): string | undefined {
  const target = channels.byUuid(uuid);
  if (!target) return undefined;
  const rung = target.leg.listener ? target : channels.all().find(({ originator }) => originator === target);
  return rung?.leg.line.kind === 'phone' ? rung.leg.line.number : undefined;
}

/** `{name=value,...}url goal dialplan context name number seconds`. */
function parse(args: string): Request | undefined {
  const { variables, rest } = readVariables(args.trim());
  const [url, goal, , , name, number, seconds] = split(rest);
  if (url === undefined || goal === undefined) return undefined;
  return {
    variables,
    url,
    goal,
    ...(name === undefined ? {} : { name }),
    ...(number === undefined ? {} : { number }),
    ...(seconds === undefined ? {} : { seconds: Number(seconds) }),
  };
}

/** An application's arguments may have spaces in them. */
const split = (text: string): string[] =>
  [...text.matchAll(/&\w+\([^)]*\)|'([^']*)'|(\S+)/g)].map(([all, quoted]) => quoted ?? all);

function readVariables(text: string): { variables: Record<string, string>; rest: string } {
  const variables: Record<string, string> = {};
  let rest = text;
  for (let match = BLOCK.exec(rest); match; match = BLOCK.exec(rest)) {
    for (const [, name = '', quoted, bare = ''] of (match[1] ?? match[2] ?? '').matchAll(ASSIGNMENT))
      if (!/^__proto__$/.test(name)) variables[name.trim()] = quoted ?? bare;
    rest = rest.slice(match[0].length);
  }
  return { variables, rest };
}

const BLOCK = /^(?:\{((?:'[^']*'|[^}'])*)\}|\[((?:'[^']*'|[^\]'])*)\])/;
const ASSIGNMENT = /([^=,]+)=(?:'([^']*)'|([^,]*))/g;

/** Whom a call URL rings, or why nobody. */
function targetOf({ x }: ApiContext, url: string): Target | string {
  const [kind = '', ...path] = url.replace(/^[{[][^}\]]*[}\]]/, '').split('/');
  const last = path.at(-1) ?? '';
  if (kind === 'user') {
    const number = userOf(last);
    if (!x.office.extensions.has(number)) return 'SUBSCRIBER_ABSENT';
    return x.devices.isRegistered(number) ? { kind: 'phone', number } : 'USER_NOT_REGISTERED';
  }
  if (kind === 'loopback') return { kind: 'local', exten: path[0] ?? '', context: 'internal' };
  if (kind !== 'sofia') return 'CHAN_NOT_IMPLEMENTED';
  if (path[0] === 'gateway') return path[1] === 'trunk' ? { kind: 'trunk', number: last } : 'INVALID_GATEWAY';
  const number = last.replace(/[@%].*$/, '');
  if (path[0] === 'internal')
    return x.office.extensions.has(number) ? { kind: 'phone', number } : 'DESTINATION_OUT_OF_ORDER';
  return path[0] === 'external' ? { kind: 'trunk', number } : 'DESTINATION_OUT_OF_ORDER';
}
