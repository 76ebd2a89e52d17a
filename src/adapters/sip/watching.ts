import type { ConnectionFacts } from '../../domain/call.ts';
import type { EventCause } from '../../domain/cause.ts';
import type { Party } from '../../domain/device.ts';
import { change, emit } from '../shared/calls.ts';
import { dropPending, settle } from '../shared/settle.ts';
import type { DialogInfo, DialogInfoDialog } from './dialog-info.ts';
import { dialogParty } from './identity.ts';
import { APART_MS, withdrawnFacts } from './offering.ts';
import { causeOfStatus } from './reason.ts';
import {
  beginCall,
  beginRemote,
  endCall,
  establish,
  hold,
  type LineState,
  localOf,
  mayBeSame,
  partyOf,
  remoteDevice,
  retrieve,
  type SipCall,
  type State,
  showParty,
} from './state.ts';

/** How long the CANCEL may take that tells why a dialog ended. */
const CANCEL_MS = 500;

/**
 * What a line's dialog-info says, which is its state, not what happened: a document that says the same again changes nothing,
 * whatever its version. A dialog that was never seen live does not end.
 */
export function documented(s: State, line: LineState, document: DialogInfo): void {
  const { isFresh } = line;
  line.isFresh = false;
  s.resync = isFresh;
  const live = document.dialogs.filter((dialog) => dialog.state !== 'terminated');
  if (isFresh) forgetAbsent(s, line, live);
  for (const dialog of document.dialogs) if (dialog.state === 'terminated') terminated(s, line, dialog);
  for (const dialog of live) alive(s, line, dialog);
  // FreeSWITCH lists only what changed: absence beside another live dialog says nothing (RFC 4235 4.1 says otherwise).
  if (document.isFull && live.length === 0) for (const key of [...line.byDialog.keys()]) left(s, line, key, {});
  s.resync = false;
}

/** The first NOTIFY had no body: nothing is up, as far as the switch knows. */
export function undocumented(s: State, line: LineState): void {
  if (!line.isFresh) return;
  line.isFresh = false;
  forgetAbsent(s, line, []);
}

/** After a link was lost: what is not there any more ended meanwhile. */
function forgetAbsent(s: State, line: LineState, live: readonly DialogInfoDialog[]): void {
  const keys = new Set(live.map(keyOf));
  for (const call of [...line.calls]) {
    if (!call.isStale || [...call.dialogs].some((key) => keys.has(key))) continue;
    endCall(s, call, { cause: 'x-unknown' }, 'not listed', true);
  }
  for (const call of line.calls) call.isStale = false;
}

function keyOf({ id, callId }: DialogInfoDialog): string {
  return id === '' ? (callId ?? '') : id;
}

function terminated(s: State, line: LineState, dialog: DialogInfoDialog): void {
  const key = keyOf(dialog);
  line.ended.delete(key);
  left(s, line, waitingKey(key), dialog);
  left(s, line, key, dialog);
}

/** A dialog is over; its call is if it has no other. */
function left(s: State, line: LineState, key: string, how: Pick<DialogInfoDialog, 'event' | 'code'>): void {
  const call = line.byDialog.get(key);
  if (call === undefined) return;
  line.byDialog.delete(key);
  call.dialogs.delete(key);
  if (call.dialogs.size > 0 || call.own === 'active') return;
  const local = localOf(call);
  const isUnexplained = call.offeredAt !== undefined && call.withdrawn === undefined && line.isRegistered;
  if (local.state === 'alerting' && isUnexplained && how.event === undefined) {
    settle(s, 'clear', call.leg, CANCEL_MS, () => endCall(s, call, withdrawnFacts(call), 'terminated'));
    return;
  }
  endCall(s, call, endFacts(call, how), 'terminated');
}

/** Why, and by whom, as far as it was told. A call that was answered and ends has ended normally. */
function endFacts(call: SipCall, { event, code }: Pick<DialogInfoDialog, 'event' | 'code'>): ConnectionFacts {
  const { talked, state } = localOf(call);
  if (talked) {
    const by = event === 'local-bye' ? 'local' : event === 'remote-bye' ? 'remote' : undefined;
    return {
      cause: event === 'replaced' ? 'transfer' : 'normalClearing',
      ...(by === undefined ? {} : { endedBy: by }),
    };
  }
  if (call.withdrawn !== undefined) return withdrawnFacts(call);
  const cause = (code === undefined ? undefined : causeOfStatus(code)) ?? causeOfEvent(event);
  const missed = call.direction === 'in' && state === 'alerting' && cause !== undefined ? { missed: true } : {};
  return cause === undefined ? {} : { cause, ...missed };
}

