import type { AmiAnswer } from '../../adapters/asterisk-ami/session.ts';
import type { Clock } from '../../domain/clock.ts';
import type { DeviceId } from '../../domain/device.ts';
import { sanitise } from '../view/text.ts';
import { type Check, fail, ok, skip, warn } from './report.ts';
import type { Examined } from './session.ts';

/** The releases of Asterisk that the adapter was proved against. */
const SUPPORTED = { from: 16, to: 22 };
/** Beyond this, times of calls are noticeably wrong. */
const SKEW_WARN_MS = 2_000;
/** Names that no switch has: actions about them change nothing. */
const NOBODY = 'PJSIP/offhook-doctor-no-such-channel';

/** Which release answers. */
export async function checkVersion({ ask, amiVersion }: Examined): Promise<Check> {
  const answer = await ask('CoreSettings');
  const version = answer.response.get('AsteriskVersion');
  if (version === undefined) {
    return skip('version', `AMI ${sanitise(amiVersion)}; the release is told to users with a write class only.`);
  }
  const major = Number(/^\D*(\d+)/.exec(version)?.[1]);
  const text = `Asterisk ${sanitise(version)}, AMI ${sanitise(amiVersion)}`;
  if (major >= SUPPORTED.from && major <= SUPPORTED.to) return ok('version', text);
  const range = `${SUPPORTED.from} to ${SUPPORTED.to}`;
  return warn('version', `${text} is not one of the releases that were tested.`, `Tested: ${range}. It may well work.`);
}

/** The read classes, from what Asterisk itself tells with the login, and from its command line where that is allowed. */
export async function checkReading({ ask, sawFullyBooted }: Examined, username: string): Promise<Check[]> {
  const readable = await readClasses(ask, username);
  const system = sawFullyBooted || readable?.has('system') === true;
  const call = readable?.has('call');
  return [
    system
      ? ok('read-system', 'Read class system: events of the switch come.')
      : lacksReading('system', 'no FullyBooted came, unless the switch is still booting'),
    call === undefined
      ? skip('read-call', 'Read class call: only seen when a call comes (the user may not ask the command line).')
      : call
        ? ok('read-call', 'Read class call: events of calls come.')
        : lacksReading('call', 'no call would be seen'),
  ];
}

function lacksReading(name: string, effect: string): Check {
  const remedy =
    'Write read = system,call,agent,dtmf for this user in manager.conf; then: asterisk -rx "manager reload".';
  return fail(`read-${name}`, `Read class ${name} is missing: ${effect}.`, remedy, 'link.read-class-missing');
}

/** What `manager show user` says; `undefined` where the user lacks the write class `command`. */
async function readClasses(ask: Examined['ask'], username: string): Promise<ReadonlySet<string> | undefined> {
  if (!/^[\w.-]+$/.test(username)) return undefined;
  const { ok: fine, response } = await ask('Command', { Command: `manager show user ${username}` });
  const said = response
    .all('Output')
    .map((line) => /read ?perm:\s*(.*)$/i.exec(line)?.[1])
    .find((found) => found !== undefined);
  if (!fine || said === undefined) return undefined;
  const classes = new Set(said.split(',').map((each) => each.trim()));
  return classes.has('all') ? new Set(['system', 'call']) : classes;
}

/** Services and the write class that each needs, found out by actions that cannot do anything. */
const WRITE_PROBES = [
  { classes: 'originate', service: 'dial', action: 'Originate', fields: { Channel: '' } },
  {
    classes: 'call',
    service: 'transfer, park',
    action: 'Redirect',
    fields: { Channel: NOBODY, Context: 'x', Exten: 'x', Priority: 1 },
  },
  { classes: 'call or system', service: 'hang up', action: 'Hangup', fields: { Channel: NOBODY } },
  {
    classes: 'system or reporting',
    service: 'see calls that are already there',
    action: 'CoreShowChannels',
    fields: {},
  },
  { classes: 'call or reporting', service: 'know which phones are reachable', action: 'DeviceStateList', fields: {} },
] as const;

