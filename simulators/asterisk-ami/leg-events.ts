import type { Leg } from '../model/leg.ts';
import type { Target } from '../model/target.ts';
import { applicationOf, dialString } from './applications.ts';
import type { EventContext, EventRenderers, Of } from './event-context.ts';
import type { Header } from './message.ts';
import { extenOf, uniqueIdOf } from './names.ts';
import { causeText, DIAL_STATUS } from './texts.ts';
import { amiVariable, variableOf } from './variables.ts';

type LegEvents =
  | 'legCreated'
  | 'legState'
  | 'callerChanged'
  | 'connectedChanged'
  | 'legEnded'
  | 'hangupRequested'
  | 'step'
  | 'variable'
  | 'rangOut'
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
  const dial = (
    name: string,
    { from, to }: Of<'dialBegan' | 'dialProgress' | 'dialEnded'>,
    ...last: readonly Header[]
  ): void => out(name, 'call', [...(from ? snapshots.channel(from) : []), ...snapshots.channel(to, 'Dest'), ...last]);
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
    rangOut: ({ leg }) => renderRangOut(context, leg),
    held: ({ leg, byExchange }) => tell('Hold', leg, byExchange ? [] : [['MusicClass', 'default']]),
    retrieved: ({ leg }) => tell('Unhold', leg),
    musicStarted: ({ leg }) => tell('MusicOnHoldStart', leg, [['Class', 'default']]),
    musicStopped: ({ leg }) => tell('MusicOnHoldStop', leg),
    digit: (event) => renderDigit(context, event),
    dialBegan: (event) => dial('DialBegin', event, ['DialString', dialledAs(event)]),
    dialProgress: (event) => dial('DialState', event, ['DialStatus', event.early ? 'PROGRESS' : 'RINGING']),
    dialEnded: (event) =>
      dial('DialEnd', event, ...(event.forward ? ([['Forward', forwardedTo(event.forward)]] as const) : []), [
        'DialStatus',
        DIAL_STATUS[event.outcome],
      ]),
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

/** When a far end ends what was answered, 22 tells no cause if a service had answered and nothing went wrong since, 16 only then. */
function requestCauses(context: EventContext, event: Of<'hangupRequested'>): Header[] {
  const { leg, soft, cause } = event;
  const untold = cause === undefined || (!soft && isUntold(context, event));
  return [...(untold ? [] : ([['Cause', cause]] as const)), ...techCause(context, leg)];
}

function isUntold({ version }: EventContext, { leg, hadCause }: Of<'hangupRequested'>): boolean {
  const known = !leg.answeredByService || (hadCause === true && leg.state === 'up');
  if (version === '22') return !known;
  return leg.state === 'busy' || (leg.state === 'up' && known);
}

/** The SIP status, which older releases do not tell. */
function techCause({ version }: EventContext, leg: Leg): Header[] {
  return leg.status === undefined || version === '16' ? [] : [['TechCause', leg.status]];
}

function renderStep({ snapshots, out }: EventContext, { leg }: Of<'step'>): void {
  const [application, data] = applicationOf(leg.step);
  out('Newexten', 'dialplan', [
    ...snapshots.channel(leg),
    ['Extension', extenOf(leg.place)],
    ['Application', application],
    ['AppData', data],
  ]);
}

const NO_CHANNEL: readonly Header[] = [
  ['Channel', 'none'],
  ['Uniqueid', 'none'],
];

function renderVariable({ snapshots, out }: EventContext, { leg, name, value }: Of<'variable'>): void {
  out('VarSet', 'dialplan', [
    ...(leg ? snapshots.channel(leg) : NO_CHANNEL),
    ['Variable', amiVariable(name)],
    ['Value', value.replace(/[\r\n]/g, (end) => (end === '\n' ? '\\n' : '\\r'))],
  ]);
}

/** How ringing others went, as the dialplan is told. */
function renderRangOut(context: EventContext, leg: Leg): void {
  for (const name of ['DIALSTATUS', 'HANGUPCAUSE'])
    renderVariable(context, { type: 'variable', leg, name, value: variableOf(leg, name) ?? '' });
}

/** Queues write a member as it is configured; other dialling only what comes after the technology. */
function dialledAs({ target, by }: Of<'dialBegan'>): string {
  const whole = dialString(target);
  if (by === 'queue') return whole;
  return whole.replace(/^\w+\//, '');
}

const forwardedTo = (target: Target): string => (target.kind === 'local' ? target.exten : target.number);

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