const BY_EVENT: Readonly<Record<string, EventCause>> = {
  cancelled: 'callCancelled',
  rejected: 'x-rejected',
  timeout: 'callNotAnswered',
  error: 'destOutOfOrder',
};

function causeOfEvent(event: string | undefined): EventCause | undefined {
  return event !== undefined && Object.hasOwn(BY_EVENT, event) ? BY_EVENT[event] : undefined;
}

/** A dialog that is not over. */
function alive(s: State, line: LineState, dialog: DialogInfoDialog): void {
  const key = keyOf(dialog);
  const call = line.byDialog.get(key) ?? tied(s, line, dialog);
  if (call === undefined) {
    begun(s, line, dialog);
    return;
  }
  line.byDialog.set(key, call);
  call.dialogs.add(key);
  if (dialog.callId !== undefined) call.callIds.add(dialog.callId);
  call.isStale = false;
  if (dialog.state === 'confirmed') confirmed(s, call, dialog);
  else unconfirmed(s, call, dialog);
}

/** A call that an INVITE told, or that this client placed: by Call-ID where the switch tells it, else by number and time. */
function tied(s: State, line: LineState, dialog: DialogInfoDialog): SipCall | undefined {
  const { callId, direction } = dialog;
  const calls = [...line.calls];
  const byId = callId === undefined ? undefined : calls.find(({ callIds }) => callIds.has(callId));
  if (byId !== undefined) return byId;
  const number = dialogParty(dialog.remote, '')?.number;
  return calls.find((call) => {
    if (call.own !== undefined) return isOwnCalls(call, direction, number);
    if (direction === 'initiator' || call.dialogs.size > 0 || call.offeredAt === undefined) return false;
    return (
      localOf(call).state === 'alerting' &&
      s.now - call.offeredAt < APART_MS &&
      mayBeSame(partyOf(call)?.number, number)
    );
  });
}

/** The telephone that is called by this client, or that calls where it was told to. */
function isOwnCalls(
  call: SipCall,
  direction: DialogInfoDialog['direction'],
  number: string | null | undefined,
): boolean {
  const { dialled } = localOf(call).facts;
  if (direction === 'initiator') return number === undefined || mayBeSame(number, dialled);
  if (call.dialogs.size > 0) return false;
  return number === undefined || number === null || number === call.line.device || mayBeSame(number, dialled);
}

/** A dialog that nobody told of. */
function begun(s: State, line: LineState, dialog: DialogInfoDialog): void {
  const key = keyOf(dialog);
  const gone = line.ended.get(key);
  const isGone = gone !== undefined && gone.until > s.now && dialog.state !== 'confirmed';
  if (isGone && mayBeSame(gone.number, dialogParty(dialog.remote, '')?.number)) return;
  line.ended.delete(key);
  const call = isOutgoing(dialog) ? dialling(s, line, dialog) : offered(s, line, dialog);
  if (call === undefined) return;
  line.byDialog.set(key, call);
  call.dialogs.add(key);
  if (dialog.callId !== undefined) call.callIds.add(dialog.callId);
  if (!dialog.isRendering) held(s, call, dialog);
}

/** Asterisk tells no direction of a telephone that dials; snom none of one that is off-hook. */
function isOutgoing({ direction, state }: DialogInfoDialog): boolean {
  if (direction !== undefined) return direction === 'initiator';
  return state === 'confirmed' || state === 'trying';
}

function offered(s: State, line: LineState, dialog: DialogInfoDialog): SipCall | undefined {
  const isAnswered = dialog.state === 'confirmed' || !dialog.isRendering;
  const call = beginCall(s, line, {
    type: isAnswered ? 'established' : 'delivered',
    direction: 'in',
    local: isAnswered ? 'connected' : 'alerting',
    remote: { state: 'connected', party: (device) => dialogParty(dialog.remote, device) },
    extra: { origin: originOf(dialog) },
  });
  if (call !== undefined && isAnswered) localOf(call).talked = true;
  return call;
}

/**
 * The line dials. `confirmed` at first sight is an answer only where the dialog is a real one, which has a Call-ID: Asterisk and
 * FreeSWITCH say so from dialling on.
 */
