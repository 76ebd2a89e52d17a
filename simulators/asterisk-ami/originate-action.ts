import type { Identity } from '../model/leg.ts';
import { type Origination, type OriginationResult, originate } from '../model/originate.ts';
import type { Target } from '../model/target.ts';
import type { ActionContext } from './action.ts';
import type { Header } from './message.ts';
import { uniqueIdOf } from './names.ts';
import { isTrue } from './queue-actions.ts';

/** Places a call: rings one channel and, when it answers, sends it on. `Reason` tells little: 0 is rejected and unreachable alike. */
export function originateAction(context: ActionContext) {
  const { request, pbx } = context;
  const problem = problemOf(context);
  if (problem !== undefined) return context.fail(problem);
  const background = isTrue(request.get('Async'));
  if (background) context.succeed([['Message', 'Originate successfully queued']]);
  const done = (result: OriginationResult): void => {
    tell(context, result);
    if (background) return;
    if (result.ok) context.succeed([['Message', 'Originate successfully queued']]);
    else context.fail('Originate failed');
  };
  const origination = read(context);
  pbx.exchange.soon(() => {
    if (origination) originate(pbx.exchange, origination, done);
    else done({ ok: false, why: 'unreachable' });
  });
}

function problemOf({ request }: ActionContext): string | undefined {
  const has = (name: string): boolean => request.get(name) !== '';
  if (!has('Channel')) return 'Channel not specified';
  if (!request.get('Channel').includes('/')) return 'Invalid channel';
  if (has('Priority') && !/^\d+$/.test(request.get('Priority'))) return 'Invalid priority';
  if (has('Timeout') && !/^\d+$/.test(request.get('Timeout'))) return 'Invalid timeout';
  if (!has('Application') && !(has('Exten') && has('Context') && has('Priority')))
    return "Originate with 'Exten' requires 'Context' and 'Priority'";
  return undefined;
}

function read({ request }: ActionContext): Origination | undefined {
  const target = targetOf(request.get('Channel'));
  if (!target) return undefined;
  const wait = Number(request.get('Data'));
  const id = request.get('ChannelId');
  const variables = Object.fromEntries(request.all('Variable').flatMap(assignments));
  const shown = variables['CONNECTEDLINE(num)'] ?? variables['CONNECTEDLINE(num,i)'];
  return {
    target,
    ...(request.get('Application') === ''
      ? { to: { context: request.get('Context'), exten: request.get('Exten') } }
      : { waitMs: request.get('Application') === 'Wait' && wait > 0 ? wait * 1000 : 600_000 }),
    ...(request.get('Application') === 'PickupChan' ? { picksUp: deviceOf(request.get('Data')) } : {}),
    caller: callerOf(request.get('CallerID')),
    timeoutMs: Number(request.get('Timeout')) || 30_000,
    ...(id === '' ? {} : { requestedId: id }),
    ...(shown === undefined ? {} : { shown }),
    variables,
  };
}

/** The telephone of a channel: `1001` of `PJSIP/1001-0000002a`. */
function deviceOf(channel: string): string {
  return channel.replace(/^[^/]*\//, '').replace(/-[0-9a-f]+$/, '');
}

function assignments(text: string): [string, string][] {
  const at = text.indexOf('=');
  return at < 1 ? [] : [[text.slice(0, at), text.slice(at + 1)]];
}

/** `PJSIP/1001`, `PJSIP/number@trunk`, `Local/exten@context/n`. */
function targetOf(channel: string): Target | undefined {
  const [technology = '', rest = '', flags = ''] = channel.split('/');
  const [name = '', where] = rest.split('@');
  if (/^local$/i.test(technology))
    return { kind: 'local', exten: name, context: where ?? 'default', optimise: !flags.includes('n') };
  if (!/^(pj)?sip$/i.test(technology) || name === '') return undefined;
  return where === 'trunk' ? { kind: 'trunk', number: name } : { kind: 'phone', number: name };
}

/** `Name <number>`. */
function callerOf(text: string): Identity {
  const match = /^\s*"?(.*?)"?\s*<([^>]*)>\s*$/.exec(text);
  if (match) return { number: match[2] || null, name: match[1] || null };
  return { number: text.trim() || null, name: null };
}

function tell(context: ActionContext, result: OriginationResult): void {
  const { request, snapshots } = context;
  const id = request.get('ActionID');
  const caller = callerOf(request.get('CallerID'));
  const goal: Header[] =
    request.get('Application') === ''
      ? [
          ['Context', request.get('Context')],
          ['Exten', request.get('Exten')],
        ]
      : [
          ['Application', request.get('Application')],
          ['Data', request.get('Data')],
        ];
  const headers: Header[] = [
    ...(id === '' ? [] : ([['ActionID', id]] as const)),
    ['Response', result.ok ? 'Success' : 'Failure'],
    ['Channel', result.ok ? snapshots.names.nameOf(result.leg) : request.get('Channel')],
    ...goal,
    ['Reason', reasonOf(result)],
    ['Uniqueid', result.ok ? uniqueIdOf(result.leg) : '<unknown>'],
    ['CallerIDNum', caller.number ?? '<unknown>'],
    ['CallerIDName', caller.name ?? '<unknown>'],
    ...(result.ok ? snapshots.variables(result.leg, `ChanVariable(${snapshots.names.nameOf(result.leg)})`) : []),
  ];
  context.broadcast({ name: 'OriginateResponse', class: 'call', headers });
}

/** Numbers of control frames; most failures are told as 0. */
const FAILURES: Readonly<Record<string, number>> = { noanswer: 3, busyTone: 5, congestionTone: 8 };

function reasonOf(result: OriginationResult): number {
  if (result.ok) return 4;
  return FAILURES[result.why] ?? 0;
}
