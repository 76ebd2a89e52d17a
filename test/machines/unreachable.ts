/** Why a name that a coverage lists as missing cannot be covered, whatever is told. */
interface Unreachable {
  readonly machine: string;
  readonly name: string;
  readonly reason: string;
}

const LAST = 'the last of a list that names every state which a line can be in: when it is asked, it holds';
const ALONE = 'a line in this state is in no call, so that this event leads to one state only';

const line = (name: string, reason: string): Unreachable => ({ machine: 'line', name, reason });
const inCall = ['initiated', 'alerting', 'connected', 'hold', 'queued', 'fail'];

/** All of it. A test fails when one of these is covered after all, or when something else is not. */
export const UNREACHABLE: readonly Unreachable[] = [
  line('unknown -LINK_UP-> outOfService [isOutOfService] is false', LAST),
  line('outOfService -CONNECTION-> outOfService [isOutOfService] is false', LAST),
  line('idle -CONNECTION-> idle [isIdle] is false', LAST),
  ...inCall.map((state) => line(`${state} -CONNECTION-> outOfService [isOutOfService] is false`, LAST)),
  line('outOfService -IN_SERVICE-> idle [isIdle] is false', ALONE),
  line('idle -OUT_OF_SERVICE-> outOfService [isOutOfService] is false', ALONE),
];