function dialling(s: State, line: LineState, dialog: DialogInfoDialog): SipCall | undefined {
  const origin = originOf(dialog);
  const party = dialogParty(dialog.remote, '');
  const number = party?.number ?? undefined;
  const facts: ConnectionFacts = number === undefined ? {} : { dialled: number };
  const common = {
    direction: 'out',
    facts,
    extra: { origin, ...(party === undefined ? {} : { calledDevice: party }) },
  } as const;
  if (dialog.state === 'trying' || dialog.state === 'proceeding') {
    return beginCall(s, line, { ...common, type: 'serviceInitiated', local: 'initiated' });
  }
  const remote = (state: 'alerting' | 'connected') => ({
    remote: { state, party: (device: string): Party | undefined => dialogParty(dialog.remote, device) },
  });
  if (dialog.state === 'early' && dialog.isRendering) {
    return beginCall(s, line, { ...common, type: 'delivered', local: 'connected', ...remote('alerting') });
  }
  if (dialog.callId === undefined && dialog.isRendering) {
    return beginCall(s, line, { ...common, type: 'originated', local: 'connected' });
  }
  const call = beginCall(s, line, { ...common, type: 'established', local: 'connected', ...remote('connected') });
  if (call !== undefined) localOf(call).talked = true;
  return call;
}

/** A dialog of a known call is answered, or still is. */
function confirmed(s: State, call: SipCall, dialog: DialogInfoDialog): void {
  const local = localOf(call);
  const origin = originOf(dialog);
  // What became of the call that rang beside this one, on the same pseudo dialog, is not told.
  left(s, call.line, waitingKey(keyOf(dialog)), {});
  if (call.own === 'active') return;
  const isRinging = call.direction === 'in' ? local.state === 'alerting' : call.remote?.conn?.state === 'alerting';
  const isFirst =
    call.direction === 'out' && !local.talked && (dialog.callId !== undefined || local.state === 'initiated');
  if (isRinging || isFirst) {
    dropPending(s, call.leg);
    establish(s, call, origin, dialogParty(dialog.remote, remoteDevice(call)));
  }
  shown(s, call, dialog);
  if (dialog.isRendering) retrieve(s, call, origin);
  else held(s, call, dialog);
}

/**
 * Nothing is rendered: the call is held. Asterisk says so at the party that was put on hold; whoever else says it, at the one
 * that holds.
 */
function held(s: State, call: SipCall, dialog: DialogInfoDialog): void {
  const origin = `${originOf(dialog)} rendering=no`;
  if (keyOf(dialog) !== call.line.device || dialog.callId !== undefined) {
    hold(s, call, localOf(call), origin);
    return;
  }
  if (call.remote?.conn === undefined || !localOf(call).talked) establish(s, call, origin);
  hold(s, call, call.remote?.conn, origin);
}

/** A dialog of a known call is not answered, or not any more. */
function unconfirmed(s: State, call: SipCall, dialog: DialogInfoDialog): void {
  const local = localOf(call);
  if (call.own === 'active') return;
  if (local.talked || (call.direction === 'out' && dialog.direction === 'recipient')) {
    // FreeSWITCH: early after confirmed, with nothing rendered, is a hold.
    if (!dialog.isRendering) held(s, call, dialog);
    else if (dialog.direction !== 'initiator') waiting(s, call, dialog);
    return;
  }
  if (call.direction === 'out' && dialog.state === 'early') {
    const conn = call.remote?.conn;
    const party = dialogParty(dialog.remote, remoteDevice(call));
    if (conn === undefined) {
      const changes = [beginRemote(s, call, 'alerting', party), change(local, 'connected')];
      emit(s, 'delivered', call.record, changes, { origin: originOf(dialog) });
    }
  }
  shown(s, call, dialog);
}

function waitingKey(key: string): string {
  return `${key} waiting`;
}

/** Asterisk (`notify_early_inuse_ringing`): the one dialog of a telephone that talks rings, because another calls. */
function waiting(s: State, { line, dialogs }: SipCall, dialog: DialogInfoDialog): void {
  const key = waitingKey(keyOf(dialog));
  if (line.byDialog.has(key) || dialogs.has(key)) return;
  const call = tied(s, line, { ...dialog, direction: 'recipient' }) ?? offered(s, line, dialog);
  if (call === undefined) return;
  line.byDialog.set(key, call);
  call.dialogs.add(key);
}

/** Whom the call is with, where the notifier tells it, and where nobody has told it better. */
function shown(s: State, call: SipCall, dialog: DialogInfoDialog): void {
  const party = dialogParty(dialog.remote, remoteDevice(call));
  const known = partyOf(call);
  if (party === undefined || known === undefined || known.presentation === 'restricted') return;
  if (mayBeSame(known.number, party.number) && known.number !== null && (known.name !== null || party.name === null))
    return;
  showParty(s, call, party);
}

function originOf({ direction, state }: DialogInfoDialog): string {
  return `dialog ${direction === undefined ? '' : `${direction} `}${state}`;
}
