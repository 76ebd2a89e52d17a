import type { Capabilities, Command, CommandResult, CommandType } from '../../domain/command.ts';
import type { DeviceId } from '../../domain/device.ts';
import {
  type Change,
  checkNumber,
  isGone,
  proofMs,
  prove,
  type Refused,
  refusalOf,
  refused,
  watch,
} from '../shared/proof.ts';
import type { CommandRun } from './command-run.ts';
import { sipUri } from './header-values.ts';
import type { OwnCall } from './own-call.ts';
import type { OwnCallStep } from './signal.ts';

const ONLY_OWN = 'Only calls that were placed from here, and that this client is party to (dialBy: third-party).';
const NOT_HERE = 'SIP has no request for it that telephones or PBXs obey alike.';

/** What SIP can do of each service, whoever's PBX it is. */
export const CAPABILITIES: Capabilities = {
  makeCall: { support: 'conditional', note: "Lines with an account. The user's own telephone rings first." },
  answerCall: {
    support: 'conditional',
    note: 'Only the telephone that rings for a call placed from here, where it allows `Event: talk`.',
  },
  clearConnection: {
    support: 'conditional',
    note: 'Only calls that were placed from here, as long as this client is party to them.',
  },
  holdCall: { support: 'conditional', note: ONLY_OWN },
  retrieveCall: { support: 'conditional', note: ONLY_OWN },
  singleStepTransferCall: { support: 'conditional', note: ONLY_OWN },
  consultationCall: { support: 'no', note: NOT_HERE },
  transferCall: { support: 'no', note: NOT_HERE },
  deflectCall: { support: 'no', note: 'A second device that answers 302 would answer for all devices of the line.' },
  directedPickupCall: { support: 'no', note: NOT_HERE },
  parkCall: { support: 'no', note: NOT_HERE },
  generateDigits: { support: 'no', note: NOT_HERE },
};

type Of<T extends CommandType> = Extract<Command, { type: T }>;

/** Carries a command out. Never rejects; `ok` only when the PBX or the telephone has shown that it did it. */
export async function execute(command: Command, run: CommandRun): Promise<CommandResult> {
  try {
    return await carryOut(command, run);
  } catch (error) {
    return refusalOf(error);
  }
}

function carryOut(command: Command, run: CommandRun): Promise<CommandResult> {
  switch (command.type) {
    case 'makeCall':
      return makeCall(command, run);
    case 'answerCall':
      return withOwn(command.connection, run, 'answer', (change) => change.state === 'connected');
    case 'clearConnection':
      return clearConnection(command, run);
    case 'holdCall':
      return withOwn(command.connection, run, 'hold', (change) => change.state === 'hold');
    case 'retrieveCall':
      return withOwn(command.connection, run, 'retrieve', (change) => change.state === 'connected');
    case 'singleStepTransferCall':
      return transfer(command, run);
    default:
      return Promise.resolve(refused('command.unsupported', CAPABILITIES[command.type].note ?? NOT_HERE));
  }
}

async function makeCall({ device, number, timeoutMs }: Of<'makeCall'>, run: CommandRun): Promise<CommandResult> {
  const { options, ownCalls } = run;
  const wrong = checkNumber(number);
  if (wrong !== undefined) return wrong;
  const account = run.accountOf(device);
  if (account === undefined) return noAccount(device);
  if (ownCalls.isFull) return refused('link.overloaded', 'Too many calls are being placed.', 'Try again in a moment.');
  const ringMs = Math.max(1_000, timeoutMs ?? options.ringTimeoutMs ?? 30_000);
  let own: OwnCall | undefined;
  let isThere = false;
  let settle: (result: CommandResult) => void = () => {};
  const proof = watch(run, ringMs + proofMs(run), (found) => {
    settle = found;
    return run.onCallEvent((event) => {
      const change = event.connections.find((each) => each.device === device && each.state !== 'null');
      if (!isThere || change === undefined) return;
      if (own !== undefined) ownCalls.known(change.id, own);
      found({ ok: true, callId: event.callId, connection: change.id });
    });
  });
  const onStep = (step: OwnCallStep): void => {
    if (step.name === 'ringing' || step.name === 'answered' || step.name === 'referred') isThere = true;
    // Nothing else was told of it that could be waited for.
    if (step.name === 'left') settle({ ok: true });
    if (step.name === 'ended') settle(notTaken(device, step.status, step.reason));
  };
  const { dialBy: method = 'self-invite', autoAnswer = ['call-info', 'alert-info'] } = options;
  own = ownCalls.place({ account, number, method, ringMs, autoAnswer, onStep });
  const result = await proof.after(Promise.resolve({}));
  if (!result.ok) own.hangUp();
  return result;
}

function noAccount(device: DeviceId): Refused {
  return refused('command.unsupported', `The line ${device} has no SIP account here.`, 'Give it one in `accounts`.');
}

function notTaken(device: DeviceId, status = 0, reason = ''): Refused {
  const remedy = 'Check that the telephone is registered and not set to do-not-disturb.';
  const no = (why: string, what = remedy): Refused =>
    refused('command.refused', `The telephone ${device} ${why}.`, what);
  if (status === 408 || status === 480 || status === 487) return no('was not answered');
  if (status === 486 || status === 600 || status === 603) return no('refused the call');
  if (status === 401 || status === 403 || status === 407) {
    return no(`may not be called as itself (${status})`, 'Compare the account with the PBX.');
  }
  if (status === 501 || status === 405 || status === 481) {
    return no('does not obey REFER', 'Choose another way: dialBy: third-party, or self-invite.');
  }
  return no(`could not place the call (${`${status === 0 ? '' : status} ${reason}`.trim().slice(0, 100)})`);
}

function ownOf(connection: string, run: CommandRun): OwnCall | Refused {
  return (
    run.ownCalls.of(connection) ??
    refused(
      'command.unsupported',
      'This client is not party to that call.',
      'Use the telephone. Calls that are placed with dialBy: third-party can be steered from here.',
    )
  );
}

async function clearConnection({ connection }: Of<'clearConnection'>, run: CommandRun): Promise<CommandResult> {
  const own = ownOf(connection, run);
  if ('code' in own) return own;
  return prove(run, connection, isGone, async () => {
    own.hangUp();
    return {};
  });
}

async function withOwn(
  connection: string,
  run: CommandRun,
  what: 'answer' | 'hold' | 'retrieve',
  done: (change: Change) => boolean,
): Promise<CommandResult> {
  const own = ownOf(connection, run);
  if ('code' in own) return own;
  const act = own[what]?.bind(own);
  if (act === undefined) return refused('command.unsupported', 'The call was not placed with dialBy: third-party.');
  return prove(run, connection, done, () => act().then(() => ({})));
}

async function transfer({ connection, number }: Of<'singleStepTransferCall'>, run: CommandRun): Promise<CommandResult> {
  const wrong = checkNumber(number);
  if (wrong !== undefined) return wrong;
  const own = ownOf(connection, run);
  if ('code' in own) return own;
  const act = own.transfer?.bind(own);
  const account = run.accountOf(own.line);
  if (act === undefined || account === undefined) {
    return refused('command.unsupported', 'The call was not placed with dialBy: third-party.');
  }
  return prove(run, connection, isGone, () => act(sipUri(number, account.domain)).then(() => ({})));
}
