import { randomBytes } from 'node:crypto';
import type { Capabilities, Command, CommandResult, CommandType } from '../../domain/command.ts';
import type { DeviceId } from '../../domain/device.ts';
import type { CallEvent } from '../../domain/event.ts';
import {
  type Change,
  checkDigits,
  checkNumber,
  isGone,
  pause,
  proofMs,
  prove,
  type Refused,
  refusalOf,
  refused,
  watch,
} from '../shared/proof.ts';
import { contextOf, destinationOf, endpointOf, viewOf } from './command-place.ts';
import type { CommandRun } from './command-run.ts';
import { ask } from './command-run.ts';
import type { AmiFields } from './session.ts';

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

/** Between two digits; shorter is not heard by all receivers. */
const DIGIT_GAP_MS = 250;

/** Q.850 causes. */
const NORMAL = 16;

const REJECTED = 21;

/** Carries a command out. Never rejects; `ok` only when the switch has shown that it did it. */
export async function execute(command: Command, run: CommandRun): Promise<CommandResult> {
  try {
    const handler = HANDLERS[command.type] as (command: Command, run: CommandRun) => Promise<CommandResult>;
    return await handler(command, run);
  } catch (error) {
    return refusalOf(error);
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
  done: (change: Change) => boolean,
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
  return proof.after(
    ask(run, 'Originate', {
      ActionID: uid,
      Channel: endpointOf(device, run),
      ChannelId: uid,
      ...where,
      Timeout: ringMs,
      Async: 'true',
    }),
  );
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
  const cause = view.state === 'alerting' ? REJECTED : NORMAL;
  return prove(run, command.connection, isGone, () => ask(run, 'Hangup', { Channel: view.channel, Cause: cause }));
}

async function singleStepTransferCall(
  command: Extract<Command, { type: 'singleStepTransferCall' }>,
  run: CommandRun,
): Promise<CommandResult> {
  const goal = await destinationOf(command, run);
  if ('code' in goal) return goal;
  run.translator.clientActs('transfer', run.clock.now());
  return prove(run, command.connection, isGone, () =>
    ask(run, 'BlindTransfer', { Channel: goal.view.channel, Context: goal.context, Exten: command.number }),
  );
}

async function consultationCall(
  command: Extract<Command, { type: 'consultationCall' }>,
  run: CommandRun,
): Promise<CommandResult> {
  const goal = await destinationOf(command, run);
  if ('code' in goal) return goal;
  const proof = watch(run, proofMs(run) * 2, (found) =>
    run.onCallEvent((event) => {
      const change = event.connections.find((each) => each.partOf === command.connection);
      if (change !== undefined) found({ ok: true, callId: event.callId, connection: change.id });
    }),
  );
  const fields = { Channel: goal.view.channel, Context: goal.context, Exten: command.number };
  return proof.after(ask(run, 'Atxfer', fields));
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
  const asked = run.translator.connection(consultation);
  if (asked?.partOf === command.connection) {
    return prove(run, command.connection, isGone, () => ask(run, 'Hangup', { Channel: held.channel, Cause: NORMAL }));
  }
  const [far] = held.peers;
  const [target] = asked?.peers ?? [];
  if (far === undefined || target === undefined) {
    return refused('command.wrong-state', 'One of the two calls has nobody at its other end.');
  }
  return prove(run, command.connection, isGone, () => ask(run, 'Bridge', { Channel1: far, Channel2: target }));
}

async function deflectCall(
  command: Extract<Command, { type: 'deflectCall' }>,
  run: CommandRun,
): Promise<CommandResult> {
  const goal = await destinationOf(command, run);
  if ('code' in goal) return goal;
  const [caller] = goal.view.peers;
  if (caller === undefined) return refused('command.wrong-state', 'The caller is not on this switch.');
  run.translator.clientActs('transfer', run.clock.now());
  run.translator.clientSends(command.number, run.clock.now());
  return prove(run, command.connection, isGone, () =>
    ask(run, 'Redirect', { Channel: caller, Context: goal.context, Exten: command.number, Priority: 1 }),
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
  if (command.place !== undefined) {
    return refused(
      'command.unsupported',
      'place: Asterisk chooses the parking place itself',
      'Leave it out; the result names the place.',
    );
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
  return proof.after(ask(run, 'Park', { Channel: far, TimeoutChannel: view.channel, AnnounceChannel: view.channel }));
}

/** Digits are played to the far parties; where there is none but a service, as if the telephone had sent them. */
async function generateDigits(
  command: Extract<Command, { type: 'generateDigits' }>,
  run: CommandRun,
): Promise<CommandResult> {
  const view = viewOf(command.connection, run);
  if ('code' in view) return view;
  const wrong = checkDigits(command.digits);
  if (wrong !== undefined) return wrong;
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
