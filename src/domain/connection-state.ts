/**
 * The connection states of ECMA-269 6.1.3: how a device takes part in a call.
 *
 * | state | meaning |
 * |---|---|
 * | `null` | no relation between device and call: not yet, or no longer |
 * | `initiated` | off-hook and dialling, or prompted to go off-hook (click-to-dial) |
 * | `alerting` | the call is offered to the device: it rings |
 * | `connected` | taking part, a caller who hears ringback included |
 * | `hold` | in the call, but physically suspended by this device |
 * | `queued` | waiting: in a queue, parked, camped on |
 * | `fail` | the attempt to reach this device was aborted |
 */
export type ConnectionState = 'null' | 'initiated' | 'alerting' | 'connected' | 'hold' | 'queued' | 'fail';

/** All connection states, in the order of the standard's numbers 0 to 6. */
export const CONNECTION_STATES: readonly ConnectionState[] = [
  'null',
  'initiated',
  'alerting',
  'connected',
  'hold',
  'queued',
  'fail',
];
