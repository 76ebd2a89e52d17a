import type { Leg } from '../model/leg.ts';
import type { Action, ActionContext } from './action.ts';
import { CHANNEL_STATES } from './texts.ts';
import { modelVariable, variableOf } from './variables.ts';

/** Actions that read and set variables. */
export const VARIABLE_ACTIONS: readonly Action[] = [
  {
    name: 'Getvar',
    classes: ['call', 'reporting'],
    summary: 'Gets a channel variable or function value.',
    run: getVariable,
  },
  { name: 'Setvar', classes: ['call'], summary: 'Sets a channel variable or function value.', run: setVariable },
];

function getVariable(context: ActionContext) {
  const { request, pbx, snapshots } = context;
  const name = request.get('Variable');
  const channel = request.get('Channel');
  if (name === '') return context.fail('No variable specified');
  const leg = snapshots.names.find(pbx.exchange, channel);
  if (channel !== '' && !leg) return context.fail('No such channel');
  const value = leg
    ? (read(leg, name) ?? '')
    : (endpointSetting(context, name) ?? pbx.exchange.globals.get(name) ?? '');
  context.succeed([
    ['Variable', name],
    ['Value', value],
  ]);
}

/** `PJSIP_ENDPOINT(1001,callerid)`: a setting of a telephone, which needs no channel. */
function endpointSetting({ pbx }: ActionContext, name: string): string | undefined {
  const [, number = '', setting] = /^PJSIP_ENDPOINT\(([^,)]*),([^,)]*)\)$/.exec(name) ?? [];
  const extension = pbx.exchange.office.extensions.get(number);
  if (!extension) return undefined;
  if (setting === 'context') return 'internal';
  return setting === 'callerid' ? `"${extension.name ?? ''}" <${number}>` : undefined;
}

function setVariable(context: ActionContext) {
  const { request, pbx, snapshots } = context;
  const name = request.get('Variable');
  const channel = request.get('Channel');
  if (name === '') return context.fail('No variable specified');
  const leg = snapshots.names.find(pbx.exchange, channel);
  if (channel !== '' && !leg) return context.fail('No such channel');
  pbx.exchange.setVariable(leg ?? null, modelVariable(name), request.get('Value'));
  if (!leg && name === 'RINGTIME') pbx.exchange.ringSeconds = Number(request.get('Value')) || undefined;
  context.succeed([['Message', 'Variable Set']]);
}

/** What the functions of the dialplan tell that no event does: withheld numbers and diversions. */
function read(leg: Leg, name: string): string | undefined {
  const { redirection, caller, connected } = leg;
  const functions: Readonly<Record<string, string | null | undefined>> = {
    'CALLERID(num)': caller.number,
    'CALLERID(name)': caller.name,
    'CALLERID(pres)': caller.withheld ? 'prohib_not_screened' : 'allowed_not_screened',
    'CONNECTEDLINE(num)': connected.number,
    'CONNECTEDLINE(name)': connected.name,
    'REDIRECTING(from-num)': redirection?.from.number,
    'REDIRECTING(from-name)': redirection?.from.name,
    'REDIRECTING(to-num)': redirection?.to.number,
    'REDIRECTING(reason)': redirection?.reason ?? 'unknown',
    'REDIRECTING(count)': redirection ? '1' : '0',
    'CHANNEL(state)': CHANNEL_STATES[leg.state][1],
    'CHANNEL(linkedid)': undefined,
  };
  return functions[name] ?? variableOf(leg, name);
}
