import { rowsOf } from '../../adapters/freeswitch-esl/inventory.ts';
import type { NativeEslOptions } from '../../adapters/freeswitch-esl/options.ts';
import type { EslSession } from '../../adapters/freeswitch-esl/session.ts';
import { nativeEslSession } from '../../adapters/freeswitch-esl/wire.ts';
import { type ErrorCode, OffhookError } from '../../domain/error.ts';
import { silentLogger } from '../../domain/logger.ts';
import type { CliIo } from '../io.ts';
import { sanitise } from '../view/text.ts';
import { type Check, fail, ok, skip, warn } from './report.ts';

/** The release that the adapter was proved against. */
const TESTED = '1.10';
const COMMAND_TIMEOUT_MS = 5_000;
/** Beyond this, times of calls are noticeably wrong. */
const SKEW_WARN_MS = 3_000;
/** An id that no channel has: commands about it change nothing. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

interface ConfiguredLine {
  readonly device: string;
  readonly endpoint?: string | undefined;
}

/** All checks of a link to a FreeSWITCH, as far as the link lets them come. Rejects where it is interrupted. */
export async function examineFreeswitch(
  connect: NativeEslOptions,
  lines: readonly ConfiguredLine[],
  io: CliIo,
): Promise<Check[]> {
  const where = `${connect.host}:${connect.port ?? 8021}`;
  const session = nativeEslSession({ commandTimeoutMs: COMMAND_TIMEOUT_MS, ...connect });
  const link = await connected(session, io);
  try {
    if (link.failure !== undefined) return failedEarly(where, link.failure, link.greeted);
    const ask = async (command: string, args = '') => (await session.api(command, args)).text.trim();
    return [
      ok('reachable', `${where} is reachable.`),
      ok('greeting', 'An event socket answers.'),
      ok('login', connect.user === undefined ? 'The password is right.' : `${sanitise(connect.user)} is logged in.`),
      ok('events', 'Events are subscribed to, and results of commands come by them.'),
      await checkVersion(ask),
      ...(await checkCommands(ask)),
      await checkClock(ask, io),
      ...(await checkLines(ask, lines)),
    ];
  } catch (error) {
    if (!(error instanceof OffhookError)) throw error;
    const remedy = 'Look whether the switch is very busy, and whether the user may have BACKGROUND_JOB events.';
    return [fail('events', `${sanitise(error.message)}.`, remedy, error.code)];
  } finally {
    link.close();
  }
}

interface Link {
  readonly failure?: { readonly code: ErrorCode; readonly reason: string };
  /** True: something there asks for a login. */
  readonly greeted: boolean;
  close(): void;
}

function connected(session: EslSession, io: CliIo): Promise<Link> {
  return new Promise((resolve, reject) => {
    let greeted = false;
    const subscription = session.open({ clock: io.clock, logger: silentLogger }).subscribe((event) => {
      const close = () => subscription.unsubscribe();
      if (event.type === 'authenticating') greeted = true;
      else if (event.type === 'ready') resolve({ greeted, close });
      else if (event.type === 'waiting' || event.type === 'refused') resolve({ failure: event, greeted, close });
    });
    const stopped = () => {
      subscription.unsubscribe();
      reject(new OffhookError('link.stopped', 'Interrupted.'));
    };
    io.stop.addEventListener('abort', stopped, { once: true });
  });
}

function failedEarly(where: string, failure: { code: ErrorCode; reason: string }, greeted: boolean): Check[] {
  const { code, reason } = failure;
  const said = `${sanitise(reason.charAt(0).toUpperCase() + reason.slice(1))}.`;
  if (code === 'link.not-esl') {
    return [
      ok('reachable', `${where} is reachable.`),
      fail('greeting', said, 'Give the port of the event socket (8021).', code),
    ];
  }
  if (!greeted) return [fail('reachable', said, REACH, code)];
  const known = [ok('reachable', `${where} is reachable.`), ok('greeting', 'An event socket answers.')];
  return [...known, fail('login', said, LOGIN, code)];
}

const REACH =
  'Check host and port; in event_socket.conf.xml, listen-ip and apply-inbound-acl: without them only the machine itself gets in.';
const LOGIN =
  'Compare the password with event_socket.conf.xml, or user and esl-password with the directory; then: fs_cli -x "reload mod_event_socket".';

