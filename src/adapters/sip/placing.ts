import type { ConnectionFacts } from '../../domain/call.ts';
import type { ConnectionState } from '../../domain/connection-state.ts';
import { change, emit } from '../shared/calls.ts';
import { settle } from '../shared/settle.ts';
import { partyOf as numberParty } from './identity.ts';
import { causeOfStatus } from './reason.ts';
import type { OwnCallStep } from './signal.ts';
import {
  beginCall,
  beginRemote,
  endCall,
  establish,
  hold,
  type LineState,
  localOf,
  remoteDevice,
  retrieve,
  type SipCall,
  type State,
} from './state.ts';

/** How long dialog-info may take to show the call that goes on without this client. */
const SEEN_MS = 3_000;

/** A call that this client placed for a line goes on. */
export function ownCall(s: State, line: LineState, callId: string, step: OwnCallStep): void {
  const call = [...line.calls].find(({ own, callIds }) => own !== undefined && callIds.has(callId));
  if (call === undefined) {
    if (step.name === 'placed') placed(s, line, callId, step.destination);
  } else if (call.own === 'active') STEPS[step.name](s, call, step);
}

function placed(s: State, line: LineState, callId: string, destination: string): void {
  const called = destination === '' ? {} : { calledDevice: numberParty('', destination, '') };
  const call = beginCall(s, line, {
    ...{ type: 'serviceInitiated', direction: 'out', local: 'initiated' },
    facts: { originated: true, ...(destination === '' ? {} : { dialled: destination }) },
    extra: { cause: 'makeCall', origin: 'INVITE', ...called },
  });
  if (call === undefined) return;
  call.own = 'active';
  call.callIds.add(callId);
}

type Step = (s: State, call: SipCall, step: OwnCallStep) => void;

const STEPS: Readonly<Record<OwnCallStep['name'], Step>> = {
  placed: () => {},
  ringing(s, call) {
    const local = localOf(call);
    if (local.state !== 'initiated' || local.facts.prompted === true) return;
    emit(s, 'serviceInitiated', call.record, [change(local, 'initiated', { prompted: true })], { origin: '180' });
  },
  answered(s, call) {
    const local = localOf(call);
    if (local.state !== 'initiated') return;
    emit(s, 'originated', call.record, [change(local, 'connected', { prompted: true })], { origin: '200' });
  },
  referred(s, call, step) {
    const local = localOf(call);
    const dialled = step.name === 'referred' ? step.destination : undefined;
    if (dialled === undefined || dialled === '' || local.facts.dialled !== undefined) return;
    emit(s, 'callInformation', call.record, [change(local, undefined, { dialled })], { origin: 'REFER' });
  },
  progress(s, call, step) {
    if (step.name === 'progress') progress(s, call, step.status);
  },
  held: (s, call) => hold(s, call, localOf(call), 're-INVITE'),
  retrieved: (s, call) => retrieve(s, call, 're-INVITE'),
  left: gone,
  ended: gone,
};

/** How far the telephone is with the destination. */
function progress(s: State, call: SipCall, status: number): void {
  const state: ConnectionState | undefined = status >= 180 && status < 200 ? 'alerting' : undefined;
  const conn = call.remote?.conn;
  const party = numberParty(remoteDevice(call), localOf(call).facts.dialled ?? '', '');
  if (state !== undefined && conn === undefined) {
    const own = localOf(call).state === 'initiated' ? [change(localOf(call), 'connected')] : [];
    emit(s, 'delivered', call.record, [beginRemote(s, call, state, party), ...own], { origin: String(status) });
  } else if (status >= 200 && status < 300 && !localOf(call).talked) establish(s, call, String(status), party);
}

/** This client has no part in it any more. Whether it goes on, dialog-info tells; without that, nobody. */
function gone(s: State, call: SipCall, step: OwnCallStep): void {
  if (step.name !== 'left' && step.name !== 'ended') return;
  call.own = 'left';
  const facts: ConnectionFacts = step.name === 'left' ? { cause: 'x-unknown' } : endFacts(call, step.status);
  if (call.dialogs.size > 0) return;
  const goesOn = step.name === 'left' && call.line.isSubscribed;
  if (goesOn)
    settle(s, 'clear', call.leg, SEEN_MS, () => call.dialogs.size === 0 && endCall(s, call, facts, step.name));
  else endCall(s, call, facts, step.name);
}

function endFacts(call: SipCall, status = 0): ConnectionFacts {
  const cause = status >= 300 ? causeOfStatus(status) : localOf(call).talked ? 'normalClearing' : undefined;
  return cause === undefined ? {} : { cause };
}
