/**
 * Model PBXs that speak real protocols: for tests of anything that talks to a PBX, and for demonstrations.
 *
 * @module
 */

export type { AsteriskVersion } from './asterisk-ami/event-context.ts';
export { AsteriskSimulator, type AsteriskSimulatorOptions, createAsteriskSimulator } from './asterisk-ami/index.ts';
export type { AmiUser } from './asterisk-ami/user.ts';
export {
  createFreeswitchSimulator,
  FreeswitchSimulator,
  type FreeswitchSimulatorOptions,
} from './freeswitch-esl/index.ts';
export type { FaultySwitch, LinkTraffic } from './link/faulty-switch.ts';
export type { ClientFlow, GoneClient } from './link/flow.ts';
export type { ArrivalPattern } from './load/arrivals.ts';
export type { LoadFigures, SkipReason } from './load/figures.ts';
export { LoadGenerator, type LoadOptions } from './load/load-generator.ts';
export { CALL_KINDS, type CallDraft, type CallKind, type Mix, OFFICE_MIX } from './load/mix.ts';
export { type LoadOffice, loadOffice, MAX_LINES } from './load/office.ts';
export type { ModelPbx } from './model/model-pbx.ts';
export type { ExtensionConfig, GroupConfig, OfficeConfig, ParkingConfig, QueueConfig } from './model/office.ts';
export type { CallRequest, PlacedCall } from './model/people.ts';
export type { Habits, Telephone, Which } from './model/telephone.ts';
export { demoScript } from './play/demo.ts';
export type { Script, ScriptedSwitch, ScriptMemory, Step } from './play/script.ts';
export type { Fault } from './scenario/fault.ts';
export type { DialectName } from './sip/dialect.ts';
export { createSipSimulator, SipSimulator, type SipSimulatorOptions } from './sip/index.ts';
