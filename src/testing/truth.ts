import type { LineCall, RedirectionParty } from '../domain/call.ts';
import type { EventCause } from '../domain/cause.ts';
import type { DeviceId, Party } from '../domain/device.ts';
import { type CallRecord, REDIRECTIONS, type RecordedState } from '../engine/call-records.ts';
import { type NumberingPlan, normalise } from '../recognition/index.ts';

/** A party in the schema of the truth files. */
export interface TruthParty {
  readonly number: string | null;
  readonly name: string | null;
  readonly e164?: string;
  readonly withheld?: true;
  readonly external?: true;
}

/** A state in the schema of the truth files; `remote` is absent while it is not known where the call goes. */
export interface TruthState {
  readonly t: number;
  readonly local: string;
  readonly remote?: string;
  readonly remoteParty?: TruthParty;
}

/** A call at an extension in the schema of the truth files. Other facts are there when they are known. */
export interface TruthCall {
  readonly direction: 'in' | 'out';
  readonly remote: TruthParty | null;
  readonly dialled?: string;
  readonly states: readonly TruthState[];
  readonly answered: boolean;
  readonly cause?: string;
  readonly [fact: string]: unknown;
}

/** The words of the truth files for the causes of ECMA-269. */
const WORDS: Readonly<Partial<Record<EventCause, string>>> = {
  normalClearing: 'normal',
  normal: 'normal',
  callCancelled: 'cancelled',
  busy: 'busy',
  'x-rejected': 'rejected',
  callNotAnswered: 'noanswer',
  timeout: 'noanswer',
  networkCongestion: 'congestion',
  trunksBusy: 'congestion',
  networkOutOfOrder: 'congestion',
  resourcesNotAvailable: 'congestion',
  numberUnallocated: 'unallocated',
  destNotObtainable: 'no-route',
  destOutOfOrder: 'unreachable',
  multipleAlerting: 'answered-elsewhere',
  callPickup: 'picked-up',
  park: 'parked',
  callForward: 'forwarded',
  callForwardBusy: 'forwarded',
  callForwardImmediate: 'forwarded',
  callForwardNoAnswer: 'forwarded',
  redirected: 'deflected',
  transfer: 'transferred',
  singleStepTransfer: 'transferred',
  'x-admin': 'switch-restart',
};

/** A line's call in the schema of the truth files. A call without an end ended with the recording: cause unknown. */
export function truthCall(record: CallRecord, plan: NumberingPlan | undefined): TruthCall {
  const { last } = record;
  const over = record.end !== undefined;
  const facts: Record<string, unknown> = {};
  // Of somebody who may not be shown there is nothing to tell.
  for (const key of REDIRECTIONS) if (typeof last[key]?.number === 'string') facts[key] = redirection(last[key]);
  for (const key of ['queue', 'group', 'conference', 'parkedAt', 'retrievedFrom', 'returnedFrom'] as const) {
    if (last[key] !== undefined && !(key === 'queue' && record.direction === 'out')) facts[key] = last[key];
  }
  if (last.originated === true) facts.originated = true;
  if (last.consultationOf !== undefined) facts.consultation = true;
  if (last.missed !== undefined) facts.missed = last.missed;
  const digits = digitsOf(last);
  if (digits !== undefined) facts.digits = digits;
  return {
    direction: record.direction,
    remote: truthParty(record.remote, plan),
    ...(last.dialled === undefined ? {} : { dialled: last.dialled }),
    cause: over ? causeWord(record) : 'unknown',
    endedBy: over ? (record.endedBy ?? 'pbx') : 'pbx',
    ...facts,
    answered: record.talkStart !== undefined,
    ...(record.talkStart === undefined ? {} : { talkStart: record.talkStart }),
    ...(record.end === undefined ? {} : { end: record.end }),
    states: truthStates(record.states, record.direction, plan),
  };
}

/** All calls of some extensions. */
export function truthOf(
  records: readonly CallRecord[],
  devices: readonly DeviceId[],
  plan: NumberingPlan | undefined,
): Record<DeviceId, TruthCall[]> {
  const extensions: Record<DeviceId, TruthCall[]> = {};
  for (const device of devices) {
    extensions[device] = records.filter((record) => record.device === device).map((record) => truthCall(record, plan));
  }
  return extensions;
}

function causeWord(record: CallRecord): string {
  if (record.cause === undefined) return 'unknown';
  if (record.cause === 'redirected' && record.endedBy === 'local') return 'forwarded';
  return WORDS[record.cause] ?? 'unknown';
}

/**
 * CSTA has a device that refuses without ringing go to *fail*; for the truth files such a phone was offered the call, and
 * a failing callee has no state of its own after that.
 */
function truthStates(
  states: readonly RecordedState[],
  direction: 'in' | 'out',
  plan: NumberingPlan | undefined,
): TruthState[] {
  const told: TruthState[] = [];
  for (const state of states) {
    const offered = direction === 'in' && state.local === 'fail';
    if (offered && told.length > 0) continue;
    const local = offered ? 'alerting' : state.local;
    const remote = offered
      ? 'connected'
      : direction === 'in' && state.remote === 'initiated'
        ? 'connected'
        : state.remote;
    const before = told.at(-1);
    if (before?.local === local && before.remote === remote && state.remoteParty === undefined) continue;
    told.push({
      t: Math.round(state.at * 10) / 10,
      local,
      ...(remote === undefined ? {} : { remote }),
      ...(state.remoteParty === undefined ? {} : { remoteParty: truthParty(state.remoteParty, plan)! }),
    });
  }
  return told;
}

function truthParty(party: Party | null, plan: NumberingPlan | undefined): TruthParty | null {
  if (party === null) return null;
  if (party.presentation === 'restricted') return { number: null, name: null, withheld: true };
  const e164 = party.number === null || plan === undefined ? undefined : e164Of(party.number, plan);
  return {
    number: party.number,
    name: party.name,
    ...(e164 === undefined ? {} : { e164 }),
    ...(party.category === 'trunk' ? { external: true } : {}),
  };
}

function e164Of(number: string, plan: NumberingPlan): string | undefined {
  const normal = normalise(number, plan);
  return normal.kind === 'e164' ? normal.e164 : undefined;
}

function redirection(party: RedirectionParty): RedirectionParty {
  return {
    number: party.number,
    ...(party.name == null ? {} : { name: party.name }),
    ...(party.reason === undefined ? {} : { reason: party.reason }),
  };
}

function digitsOf(call: LineCall): { received?: string; sent?: string } | undefined {
  const received = call.digitsReceived ?? '';
  const sent = call.digitsSent ?? '';
  if (received === '' && sent === '') return undefined;
  return { ...(received === '' ? {} : { received }), ...(sent === '' ? {} : { sent }) };
}
