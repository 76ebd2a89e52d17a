import type { DeviceId } from '../../domain/device.ts';
import { OffhookError } from '../../domain/error.ts';
import { checkNumber, type Refused, refused } from '../shared/proof.ts';
import type { CommandRun } from './command-run.ts';
import type { ConnectionView } from './translate.ts';

/** Contexts, domains and users: nothing that ends an argument. */
const WORD = /^[\w.-]{1,128}$/;

/** Dial strings: no spaces, commas, braces, brackets, quotes, `|`, `&` or `$`. */
const DIAL_STRING = /^[a-z]\w*\/[\w@.+:;=%/-]{1,200}$/i;

/** Names that can stand between quotes in an argument. */
const PLAIN_NAME = /^[\p{L}\p{N}][\p{L}\p{N} .-]{0,59}$/u;

/** A connection with the telephone's own channel. */
export type ReachableView = ConnectionView & { readonly channel: string };

/** Where a call is to be sent: a number that can be dialled. */
export async function destinationOf(
  command: { readonly connection: string; readonly number: string },
  run: CommandRun,
): Promise<{ readonly view: ReachableView; readonly context: string } | Refused> {
  const wrong = checkNumber(command.number);
  if (wrong !== undefined) return wrong;
  const view = viewOf(command.connection, run);
  return 'code' in view ? view : { view, context: await contextOf(view.device, run) };
}

/** A connection as it is on the switch now. */
export function viewOf(connection: string, run: CommandRun): ReachableView | Refused {
  const view = run.translator.connection(connection);
  const [channel] = view?.channels ?? [];
  if (view === undefined || channel === undefined || !WORD.test(channel)) {
    return refused(
      'command.unknown-connection',
      'This call is not on the switch any more.',
      'Refresh the list of calls.',
    );
  }
  return { ...view, channel };
}

/** The context that a user dials in. */
export async function contextOf(device: DeviceId, run: CommandRun): Promise<string> {
  const context = run.options.context ?? (await userVariable('user_context', device, run)) ?? 'default';
  if (!WORD.test(context)) throw invalid('context', context);
  return context;
}

/** How the own phone of a user is called, and as whom it then calls others. */
export async function ownPhone(
  device: DeviceId,
  run: CommandRun,
): Promise<{ readonly dialString: string; readonly variables: readonly string[] }> {
  const dialString = await dialStringOf(device, run);
  const number = (await userVariable('effective_caller_id_number', device, run)) ?? device;
  const name = await userVariable('effective_caller_id_name', device, run);
  const variables = checkNumber(number) === undefined ? [`effective_caller_id_number=${number}`] : [];
  if (name !== undefined && PLAIN_NAME.test(name)) variables.push(`effective_caller_id_name='${name}'`);
  return { dialString, variables };
}

/** The dial string of a number: the telephone itself where it is a user's, else whatever the dialplan makes of it. */
export async function dialStringOfNumber(number: string, context: string, run: CommandRun): Promise<string> {
  const domain = await domainOf(run);
  if (WORD.test(number)) {
    const { text } = await run.session.api('user_exists', `id ${number} ${domain}`);
    if (/^\s*true\b/.test(text)) return `user/${number}@${domain}`;
  }
  return `loopback/${number}/${context}`;
}

/** A variable of a user as the directory has it; `undefined` where there is none, or where it may not be asked. */
export async function userVariable(
  name: string,
  device: DeviceId,
  run: Pick<CommandRun, 'session' | 'options'>,
): Promise<string | undefined> {
  try {
    const domain = await domainOf(run);
    if (!WORD.test(device)) return undefined;
    const answer = await run.session.api('user_data', `${device}@${domain} var ${name}`);
    const value = answer.text.trim();
    return answer.ok && value !== '' && value !== '_undef_' ? value : undefined;
  } catch {
    return undefined;
  }
}

async function dialStringOf(device: DeviceId, run: CommandRun): Promise<string> {
  const configured = run.lines.find((line) => line.device === device)?.endpoint ?? run.options.endpointOf?.(device);
  if (configured === undefined && !WORD.test(device)) throw invalid('device', device);
  const address = configured ?? `${device}@${await domainOf(run)}`;
  const dialString = address.includes('/') ? address : `user/${address}`;
  if (!DIAL_STRING.test(dialString)) throw invalid('device', device);
  return dialString;
}

async function domainOf(run: Pick<CommandRun, 'session' | 'options'>): Promise<string> {
  const { domain } = run.options;
  const told = domain ?? (await run.session.api('global_getvar', 'domain')).text.trim();
  if (!WORD.test(told)) throw invalid('domain', told);
  return told;
}

function invalid(field: string, value: string): OffhookError {
  return new OffhookError(
    'command.invalid-argument',
    `${field}: ${JSON.stringify(value.slice(0, 60))} cannot be used`,
    {
      field,
      ...(field === 'domain' ? { remedy: 'Set `domain` of the link: the switch has no variable of that name.' } : {}),
    },
  );
}
