import type { ConnectionFacts } from '../../domain/call.ts';
import { change, emit } from '../shared/calls.ts';
import { settle } from '../shared/settle.ts';
import { callerOf, diversionOf } from './identity.ts';
import type { SipMessage } from './message.ts';
import { nameAddrs, userOf } from './name-addr.ts';
import { withdrawalOf } from './reason.ts';
import {
  beginCall,
  endCall,
  establish,
  hold,
  type LineState,
  localOf,
  mayBeSame,
  partyOf,
  retrieve,
  type SipCall,
  type State,
  showParty,
} from './state.ts';

/** How long dialog-info may take to say what became of a call that was answered elsewhere. */
const ELSEWHERE_MS = 3_000;

/** How far apart an INVITE and the dialog-info of the same call may be. */
export const APART_MS = 10_000;

/** The line's second device is offered a call: it rings at the line. */
export function invited(s: State, line: LineState, message: SipMessage): void {
  const callId = (message.header('call-id') ?? '').slice(0, 512);
  // The same call offered anew to the same device.
  if (offeredCall(line, callId) !== undefined) return;
  const diverted = diversionOf(message);
  const facts: ConnectionFacts = {
    ...dialled(line, message),
    ...(diverted === undefined ? {} : { divertedFrom: diverted }),
  };
  const call = heardOf(s, line, callId, message) ?? ring(s, line, facts, message);
  if (call === undefined) return;
  call.callIds.add(callId);
  call.offeredAt = s.now;
  if (localOf(call).facts.dialled === undefined && Object.keys(facts).length > 0) {
    emit(s, 'callInformation', call.record, [change(localOf(call), undefined, facts)], { origin: 'INVITE' });
  }
}

/** A call that dialog-info told a moment ago. What the INVITE tells of the caller is more. */
function heardOf(s: State, line: LineState, callId: string, message: SipMessage): SipCall | undefined {
  const party = callerOf(message, '');
  const waiting = [...line.calls].filter(
    (call) => call.direction === 'in' && call.offeredAt === undefined && localOf(call).state === 'alerting',
  );
  const call =
    waiting.find(({ callIds }) => callIds.has(callId)) ??
    waiting.find(
      (each) => mayBeSame(partyOf(each)?.number, party.number) && s.now - localOf(each).startedAt < APART_MS,
    );
  if (call !== undefined) showParty(s, call, party);
  return call;
}

function ring(s: State, line: LineState, facts: ConnectionFacts, message: SipMessage): SipCall | undefined {
  const { divertedFrom } = facts;
  return beginCall(s, line, {
    ...{ type: 'delivered', direction: 'in', local: 'alerting', facts },
    remote: { state: 'connected', party: (device) => callerOf(message, device) },
    extra: {
      origin: 'INVITE',
      ...(divertedFrom === undefined
        ? {}
        : {
            lastRedirectionDevice: {
              ...{ device: null, category: 'station', number: divertedFrom.number, name: divertedFrom.name ?? null },
              presentation: divertedFrom.number === null ? 'restricted' : 'allowed',
            },
          }),
    },
  });
}

/** What was dialled, where the To says it: on some switches it is the address of the device. */
function dialled(line: LineState, message: SipMessage): ConnectionFacts {
  const [to] = nameAddrs(message.all('to'));
  const user = userOf(to?.uri ?? '');
  return user === line.device || /^\+?\d{3,}$/.test(user) ? { dialled: user } : {};
}

/** The offer is taken back; its Reason tells why. Where dialog-info is told, it tells whether the line itself took the call. */
export function cancelled(s: State, line: LineState, message: SipMessage): void {
  const callId = (message.header('call-id') ?? '').slice(0, 512);
  const call = offeredCall(line, callId);
  if (call === undefined || localOf(call).state !== 'alerting') return;
  const withdrawal = withdrawalOf(message);
  call.withdrawn = withdrawal;
  if (withdrawal.elsewhere && line.isSubscribed) {
    settle(s, 'clear', call.leg, ELSEWHERE_MS, () => endCall(s, call, withdrawnFacts(call), 'CANCEL'));
  } else endCall(s, call, withdrawnFacts(call), 'CANCEL');
}

/** Why a call ended that was taken back. */
export function withdrawnFacts({ withdrawn }: SipCall): ConnectionFacts {
  if (withdrawn === undefined) return {};
  const { cause, elsewhere } = withdrawn;
  if (elsewhere) return { cause, missed: false, endedBy: 'pbx' };
  return { cause, missed: true, ...(cause === 'callCancelled' ? { endedBy: 'remote' } : {}) };
}

/** The second device itself took the call: the line is connected by it. */
export function taken(s: State, line: LineState, callId: string): void {
  const call = offeredCall(line, callId);
  if (call !== undefined && localOf(call).state === 'alerting') establish(s, call, '200');
}

/** The caller holds the call that the second device took, or takes it up again. */
export function modified(s: State, line: LineState, callId: string, how: 'held' | 'retrieved'): void {
  const call = offeredCall(line, callId);
  if (call === undefined) return;
  if (how === 'held') hold(s, call, call.remote?.conn, 're-INVITE');
  else retrieve(s, call, 're-INVITE');
}

/** The call that the second device took is over. */
export function released(s: State, line: LineState, callId: string): void {
  const call = offeredCall(line, callId);
  if (call !== undefined) endCall(s, call, { cause: 'normalClearing' }, 'BYE');
}

function offeredCall(line: LineState, callId: string): SipCall | undefined {
  return [...line.calls].find(({ callIds, offeredAt }) => callIds.has(callId) && offeredAt !== undefined);
}
