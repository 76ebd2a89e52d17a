import { randomUUID } from 'node:crypto';
import type { Capabilities, Command, CommandResult, CommandType } from '../../domain/command.ts';
import type { DeviceId } from '../../domain/device.ts';
import {
  type Change,
  checkDigits,
  checkNumber,
  isGone,
  proofMs,
  prove,
  type Refused,
  refusalOf,
  refused,
  watch,
} from '../shared/proof.ts';
import { contextOf, destinationOf, dialStringOfNumber, ownPhone, viewOf } from './command-place.ts';
import { ask, type CommandRun } from './command-run.ts';
import type { EslAnswer } from './session.ts';

/** What FreeSWITCH can do of each service, whoever's telephones it has. */
export const CAPABILITIES: Capabilities = {
  makeCall: { support: 'yes', note: "The user's own phone rings first." },
  answerCall: {
    support: 'conditional',
    note: 'Only telephones that obey SIP NOTIFY Event: talk; list them in remoteControl.',
  },
  clearConnection: { support: 'yes' },
  holdCall: { support: 'yes' },
  retrieveCall: { support: 'yes' },
  singleStepTransferCall: { support: 'yes', note: 'A number that does not exist ends the call.' },
  consultationCall: { support: 'yes', note: 'The switch dials (att_xfer); the other party hears music meanwhile.' },
  transferCall: { support: 'yes' },
  deflectCall: { support: 'yes', note: 'Wherever else the call rings, it stops ringing.' },
  directedPickupCall: {
    support: 'yes',
    note: "The user's own phone rings first; the call is taken when it is answered.",
  },
  parkCall: { support: 'yes', note: 'Needs mod_valet_parking; parkingLot says where.' },
  generateDigits: { support: 'yes' },
};

type Of<T extends CommandType> = Extract<Command, { type: T }>;
type Handler<T extends CommandType> = (command: Of<T>, run: CommandRun) => Promise<CommandResult>;

const HANDLERS: { readonly [T in CommandType]: Handler<T> } = {
  makeCall,
  answerCall,
  holdCall: (command, run) => hold(command.connection, 'hold', run),
  retrieveCall: (command, run) => hold(command.connection, 'connected', run),
  clearConnection,
  singleStepTransferCall: sendOn,
  consultationCall,
  transferCall,
  // `uuid_deflect` is for channels that called in; a telephone that rings was called.
  deflectCall: sendOn,
  directedPickupCall,
  parkCall,
  generateDigits,
};

/** Carries a command out. Never rejects; `ok` only when the switch has shown that it did it. */
export async function execute(command: Command, run: CommandRun): Promise<CommandResult> {
  try {
    const handler = HANDLERS[command.type] as (command: Command, run: CommandRun) => Promise<CommandResult>;
    return await handler(command, run);
  } catch (error) {
    return refusalOf(error);
  }
}

async function makeCall(command: Of<'makeCall'>, run: CommandRun): Promise<CommandResult> {
  const wrong = checkNumber(command.number);
  if (wrong !== undefined) return wrong;
  const ringMs = Math.max(1_000, command.timeoutMs ?? run.options.ringTimeoutMs ?? 30_000);
  const context = await contextOf(command.device, run);
  return callOwnPhone(command.device, run, {
    ringMs,
    shown: command.number,
    goal: `${command.number} XML ${context}`,
    done: (change) => change.prompted === true || change.state === 'connected',
  });
}

interface OwnPhoneCall {
  readonly ringMs: number;
  /** The number that the telephone shows while it rings. */
  readonly shown: string;
  /** What happens to the telephone once it is answered. */
  readonly goal: string;
  readonly done: (change: Change) => boolean;
}

