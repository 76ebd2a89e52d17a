import { randomBytes } from 'node:crypto';
import type { Clock } from '../../domain/clock.ts';
import type { Capabilities, Command, CommandResult, CommandType } from '../../domain/command.ts';
import type { DeviceId, LinkId, MonitoredDevice } from '../../domain/device.ts';
import { OffhookError } from '../../domain/error.ts';
import type { CallEvent } from '../../domain/event.ts';
import type { AmiMessage } from './message.ts';
import type { AmiAnswer, AmiFields, AmiSession } from './session.ts';
import type { AsteriskTranslator, ConnectionView } from './translate.ts';

/** How commands reach the switch. */
export interface CommandOptions {
  /** The dialplan context that users' numbers are dialled in. Default: the context of the user's own endpoint. */
  readonly context?: string;
  /** The endpoint of an extension, where it is not `PJSIP/<extension>`. */
  readonly endpointOf?: (device: DeviceId) => string | undefined;
  /** Telephones that obey SIP NOTIFY `Event: talk` and `hold` (Broadsoft's remote control). Default: none is sure to. */
  readonly remoteControl?: readonly DeviceId[];
  /** How long a user's own phone rings for click-to-dial. Milliseconds; default 30,000. */
  readonly ringTimeoutMs?: number;
  /** How long the switch may take to show that it did what it was asked. Milliseconds; default 5,000. */
  readonly proofTimeoutMs?: number;
}

/** What a command works with. */
export interface CommandRun {
  readonly session: AmiSession;
  readonly translator: AsteriskTranslator;
  readonly clock: Clock;
  readonly options: CommandOptions;
  readonly link: LinkId;
  readonly lines: readonly MonitoredDevice[];
  /** Calls back with every call event, from now on, until the returned function is called. */
  onCallEvent(listener: (event: CallEvent) => void): () => void;
  /** The same for messages of the switch. */
  onMessage(listener: (message: AmiMessage) => void): () => void;
}

const PHONE_DECIDES = {
  support: 'conditional',
  note: 'Only telephones that obey SIP NOTIFY Event: talk and hold; list them in remoteControl.',
} as const;

/** What Asterisk can do of each service, whoever's telephones it has. */
export const CAPABILITIES: Capabilities = {
  makeCall: { support: 'yes', note: "The user's own phone rings first." },
  answerCall: PHONE_DECIDES,
  clearConnection: { support: 'yes' },
  holdCall: PHONE_DECIDES,
  retrieveCall: PHONE_DECIDES,
  singleStepTransferCall: { support: 'yes' },
  consultationCall: {
    support: 'conditional',
    note: 'Asterisk dials by its own feature code (atxfer in features.conf, option T or t of Dial) and now and then loses digits.',
  },
  transferCall: { support: 'yes' },
  deflectCall: { support: 'yes' },
  directedPickupCall: {
    support: 'yes',
    note: "The user's own phone rings first; the call is taken when it is answered.",
  },
  parkCall: { support: 'yes', note: 'Needs res_parking.' },
  generateDigits: { support: 'yes' },
};

type Refused = Extract<CommandResult, { ok: false }>;
type Handler<T extends CommandType> = (
  command: Extract<Command, { type: T }>,
  run: CommandRun,
) => Promise<CommandResult>;

const HANDLERS: { readonly [T in CommandType]: Handler<T> } = {
  makeCall,
  answerCall: (command, run) => notify(command.connection, 'talk', 'established', run),
  holdCall: (command, run) => notify(command.connection, 'hold', 'held', run),
  retrieveCall: (command, run) => notify(command.connection, 'talk', 'retrieved', run),
  clearConnection,
  singleStepTransferCall,
  consultationCall,
  transferCall,
  deflectCall,
  directedPickupCall,
  parkCall,
  generateDigits,
};

