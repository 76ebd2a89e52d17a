import type { Fault, FaultType, SpecialFaultType } from '../../../simulators/scenario/fault.ts';

/** One of each kind that every switch has, as bad as a real one is on a bad day. */
export const FAULTS: Readonly<Record<Exclude<FaultType, SpecialFaultType>, Fault>> = {
  'link-down': { type: 'link-down' },
  'link-silent': { type: 'link-silent' },
  'link-slow': { type: 'link-slow', bytesPerSecond: 4_000 },
  'writes-split': { type: 'writes-split', bytes: 7 },
  'writes-joined': { type: 'writes-joined', ms: 50 },
  restart: { type: 'restart', ms: 1_500 },
  'logins-refused': { type: 'logins-refused' },
  'snapshot-slow': { type: 'snapshot-slow', ms: 3_000 },
  'snapshot-stale': { type: 'snapshot-stale' },
  'clock-skew': { type: 'clock-skew', ms: -86_400_000 },
  'events-twice': { type: 'events-twice' },
  'events-late': { type: 'events-late', ms: 40 },
  burst: { type: 'burst', events: 2_000 },
};