/** Rings the user's phone by an id of ours, so that its events are known for what they are. */
async function callOwnPhone(device: DeviceId, run: CommandRun, call: OwnPhoneCall): Promise<CommandResult> {
  const uuid = randomUUID();
  const connection = `${run.link}:${uuid}`;
  const { dialString, variables } = await ownPhone(device, run);
  const timeoutMs = call.ringMs + proofMs(run);
  const set = [
    `origination_uuid=${uuid}`,
    `origination_caller_id_number=${call.shown}`,
    `origination_caller_id_name=${call.shown}`,
    `originate_timeout=${Math.ceil(call.ringMs / 1000)}`,
    ...variables,
  ];
  run.translator.clientOriginates(uuid, call.shown);
  const proof = watch(run, timeoutMs, (found) =>
    run.onCallEvent((event) => {
      const change = event.connections.find((each) => each.id === connection);
      if (change === undefined) return;
      if (call.done(change)) found({ ok: true, callId: event.callId, connection });
      else if (change.state === 'null') found(noPhone(device, 'did not take the call'));
    }),
  );
  const sent = ask(run, 'originate', `{${set.join(',')}}${dialString} ${call.goal}`, timeoutMs).then((answer) => {
    if (!('code' in answer)) return answer;
    run.translator.originateFailed(uuid);
    return answer.code === 'command.refused' ? notTaken(device, answer.message) : answer;
  });
  return proof.after(sent);
}

function notTaken(device: DeviceId, message: string): Refused {
  if (/NO_ANSWER|ALLOTTED_TIMEOUT|PROGRESS_TIMEOUT/.test(message)) return noPhone(device, 'was not answered');
  if (/USER_BUSY|CALL_REJECTED/.test(message)) return noPhone(device, 'refused the call');
  return noPhone(device, `cannot be reached (${message})`);
}

function noPhone(device: DeviceId, why: string): Refused {
  return refused(
    'command.refused',
    `The telephone ${device} ${why}.`,
    'Check that the telephone is registered and not set to do-not-disturb.',
  );
}

async function answerCall(command: Of<'answerCall'>, run: CommandRun): Promise<CommandResult> {
  const view = viewOf(command.connection, run);
  if ('code' in view) return view;
  if (run.options.remoteControl?.includes(view.device) !== true) {
    return refused(
      'command.unsupported',
      `The telephone ${view.device} is not known to obey remote control.`,
      'If it obeys SIP NOTIFY Event: talk, list it in remoteControl; otherwise use its keys.',
    );
  }
  return prove(
    run,
    command.connection,
    (change) => change.state === 'connected',
    () => ask(run, 'uuid_phone_event', `${view.channel} talk`),
  );
}

async function hold(connection: string, goal: 'hold' | 'connected', run: CommandRun): Promise<CommandResult> {
  const view = viewOf(connection, run);
  if ('code' in view) return view;
  const isHeld = view.state === 'hold';
  if (isHeld === (goal === 'hold')) {
    return refused('command.wrong-state', isHeld ? 'The call is on hold already.' : 'The call is not on hold.');
  }
  return prove(
    run,
    connection,
    (change) => change.state === goal,
    () => ask(run, 'uuid_hold', goal === 'hold' ? view.channel : `off ${view.channel}`),
  );
}

async function clearConnection(command: Of<'clearConnection'>, run: CommandRun): Promise<CommandResult> {
  const view = viewOf(command.connection, run);
  if ('code' in view) return view;
  run.translator.clientActs('hangup', run.clock.now());
  const cause = view.state === 'alerting' ? 'CALL_REJECTED' : 'NORMAL_CLEARING';
  return prove(run, command.connection, isGone, () => ask(run, 'uuid_kill', `${view.channel} ${cause}`));
}

/** The far party is sent to another number; the telephone's own channel ends. */
async function sendOn(
  command: Of<'singleStepTransferCall'> | Of<'deflectCall'>,
  run: CommandRun,
): Promise<CommandResult> {
  const goal = await destinationOf(command, run);
  if ('code' in goal) return goal;
  const [far] = goal.view.peers;
  if (far === undefined) return refused('command.wrong-state', 'The other party is not on this switch.');
  run.translator.clientActs('transfer', run.clock.now());
  return prove(run, command.connection, isGone, () =>
    ask(run, 'uuid_transfer', `${far} ${command.number} XML ${goal.context}`),
  );
}

