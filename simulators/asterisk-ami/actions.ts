import type { Action } from './action.ts';
import { CALL_ACTIONS } from './call-actions.ts';
import { CHANNEL_LISTS } from './channel-lists.ts';
import { CORE_ACTIONS } from './core-actions.ts';
import { NOTIFY_ACTIONS } from './notify-action.ts';
import { QUEUE_ACTIONS } from './queue-actions.ts';
import { RECORDING_ACTIONS } from './recording-actions.ts';
import { STATE_LISTS } from './state-lists.ts';
import { VARIABLE_ACTIONS } from './variable-actions.ts';
import { VOICEMAIL_ACTIONS } from './voicemail-actions.ts';

/** Actions that are answered with success and do nothing: what they do is not to be seen in calls. */
const ACCEPTED: readonly Action[] = ['MuteAudio', 'ModuleLoad'].map((name) => ({
  name,
  classes: ['system', 'call'],
  summary: 'Accepted without effect.',
  run: (context) => context.succeed(),
}));

const LIST_COMMANDS: Action = {
  name: 'ListCommands',
  classes: [],
  summary: 'List available manager commands.',
  run: (context) => context.succeed(describeActions()),
};

/** Everything that a client may ask for after it has logged in, by name in lower case. */
export const ACTIONS: ReadonlyMap<string, Action> = new Map(
  [
    ...CHANNEL_LISTS,
    ...STATE_LISTS,
    ...CORE_ACTIONS,
    ...QUEUE_ACTIONS,
    ...CALL_ACTIONS,
    ...VARIABLE_ACTIONS,
    ...NOTIFY_ACTIONS,
    ...RECORDING_ACTIONS,
    ...VOICEMAIL_ACTIONS,
    ...ACCEPTED,
    LIST_COMMANDS,
  ].map((action) => [action.name.toLowerCase(), action] as const),
);

function describeActions(): [string, string][] {
  const all = [...ACTIONS.values()].sort((a, b) => a.name.localeCompare(b.name));
  return all.map(({ name, summary, classes }) => [
    name,
    `${summary}  (Priv: ${classes.length === 0 ? '<none>' : `${classes.join(',')},all`})`,
  ]);
}
