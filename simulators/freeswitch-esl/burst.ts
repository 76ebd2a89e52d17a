import { tellInPortions } from '../link/portions.ts';
import type { EslEvent } from './event.ts';

type Tell = (headers: EslEvent['headers'], name: string) => void;

/** Tells so many events that are no calls: of presence, of the scheduler, and of a job. Returns how to stop. */
export const tellBurst = (events: number, tell: Tell): (() => void) =>
  tellInPortions(events, (serial) => tell(...burstEvent(serial)));

function burstEvent(serial: number): [EslEvent['headers'], string] {
  if (serial % 3 === 0)
    return [
      [
        ['proto', 'any'],
        ['from', `lamp${serial % 1000}@pbx.test`],
        ['status', serial % 2 === 0 ? 'CS_EXECUTE' : 'CS_HANGUP'],
        ['event_type', 'presence'],
      ],
      'PRESENCE_IN',
    ];
  if (serial % 3 === 1)
    return [
      [
        ['Task-ID', String(serial)],
        ['Task-Desc', 'heartbeat'],
        ['Task-Group', 'core'],
      ],
      'RE_SCHEDULE',
    ];
  return [
    [
      ['Job-UUID', `burst-${serial}`],
      ['Job-Command', 'version'],
    ],
    'BACKGROUND_JOB',
  ];
}