/** Numbers that may be dialled: what a telephone's keys and a plus can write. */
const DIALABLE = /^\+?[0-9A-D*#]{1,40}$/;
const DIGITS = /^[0-9A-D*#]{1,40}$/;
/** Between two digits; shorter is not heard by all receivers. */
const DIGIT_GAP_MS = 250;

/** Carries a command out. Never rejects; `ok` only when the switch has shown that it did it. */
export async function execute(command: Command, run: CommandRun): Promise<CommandResult> {
  try {
    const handler = HANDLERS[command.type] as (command: Command, run: CommandRun) => Promise<CommandResult>;
    return await handler(command, run);
  } catch (error) {
    if (error instanceof OffhookError) return refused(error.code, error.message, error.remedy);
    return refused('internal', `The command failed: ${String(error)}`);
  }
}

async function makeCall(command: Extract<Command, { type: 'makeCall' }>, run: CommandRun): Promise<CommandResult> {
  const wrong = checkNumber(command.number);
  if (wrong !== undefined) return wrong;
  const ringMs = Math.max(1_000, command.timeoutMs ?? run.options.ringTimeoutMs ?? 30_000);
  return callOwnPhone(command.device, run, ringMs, (event) => event.prompted === true || event.state === 'connected', {
    Context: await contextOf(command.device, run),
    Exten: command.number,
    Priority: 1,
    // What the own phone shows. `CallerID` would do that too, but whoever is called would be shown that as the caller.
    Variable: `CONNECTEDLINE(num,i)=${command.number}`,
  });
}

/** Rings the user's phone (Originate with a unique id of ours) and waits until `done` is true of its connection. */
async function callOwnPhone(
  device: DeviceId,
  run: CommandRun,
  ringMs: number,
  done: (change: CallEvent['connections'][number]) => boolean,
  where: AmiFields,
): Promise<CommandResult> {
  const uid = `offhook-${randomBytes(8).toString('hex')}`;
  const connection = `${run.link}:${uid}`;
  const proof = watch(run, ringMs + proofMs(run), (found) => {
    const stopEvents = run.onCallEvent((event) => {
      const change = event.connections.find((each) => each.id === connection);
      if (change === undefined) return;
      if (done(change)) found({ ok: true, callId: event.callId, connection });
      else if (change.state === 'null')
        found(refused('command.refused', `The telephone ${device} did not take the call.`));
    });
    const stopMessages = run.onMessage((message) => {
      if (message.name !== 'OriginateResponse' || message.get('ActionID') !== uid) return;
      if (message.get('Response') === 'Failure') found(noPhone(device, message.get('Reason')));
    });
    return () => {
      stopEvents();
      stopMessages();
    };
  });
  const answer = await ask(run, 'Originate', {
    ActionID: uid,
    Channel: endpointOf(device, run),
    ChannelId: uid,
    ...where,
    Timeout: ringMs,
    Async: 'true',
  });
  if ('code' in answer) return proof.give(answer);
  return proof.result;
}

function noPhone(device: DeviceId, reason: string | undefined): Refused {
  const why = reason === '3' ? 'was not answered' : 'cannot be reached or refused the call';
  return refused(
    'command.refused',
    `The telephone ${device} ${why}.`,
    'Check that the telephone is registered and not set to do-not-disturb.',
  );
}

async function clearConnection(
  command: Extract<Command, { type: 'clearConnection' }>,
  run: CommandRun,
): Promise<CommandResult> {
  const view = viewOf(command.connection, run);
  if ('code' in view) return view;
  run.translator.clientActs('hangup', run.clock.now());
  return prove(
    run,
    command.connection,
    (change) => change.state === 'null',
    () => ask(run, 'Hangup', { Channel: view.channel, Cause: view.state === 'alerting' ? 21 : 16 }),
  );
}

async function singleStepTransferCall(
  command: Extract<Command, { type: 'singleStepTransferCall' }>,
  run: CommandRun,
): Promise<CommandResult> {
  const view = viewOf(command.connection, run);
  const wrong = checkNumber(command.number);
  if ('code' in view || wrong !== undefined) return wrong ?? (view as Refused);
  const context = await contextOf(view.device, run);
  const nowhere = await checkExists(command.number, context, run);
  if (nowhere !== undefined) return nowhere;
  run.translator.clientActs('transfer', run.clock.now());
  return prove(
    run,
    command.connection,
    (change) => change.state === 'null',
    () => ask(run, 'BlindTransfer', { Channel: view.channel, Context: context, Exten: command.number }),
  );
}

async function consultationCall(
  command: Extract<Command, { type: 'consultationCall' }>,
  run: CommandRun,
): Promise<CommandResult> {
  const view = viewOf(command.connection, run);
  const wrong = checkNumber(command.number);
  if ('code' in view || wrong !== undefined) return wrong ?? (view as Refused);
  const context = await contextOf(view.device, run);
  const nowhere = await checkExists(command.number, context, run);
  if (nowhere !== undefined) return nowhere;
  let consultation: CommandResult | undefined;
  const proof = watch(run, proofMs(run) * 2, (found) =>
    run.onCallEvent((event) => {
      const change = event.connections.find((each) => each.partOf === command.connection);
      if (change === undefined) return;
      consultation = { ok: true, callId: event.callId, connection: change.id };
      found(consultation);
    }),
  );
  const answer = await ask(run, 'Atxfer', { Channel: view.channel, Context: context, Exten: command.number });
  if ('code' in answer) return proof.give(answer);
  return proof.result;
}

/**
 * Joins the held party with the consulted one. A consultation that the switch made for its feature code is completed as
 * its user would: by leaving it. Two calls of the phone are joined by bridging the two far parties.
 */
async function transferCall(
  command: Extract<Command, { type: 'transferCall' }>,
  run: CommandRun,
): Promise<CommandResult> {
  const held = viewOf(command.connection, run);
  if ('code' in held) return held;
  const consultation = command.consultation ?? held.consultation;
  if (consultation === undefined) {
    return refused(
      'command.wrong-state',
      'There is no consultation to complete.',
      'Start one with consultationCall first.',
    );
  }
  run.translator.clientActs('transfer', run.clock.now());
  const done = (change: CallEvent['connections'][number]) => change.state === 'null';
  const asked = run.translator.connection(consultation);
  if (asked?.partOf === command.connection) {
    return prove(run, command.connection, done, () => ask(run, 'Hangup', { Channel: held.channel, Cause: 16 }));
  }
  const [far] = held.peers;
  const [target] = asked?.peers ?? [];
  if (far === undefined || target === undefined) {
    return refused('command.wrong-state', 'One of the two calls has nobody at its other end.');
  }
  return prove(run, command.connection, done, () => ask(run, 'Bridge', { Channel1: far, Channel2: target }));
}

async function deflectCall(
  command: Extract<Command, { type: 'deflectCall' }>,
  run: CommandRun,
): Promise<CommandResult> {
  const view = viewOf(command.connection, run);
  const wrong = checkNumber(command.number);
  if ('code' in view || wrong !== undefined) return wrong ?? (view as Refused);
  const [caller] = view.peers;
  if (caller === undefined) return refused('command.wrong-state', 'The caller is not on this switch.');
  const context = await contextOf(view.device, run);
  const nowhere = await checkExists(command.number, context, run);
  if (nowhere !== undefined) return nowhere;
  run.translator.clientActs('transfer', run.clock.now());
  return prove(
    run,
    command.connection,
    (change) => change.state === 'null',
    () => ask(run, 'Redirect', { Channel: caller, Context: context, Exten: command.number, Priority: 1 }),
  );
}

async function directedPickupCall(
  command: Extract<Command, { type: 'directedPickupCall' }>,
  run: CommandRun,
): Promise<CommandResult> {
  const view = viewOf(command.connection, run);
  if ('code' in view) return view;
  const ringMs = run.options.ringTimeoutMs ?? 30_000;
  return callOwnPhone(command.device, run, ringMs, (change) => change.pickedUpFrom !== undefined, {
    Application: 'PickupChan',
    Data: view.channel,
  });
}

async function parkCall(command: Extract<Command, { type: 'parkCall' }>, run: CommandRun): Promise<CommandResult> {
  const view = viewOf(command.connection, run);
  if ('code' in view) return view;
  if (command.place !== undefined && !DIGITS.test(command.place)) {
    return refused('command.invalid-argument', 'place: not a parking place', 'Give digits only, or no place.');
  }
  const [far] = view.peers;
  if (far === undefined) return refused('command.wrong-state', 'There is nobody to park.');
  run.translator.clientActs('park', run.clock.now());
  const proof = watch(run, proofMs(run), (found) =>
    run.onCallEvent((event) => {
      const change = event.connections.find((each) => each.id === command.connection && each.parkedAt !== undefined);
      if (change?.parkedAt !== undefined) found({ ok: true, callId: event.callId, place: change.parkedAt });
    }),
  );
  const place = command.place === undefined ? {} : { Parkinglot: command.place };
  const answer = await ask(run, 'Park', {
    Channel: far,
    TimeoutChannel: view.channel,
    AnnounceChannel: view.channel,
    ...place,
  });
  if ('code' in answer) return proof.give(answer);
  return proof.result;
}

/** Digits are played to the far parties; where there is none but a service, as if the telephone had sent them. */
async function generateDigits(
  command: Extract<Command, { type: 'generateDigits' }>,
  run: CommandRun,
): Promise<CommandResult> {
  const view = viewOf(command.connection, run);
  if ('code' in view) return view;
  if (!DIGITS.test(command.digits)) {
    return refused(
      'command.invalid-argument',
      'digits: 1 to 40 of 0-9, A-D, * and #',
      'Send other signals by other means.',
    );
  }
  const [far] = view.peers;
  for (const [index, digit] of [...command.digits].entries()) {
    if (index > 0) await pause(run, DIGIT_GAP_MS);
    const where: AmiFields = far === undefined ? { Channel: view.channel, Receive: 'true' } : { Channel: far };
    const answer = await ask(run, 'PlayDTMF', { ...where, Digit: digit });
    if ('code' in answer) return answer;
  }
  return { ok: true, connection: command.connection };
}

/** SIP NOTIFY to the telephone itself; whether it obeyed is seen in what it does. */
async function notify(
  connection: string,
  event: 'talk' | 'hold',
  expected: CallEvent['type'],
  run: CommandRun,
): Promise<CommandResult> {
  const view = viewOf(connection, run);
  if ('code' in view) return view;
  if (run.options.remoteControl?.includes(view.device) !== true) {
    return refused(
      'command.unsupported',
      `The telephone ${view.device} is not known to obey remote control.`,
      'If it obeys SIP NOTIFY Event: talk and hold, list it in remoteControl; otherwise use its keys.',
    );
  }
  const goal = expected === 'held' ? 'hold' : 'connected';
  return prove(
    run,
    connection,
    (change) => change.state === goal,
    () => ask(run, 'PJSIPNotify', { Channel: view.channel, Variable: `Event=${event}` }),
  );
}

/** Sends, and waits until the switch's own events show the effect on one connection. */
async function prove(
  run: CommandRun,
  connection: string,
  done: (change: CallEvent['connections'][number]) => boolean,
  send: () => Promise<AmiAnswer | Refused>,
): Promise<CommandResult> {
  const proof = watch(run, proofMs(run), (found) =>
    run.onCallEvent((event) => {
      const change = event.connections.find((each) => each.id === connection);
      if (change !== undefined && done(change)) found({ ok: true, callId: event.callId, connection });
    }),
  );
  const answer = await send();
  if ('code' in answer) return proof.give(answer);
  return proof.result;
}

/** A result that events bring, or `command.timeout`; whoever asks may `give` another one first. */
function watch(
  run: CommandRun,
  timeoutMs: number,
  listen: (found: (result: CommandResult) => void) => () => void,
): { readonly result: Promise<CommandResult>; give(result: CommandResult): CommandResult } {
  let settle: (result: CommandResult) => void = () => {};
  const result = new Promise<CommandResult>((resolve) => {
    settle = resolve;
  });
  const stop = listen((found) => end(found));
  const cancel = run.clock.setTimer(
    () =>
      end(
        refused(
          'command.timeout',
          `The PBX accepted the request, but nothing happened within ${timeoutMs} ms.`,
          'Look at the telephone, then try again.',
        ),
      ),
    timeoutMs,
  );
  const end = (found: CommandResult) => {
    stop();
    cancel();
    settle(found);
  };
  return {
    result,
    give(given) {
      end(given);
      return given;
    },
  };
}

async function ask(run: CommandRun, action: string, fields: AmiFields): Promise<AmiAnswer | Refused> {
  const answer = await run.session.send(action, fields, { list: false });
  if (answer.ok) return answer;
  const text = (answer.response.get('Message') ?? 'no reason given').trim();
  if (/permission/i.test(text)) {
    return refused(
      'command.not-permitted',
      `${action}: ${text}`,
      'Give the manager user the write classes call, originate and system.',
    );
  }
  if (/invalid.*command|unknown command/i.test(text)) {
    return refused('command.unsupported', `${action}: ${text}`, 'Load the module that provides this action.');
  }
  return refused('command.refused', `${action}: ${text}`);
}

function viewOf(connection: string, run: CommandRun): (ConnectionView & { readonly channel: string }) | Refused {
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
async function contextOf(device: DeviceId, run: CommandRun): Promise<string> {
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

function endpointOf(device: DeviceId, run: CommandRun): string {
  const configured = run.lines.find((line) => line.device === device)?.endpoint;
  const endpoint = configured ?? run.options.endpointOf?.(device) ?? `PJSIP/${device}`;
  if (!/^[A-Za-z0-9]+\/[A-Za-z0-9@._+-]{1,80}$/.test(endpoint)) {
    throw new OffhookError('command.invalid-argument', `device: ${JSON.stringify(device)} is no endpoint`, {
      field: 'device',
    });
  }
  return endpoint;
}

function checkNumber(number: string): Refused | undefined {
  if (DIALABLE.test(number)) return undefined;
  return refused(
    'command.invalid-argument',
    'number: not something that a telephone can dial',
    'Use digits, *, # and a leading +; spell it without spaces and letters.',
  );
}

function pause(run: CommandRun, ms: number): Promise<void> {
  return new Promise((resolve) => {
    run.clock.setTimer(resolve, ms);
  });
}

function proofMs(run: CommandRun): number {
  return run.options.proofTimeoutMs ?? 5_000;
}

function refused(code: string, message: string, remedy?: string): Refused {
  return { ok: false, code, message, ...(remedy === undefined ? {} : { remedy }) };
}
