import type { Action } from './action.ts';

/** Actions that ask what is up. */
const QUESTIONS: ReadonlySet<string> = new Set([
  'CoreShowChannels',
  'Status',
  'BridgeList',
  'BridgeInfo',
  'ExtensionStateList',
  'ExtensionState',
  'DeviceStateList',
  'PJSIPShowEndpoints',
  'PJSIPShowEndpoint',
  'PJSIPShowContacts',
  'ParkedCalls',
  'ConfbridgeListRooms',
  'ConfbridgeList',
  'QueueStatus',
  'QueueSummary',
]);

/** Whether an action asks what is up: such answers may be slow, and old. */
export const isQuestion = ({ name }: Action): boolean => QUESTIONS.has(name);
