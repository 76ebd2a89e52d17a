/**
 * Model PBXs that speak real protocols: for tests of anything that talks to a PBX, and for demonstrations.
 *
 * @module
 */

export { demoScript } from './asterisk-ami/demo.ts';
export type { AsteriskVersion } from './asterisk-ami/event-context.ts';
export { AsteriskSimulator, type AsteriskSimulatorOptions, createAsteriskSimulator } from './asterisk-ami/index.ts';
export type { Script, ScriptMemory, Step } from './asterisk-ami/script.ts';
export type { AmiUser } from './asterisk-ami/user.ts';
export type { ModelPbx } from './model/model-pbx.ts';
export type { ExtensionConfig, GroupConfig, OfficeConfig, ParkingConfig, QueueConfig } from './model/office.ts';
export type { CallRequest, PlacedCall } from './model/people.ts';
export type { Habits, Telephone, Which } from './model/telephone.ts';
