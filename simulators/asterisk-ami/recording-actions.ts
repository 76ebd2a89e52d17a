import type { Action, ActionContext } from './action.ts';
import type { Header } from './message.ts';

/** Recording of calls. Nothing is recorded; only the events are told. */
export const RECORDING_ACTIONS: readonly Action[] = [
  record('MixMonitor', 'Record a call and mix the audio during the recording.', 'MixMonitorStart'),
  record('MixMonitorMute', 'Mute / unMute a Mixmonitor recording.', 'MixMonitorMute'),
  record('StopMixMonitor', 'Stop recording a call through MixMonitor.', 'MixMonitorStop'),
];

function record(name: string, summary: string, event: string): Action {
  return { name, classes: ['system', 'call'], summary, run: (context) => run(context, event) };
}

function run(context: ActionContext, event: string) {
  const { request, pbx, snapshots } = context;
  if (request.get('Channel') === '') return context.fail('No channel specified');
  const leg = snapshots.names.find(pbx.exchange, request.get('Channel'));
  if (!leg) return context.fail('No such channel');
  const muting: Header[] = [
    ['Direction', request.get('Direction')],
    ['State', request.get('State')],
  ];
  const headers = [...snapshots.channel(leg), ...(event === 'MixMonitorMute' ? muting : [])];
  context.succeed();
  context.broadcast({ name: event, class: 'call', headers });
}
