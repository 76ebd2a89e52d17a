import type { Call, LineCall } from '../domain/call.ts';
import type { DeviceId } from '../domain/device.ts';
import { lineCallOf } from '../domain/line-call.ts';

/** What is said of a line's call. */
export interface Description {
  readonly id: string;
  readonly device: DeviceId;
  readonly text: string;
}

/** A call as each of its stations sees it, in one line of text each. */
export function describeLineCall(call: Call): Description[] {
  return call.connections
    .filter(({ party, partOf }) => party.category === 'station' && party.device !== null && partOf === undefined)
    .flatMap((connection) => {
      const view = lineCallOf(call, connection.id);
      return view === undefined ? [] : [{ id: view.id, device: view.device, text: textOf(view) }];
    });
}

/** States of the other side that go without saying. */
const NOT_SAID: readonly (LineCall['remoteState'] | undefined)[] = [undefined, 'connected', 'null'];

function textOf(view: LineCall): string {
  if (view.state === 'null')
    return ['ended', view.cause, view.endedBy && `by ${view.endedBy}`].filter(Boolean).join(', ');
  const { remote } = view;
  const who = remote === null ? '' : [remote.name, remote.number].filter(Boolean).join(' ') || 'somebody withheld';
  const arrow = view.direction === 'in' ? '←' : '→';
  const far = NOT_SAID.includes(view.remoteState) ? '' : `(${view.remoteState})`;
  return [view.state, who === '' ? '' : `${arrow} ${who}`, far].filter(Boolean).join(' ');
}