/** The write classes. `CoreShowChannels` is needed for everything; the rest only for what it does. */
export async function checkWriting({ ask }: Examined): Promise<Check[]> {
  const checks: Check[] = [];
  for (const { classes, service, action, fields } of WRITE_PROBES) {
    const name = `write-${action.toLowerCase()}`;
    const denied = isDenied(await ask(action, fields));
    const remedy = `Add ${classes} to the line "write =" of this user in manager.conf, then reload.`;
    const lacks = `Write class ${classes} is missing: cannot ${service}.`;
    if (!denied) checks.push(ok(name, `May ${service} (write class ${classes}).`));
    else if (action === 'CoreShowChannels') checks.push(fail(name, lacks, remedy, 'command.not-permitted'));
    else checks.push(warn(name, lacks, remedy));
  }
  return checks;
}

/** Whether the clocks agree; asked with the shortest possible way. */
export async function checkClock({ ask }: Examined, clock: Clock): Promise<Check> {
  const before = clock.now();
  const answer = await ask('Ping');
  const after = clock.now();
  const told = Number(answer.response.get('Timestamp')) * 1000;
  if (!Number.isFinite(told) || told <= 0) return skip('clock', 'The switch tells no time with Ping.');
  const skewMs = Math.round(told - (before + after) / 2);
  if (Math.abs(skewMs) <= SKEW_WARN_MS) return ok('clock', `The clocks agree (${skewMs} ms).`);
  const seconds = (Math.abs(skewMs) / 1000).toFixed(1);
  const message = `The switch's clock is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} this machine's.`;
  return warn(
    'clock',
    message,
    'Let both take their time from NTP; times in histories and recordings differ by that much.',
  );
}

/** Which lines there are, and whether those of the configuration are among them. */
export async function checkLines(
  { ask }: Examined,
  configured: readonly { readonly device: DeviceId; readonly endpoint?: string | undefined }[],
): Promise<Check[]> {
  const known = await endpoints(ask);
  if (known === undefined) return [skip('lines', 'The endpoints cannot be listed: a write class is missing.')];
  const names = [...known].sort();
  const shown = names.slice(0, 20).map(sanitise).join(', ') + (names.length > 20 ? `, … (${names.length})` : '');
  if (names.length === 0) {
    return [
      fail('lines', 'The switch has no endpoints.', 'Define telephones in pjsip.conf, or check the modules loaded.'),
    ];
  }
  const checks = [ok('lines', `${names.length} endpoints: ${shown}.`)];
  for (const { device, endpoint } of configured) {
    const wanted = endpoint ?? device;
    if (known.has(wanted) || known.has(wanted.replace(/^\w+\//, ''))) continue;
    const remedy = `Correct its "device", or name its "endpoint". The switch has: ${shown}`;
    checks.push(fail('lines', `The line ${device} of the configuration is not on the switch.`, remedy));
  }
  return checks;
}

/** By name, from PJSIP where it is there, and from the device states for everything else. */
async function endpoints(ask: Examined['ask']): Promise<Set<string> | undefined> {
  const pjsip = await ask('PJSIPShowEndpoints');
  const states = await ask('DeviceStateList');
  if (!pjsip.ok && !states.ok) return undefined;
  const names = new Set<string>();
  for (const item of pjsip.items) names.add(item.get('ObjectName') ?? '');
  for (const item of states.items) {
    const [technology = '', name = ''] = (item.get('Device') ?? '').split('/');
    if (/^(PJSIP|SIP|IAX2|DAHDI|SCCP)$/.test(technology)) names.add(name);
  }
  names.delete('');
  return names;
}

/** Asterisk answers so to an action whose classes the user lacks. */
function isDenied({ ok: fine, response }: AmiAnswer): boolean {
  return !fine && /permission denied/i.test(response.get('Message') ?? '');
}
