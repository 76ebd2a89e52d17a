import type { Leg } from '../model/leg.ts';
import type { EventContext, EventRenderers, Of } from './event-context.ts';
import type { Header } from './message.ts';
import { uniqueIdOf } from './names.ts';
import { causeText, DIAL_STATUS } from './texts.ts';

type LegEvents =
  | 'legCreated'
  | 'legState'
  | 'callerChanged'
  | 'connectedChanged'
  | 'legEnded'
  | 'hangupRequested'
  | 'step'
  | 'variable'
  | 'held'
  | 'retrieved'
  | 'musicStarted'
  | 'musicStopped'
  | 'digit'
  | 'dialBegan'
  | 'dialProgress'
  | 'dialEnded'
  | 'bridgeCreated'
  | 'bridgeDestroyed'
  | 'bridgeEntered'
  | 'bridgeLeft';

const PRESENTATION: Header = ['CID-CallingPres', '0 (Presentation Allowed, Not Screened)'];

/** Events of channels, their dialling and their bridges. */
export function legEvents(context: EventContext): Pick<EventRenderers, LegEvents> {
  const { snapshots, out } = context;
  const tell = (name: string, leg: Leg, more: readonly Header[] = []): void =>
    out(name, 'call', [...snapshots.channel(leg), ...more]);
  const dial = (name: string, { from, to }: Of<'dialBegan' | 'dialProgress' | 'dialEnded'>, last: Header): void =>
    out(name, 'call', [...(from ? snapshots.channel(from) : []), ...snapshots.channel(to, 'Dest'), last]);
  return {
    legCreated: ({ leg }) => tell('Newchannel', leg),
    legState: ({ leg }) => tell('Newstate', leg),
    callerChanged: ({ leg }) => tell('NewCallerid', leg, [PRESENTATION]),
    connectedChanged: ({ leg }) => tell('NewConnectedLine', leg),
    legEnded: ({ leg }) =>
      tell('Hangup', leg, [['Cause', leg.cause], ['Cause-txt', causeText(leg.cause)], ...techCause(context, leg)]),
    hangupRequested: (event) =>
      tell(event.soft ? 'SoftHangupRequest' : 'HangupRequest', event.leg, requestCauses(context, event)),
    step: (event) => renderStep(context, event),
    variable: (event) => renderVariable(context, event),
    held: ({ leg, byExchange }) => tell('Hold', leg, byExchange ? [] : [['MusicClass', 'default']]),
    retrieved: ({ leg }) => tell('Unhold', leg),
    musicStarted: ({ leg }) => tell('MusicOnHoldStart', leg, [['Class', 'default']]),
    musicStopped: ({ leg }) => tell('MusicOnHoldStop', leg),
    digit: (event) => renderDigit(context, event),
    dialBegan: (event) => dial('DialBegin', event, ['DialString', event.target]),
    dialProgress: (event) => dial('DialState', event, ['DialStatus', event.early ? 'PROGRESS' : 'RINGING']),
    dialEnded: (event) => dial('DialEnd', event, ['DialStatus', DIAL_STATUS[event.outcome]]),
    bridgeCreated: ({ bridge }) => out('BridgeCreate', 'call', snapshots.bridge(bridge)),
    bridgeDestroyed: ({ bridge }) => out('BridgeDestroy', 'call', snapshots.bridge(bridge)),
    bridgeEntered: ({ bridge, leg, swap }) => {
      const swapped: Header[] = swap ? [['SwapUniqueid', uniqueIdOf(swap)]] : [];
      out('BridgeEnter', 'call', [...snapshots.bridge(bridge), ...snapshots.channel(leg), ...swapped]);
    },
    bridgeLeft: ({ bridge, leg }) =>
      out('BridgeLeave', 'call', [...snapshots.bridge(bridge), ...snapshots.channel(leg)]),
  };
}

/** When a far end ends what was answered, 22 tells no cause if a service had answered, 16 only then. */
function requestCauses(context: EventContext, { leg, soft, cause }: Of<'hangupRequested'>): Header[] {
  const untold = cause === undefined || (!soft && isUntold(context, leg));
  return [...(untold ? [] : ([['Cause', cause]] as const)), ...techCause(context, leg)];
}

function isUntold({ version }: EventContext, leg: Leg): boolean {
  if (version === '22') return leg.answeredByService;
  return leg.state === 'busy' || (leg.state === 'up' && !leg.answeredByService);
}

/** The SIP status, which older releases do not tell. */
function techCause({ version }: EventContext, leg: Leg): Header[] {
  return leg.status === undefined || version === '16' ? [] : [['TechCause', leg.status]];
}

function renderStep({ snapshots, out }: EventContext, { leg }: Of<'step'>): void {
  out('Newexten', 'dialplan', [
    ...snapshots.channel(leg),
    ['Extension', leg.place.exten],
    ['Application', leg.application],
    ['AppData', leg.applicationData],
  ]);
}

const NO_CHANNEL: readonly Header[] = [
  ['Channel', 'none'],
  ['Uniqueid', 'none'],
];

function renderVariable({ snapshots, out }: EventContext, { leg, name, value }: Of<'variable'>): void {
  out('VarSet', 'dialplan', [
    ...(leg ? snapshots.channel(leg) : NO_CHANNEL),
    ['Variable', name],
    ['Value', value.replace(/[\r\n]/g, (end) => (end === '\n' ? '\\n' : '\\r'))],
  ]);
}

function renderDigit(
  { snapshots, out }: EventContext,
  { leg, digit, direction, phase, durationMs }: Of<'digit'>,
): void {
  const duration: Header[] = phase === 'end' ? [['DurationMs', durationMs]] : [];
  out(phase === 'end' ? 'DTMFEnd' : 'DTMFBegin', 'dtmf', [
    ...snapshots.channel(leg),
    ['Digit', digit],
    ...duration,
    ['Direction', direction === 'received' ? 'Received' : 'Sent'],
  ]);
}