async function consultationCall(command: Of<'consultationCall'>, run: CommandRun): Promise<CommandResult> {
  const goal = await destinationOf(command, run);
  if ('code' in goal) return goal;
  const { view, context } = goal;
  if (view.peers.length === 0) return refused('command.wrong-state', 'There is nobody to come back to.');
  const dialString = await dialStringOfNumber(command.number, context, run);
  const proof = watch(run, proofMs(run) * 2, (found) =>
    run.onCallEvent((event) => {
      const change = event.connections.find(
        (each) => each.partOf === command.connection || each.consultationOf === command.connection,
      );
      if (change !== undefined) found({ ok: true, callId: event.callId, connection: change.id });
    }),
  );
  return proof.after(ask(run, 'uuid_broadcast', `${view.channel} att_xfer::${dialString} aleg`));
}

/**
 * Joins the held party with the consulted one. A consultation that the switch made is completed as its user would: by
 * leaving it. Two calls of the phone are joined by bridging the two far parties.
 */
async function transferCall(command: Of<'transferCall'>, run: CommandRun): Promise<CommandResult> {
  const held = viewOf(command.connection, run);
  if ('code' in held) return held;
  const consultation = command.consultation ?? held.consultation;
  const asked = consultation === undefined ? undefined : run.translator.connection(consultation);
  if (asked === undefined) {
    return refused(
      'command.wrong-state',
      'There is no consultation to complete.',
      'Start one with consultationCall first.',
    );
  }
  run.translator.clientActs('transfer', run.clock.now());
  const send = (): Promise<EslAnswer | Refused> => {
    if (asked.channels.includes(held.channel)) return ask(run, 'uuid_kill', `${held.channel} NORMAL_CLEARING`);
    const [far] = held.peers;
    const [target] = asked.peers;
    if (far !== undefined && target !== undefined) return ask(run, 'uuid_bridge', `${far} ${target}`);
    return Promise.resolve(refused('command.wrong-state', 'One of the two calls has nobody at its other end.'));
  };
  return prove(run, command.connection, isGone, send);
}

async function directedPickupCall(command: Of<'directedPickupCall'>, run: CommandRun): Promise<CommandResult> {
  const view = viewOf(command.connection, run);
  if ('code' in view) return view;
  return callOwnPhone(command.device, run, {
    ringMs: run.options.ringTimeoutMs ?? 30_000,
    shown: checkNumber(view.device) === undefined ? view.device : '0',
    goal: `&intercept(${view.channel})`,
    done: (change) => change.pickedUpFrom !== undefined,
  });
}

async function parkCall(command: Of<'parkCall'>, run: CommandRun): Promise<CommandResult> {
  const view = viewOf(command.connection, run);
  if ('code' in view) return view;
  const { name, from, to } = run.options.parkingLot ?? { name: 'valet_lot', from: '6001', to: '6099' };
  if (!/^[\w.-]+$/.test(name) || !/^\d+$/.test(from) || !/^\d+$/.test(to)) {
    return refused('config.invalid', 'parkingLot: a name, and two numbers', 'Correct it in the configuration.');
  }
  if (command.place !== undefined && !/^\d{1,9}$/.test(command.place)) {
    return refused('command.invalid-argument', 'place: not a place to park at', 'Use digits, or leave it out.');
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
  const place = command.place ?? `auto in ${from} ${to}`;
  return proof.after(ask(run, 'uuid_transfer', `${far} 'valet_park:${name} ${place}' inline`));
}

/** Digits are sent to the far party; where there is none but a service, as if the telephone had sent them. */
async function generateDigits(command: Of<'generateDigits'>, run: CommandRun): Promise<CommandResult> {
  const view = viewOf(command.connection, run);
  if ('code' in view) return view;
  const wrong = checkDigits(command.digits);
  if (wrong !== undefined) return wrong;
  const [far] = view.peers;
  const answer =
    far === undefined
      ? await ask(run, 'uuid_recv_dtmf', `${view.channel} ${command.digits}`)
      : await ask(run, 'uuid_send_dtmf', `${far} ${command.digits}`);
  return 'code' in answer ? answer : { ok: true, connection: command.connection };
}
