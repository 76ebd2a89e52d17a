import type { DeviceId } from '../../domain/device.ts';
import { OffhookError } from '../../domain/error.ts';
import { checkNumber, type Refused, refused } from '../shared/proof.ts';
import type { CommandRun } from './command-run.ts';
import type { ConnectionView } from './translate.ts';

/** Where a call is to be sent: a number that can be dialled, and that the user's own dialplan knows. */
export async function destinationOf(
  command: { readonly connection: string; readonly number: string },
  run: CommandRun,
): Promise<{ readonly view: ReachableView; readonly context: string } | Refused> {
  const wrong = checkNumber(command.number);
  if (wrong !== undefined) return wrong;
  const view = viewOf(command.connection, run);
  if ('code' in view) return view;
  const context = await contextOf(view.device, run);
  return (await checkExists(command.number, context, run)) ?? { view, context };
}

type ReachableView = ConnectionView & { readonly channel: string };

export function viewOf(connection: string, run: CommandRun): ReachableView | Refused {
  const view = run.translator.connection(connection);
  const [channel] = view?.channels ?? [];
  if (view === undefined || channel === undefined) {
    return refused(
      'command.unknown-connection',
      'This call is not on the switch any more.',
      'Refresh the list of calls.',
    );
  }
  return { ...view, channel };
}

/** The context of the user's own endpoint, as the switch configured it. */
export async function contextOf(device: DeviceId, run: CommandRun): Promise<string> {
  if (run.options.context !== undefined) return run.options.context;
  const told = await endpointVariable('context', device, run);
  if (told !== undefined && told !== '') return told;
  const endpoint = endpointOf(device, run);
  if (endpoint.startsWith('PJSIP/')) {
    const answer = await run.session.send('PJSIPShowEndpoint', { Endpoint: endpoint.slice(6) }, { list: true });
    const context = answer.items.find((item) => item.name === 'EndpointDetail')?.get('Context');
    if (context !== undefined && context !== '') return context;
  }
  return 'default';
}

/**
 * A call that is sent to a number that the dialplan does not have is lost, and the switch calls that a success. A switch
 * that cannot be asked is believed to have the number.
 */
async function checkExists(number: string, context: string, run: CommandRun): Promise<Refused | undefined> {
  if (!/^[\w.-]+$/.test(context)) return undefined;
  const fields = { Variable: `DIALPLAN_EXISTS(${context},${number},1)` };
  const answer = await run.session.send('Getvar', fields, { list: false });
  if (!answer.ok || answer.response.get('Value') !== '0') return undefined;
  return refused('command.refused', `The PBX knows no number ${number}.`, 'Check the number; the call is as it was.');
}

/**
 * One setting of a station's PJSIP endpoint; `undefined` when it cannot be had. The dialplan function is asked, because
 * PJSIPShowEndpoint answers with the telephone's password as well.
 */
export async function endpointVariable(
  setting: 'context' | 'callerid',
  device: DeviceId,
  run: CommandRun,
): Promise<string | undefined> {
  try {
    const endpoint = /^PJSIP\/([^@]+)$/.exec(endpointOf(device, run))?.[1];
    if (endpoint === undefined) return undefined;
    const fields = { Variable: `PJSIP_ENDPOINT(${endpoint},${setting})` };
    const answer = await run.session.send('Getvar', fields, { list: false });
    return answer.ok ? answer.response.get('Value') : undefined;
  } catch {
    return undefined;
  }
}

export function endpointOf(device: DeviceId, run: CommandRun): string {
  const configured = run.lines.find((line) => line.device === device)?.endpoint;
  const endpoint = configured ?? run.options.endpointOf?.(device) ?? `PJSIP/${device}`;
  if (!/^[A-Za-z0-9]+\/[A-Za-z0-9@._+-]{1,80}$/.test(endpoint)) {
    throw new OffhookError('command.invalid-argument', `device: ${JSON.stringify(device)} is no endpoint`, {
      field: 'device',
    });
  }
  return endpoint;
}
