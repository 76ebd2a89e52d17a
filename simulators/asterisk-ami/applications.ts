import type { QueueOutcome, Ringer, Step } from '../model/step.ts';
import type { Target } from '../model/target.ts';
import { DIAL_STATUS } from './texts.ts';
import { amiVariable } from './variables.ts';

/** An application of the dialplan and its arguments. */
export type Application = readonly [name: string, data: string];

/** What a step is in extensions.conf. */
export function applicationOf(step: Step | undefined): Application {
  if (!step) return ['', ''];
  switch (step.kind) {
    case 'rung':
      return [RUNG_BY[step.by], '(Outgoing Line)'];
    case 'ring':
      return ['Dial', `${step.targets.map(dialString).join('&')},${step.seconds},${OPTIONS[step.features]}`];
    case 'queue':
      return ['Queue', `${step.queue},${OPTIONS.both},,,${step.seconds}`];
    case 'goto':
      return ['Goto', `${step.context},${step.exten},1`];
    case 'branch':
      return ['GotoIf', `${step.holds ? 1 : 0}?${step.label}`];
    case 'subroutine':
      return ['Gosub', `${step.context},${step.exten},1${step.argument === undefined ? '' : `(${step.argument})`}`];
    case 'set':
      return ['Set', assignment(step)];
    default:
      return plainApplication(step);
  }
}

type PlainStep = Exclude<Step, { kind: 'rung' | 'ring' | 'queue' | 'goto' | 'branch' | 'subroutine' | 'set' }>;

function plainApplication(step: PlainStep): Application {
  switch (step.kind) {
    case 'setCaller':
      return ['Set', step.name === undefined ? `CALLERID(num)=${step.number}` : `CALLERID(name)=${step.name}`];
    case 'privateEvent':
      return ['UserEvent', `${step.name},${step.text}`];
    case 'remark':
      return ['NoOp', step.text];
    case 'rangOut':
      return ['NoOp', `DIALSTATUS=${DIAL_STATUS[step.outcome]} HANGUPCAUSE=${step.cause}`];
    case 'queueLeft':
      return ['NoOp', `QUEUESTATUS=${QUEUE_STATUS[step.outcome]}`];
    case 'wait':
    case 'busy':
    case 'congestion':
      return [SIMPLE[step.kind], String(step.seconds)];
    case 'clear':
      return ['Hangup', step.cause === undefined ? '' : String(step.cause)];
    case 'conference':
      return ['ConfBridge', `${step.room},rig_bridge,rig_user`];
    case 'announcement':
      return ['Playback', step.audio];
    case 'prompt':
      return ['Background', step.audio];
    case 'mailbox':
      return ['VoiceMail', `${step.number}@default,s`];
    case 'retrieve':
      return ['ParkedCall', `default,${step.space}`];
    case 'pickup':
      return ['Pickup', `${step.number}@PICKUPMARK&${step.number}@internal`];
    case 'park':
      return ['Park', 'default'];
    default:
      return [SIMPLE[step.kind], ''];
  }
}

function assignment({ scope, name, value }: Step & { kind: 'set' }): string {
  if (scope === 'routine') return `LOCAL(${name})=${value}`;
  return `${scope === 'call' ? '__' : ''}${amiVariable(name)}=${value}`;
}

/** How a target is written in Dial, Queue and Originate. */
export function dialString(target: Target): string {
  if (target.kind === 'phone') return `PJSIP/${target.number}`;
  if (target.kind === 'trunk') return `PJSIP/${target.number}@trunk`;
  return `Local/${target.exten}@${target.context}${target.optimise === false ? '/n' : ''}`;
}

const RUNG_BY: Readonly<Record<Ringer, string>> = { leg: 'AppDial', queue: 'AppQueue', origination: 'AppDial2' };

/** What whoever dials and whoever is dialled may do during the call. */
const OPTIONS = { both: 'tTkKxX', caller: 'TKX', none: '' } as const;

const QUEUE_STATUS: Readonly<Record<QueueOutcome, string>> = {
  served: '',
  timeout: 'TIMEOUT',
  noSuchQueue: 'UNKNOWN',
};

const SIMPLE = {
  answer: 'Answer',
  progress: 'Progress',
  echo: 'Echo',
  return: 'Return',
  wait: 'Wait',
  busy: 'Busy',
  congestion: 'Congestion',
} as const;