type Ask = (command: string, args?: string) => Promise<string>;

async function checkVersion(ask: Ask): Promise<Check> {
  const version = /\d+\.\d+[\w.]*/.exec(await ask('version'))?.[0];
  if (version === undefined) return skip('version', 'The switch does not tell its version.');
  if (version.startsWith(`${TESTED}.`)) return ok('version', `FreeSWITCH ${sanitise(version)}`);
  const message = `FreeSWITCH ${sanitise(version)} is not one of the releases that were tested.`;
  return warn('version', message, `Tested: ${TESTED}. It may well work.`);
}

/** Services and the command that each needs, found out by requests that cannot do anything. */
const PROBES = [
  { service: 'see calls that are already there', command: 'show', args: 'channels as json', needed: true },
  { service: 'know what these calls are', command: 'uuid_dump', args: `${NOBODY} json`, needed: true },
  { service: 'dial', command: 'originate', args: '', needed: false },
  { service: 'hang up', command: 'uuid_kill', args: NOBODY, needed: false },
  { service: 'hold', command: 'uuid_hold', args: NOBODY, needed: false },
  { service: 'transfer, deflect, park', command: 'uuid_transfer', args: '', needed: false },
  { service: 'join calls', command: 'uuid_bridge', args: '', needed: false },
  { service: 'send digits', command: 'uuid_send_dtmf', args: '', needed: false },
] as const;

async function checkCommands(ask: Ask): Promise<Check[]> {
  const checks: Check[] = [];
  for (const { service, command, args, needed } of PROBES) {
    const said = await ask(command, args);
    const isDenied = /permission denied|command not found/i.test(said);
    const remedy = `Add ${command} to esl-allowed-api of the user, or load the module that has it.`;
    const lacks = `The command ${command} is not allowed: cannot ${service}.`;
    if (!isDenied) checks.push(ok(`may-${command}`, `May ${service} (${command}).`));
    else if (needed) checks.push(fail(`may-${command}`, lacks, remedy, 'command.not-permitted'));
    else checks.push(warn(`may-${command}`, lacks, remedy));
  }
  return checks;
}

/** Whether the clocks agree; the switch tells whole seconds. */
async function checkClock(ask: Ask, io: CliIo): Promise<Check> {
  const before = io.clock.now();
  const told = Number(await ask('strepoch')) * 1000;
  const after = io.clock.now();
  if (!Number.isFinite(told) || told <= 0) return skip('clock', 'The switch does not tell the time (strepoch).');
  const skewMs = Math.round(told + 500 - (before + after) / 2);
  if (Math.abs(skewMs) <= SKEW_WARN_MS) return ok('clock', 'The clocks agree.');
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  const message = `The switch's clock is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} this machine's.`;
  const remedy = 'Let both take their time from NTP; times in histories and recordings differ by that much.';
  return warn('clock', message, remedy);
}

/** Which telephones are registered, and whether those of the configuration are known. */
async function checkLines(ask: Ask, configured: readonly ConfiguredLine[]): Promise<Check[]> {
  const registered = registeredUsers(await ask('show', 'registrations as json'));
  const names = [...(registered ?? [])].sort();
  const shown = names.slice(0, 20).map(sanitise).join(', ') + (names.length > 20 ? `, … (${names.length})` : '');
  const checks =
    registered === undefined
      ? [skip('lines', 'The registrations cannot be listed.')]
      : [ok('lines', `${names.length} telephones are registered${names.length === 0 ? '' : `: ${shown}`}.`)];
  const domain = await ask('global_getvar', 'domain');
  for (const { device, endpoint } of configured) {
    const [user = device, host = domain] = (endpoint ?? device).replace(/^user\//, '').split('@');
    if (registered?.has(user) === true || !/^[\w.-]+$/.test(`${user}${host}`)) continue;
    if ((await ask('user_exists', `id ${user} ${host}`)) !== 'false') continue;
    const remedy = `Correct its "device", or name its "endpoint": user@domain. Registered: ${shown}`;
    checks.push(
      fail('lines', `The line ${device} of the configuration is not in the directory of the switch.`, remedy),
    );
  }
  return checks;
}

function registeredUsers(text: string): ReadonlySet<string> | undefined {
  try {
    return new Set(rowsOf(text).map((row) => row['reg_user'] ?? ''));
  } catch {
    return undefined;
  }
}
