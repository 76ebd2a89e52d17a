import type { CallHistory, Histories, HistoryState } from '../../simulators/scenario/expectation.ts';

/** What must be so in the histories of any play, and is not. */
export function historyViolations(histories: Histories): string[] {
  return [
    ...Object.entries(histories).flatMap(([line, calls]) =>
      calls.flatMap((call, index) => callViolations(call).map((text) => `${line}[${index}]: ${text}`)),
    ),
    ...pairViolations(histories),
  ];
}

function callViolations(call: CallHistory): string[] {
  const { states, end, talkStart, answered, missed, direction, cause, endedBy } = call;
  const found: string[] = [];
  const check = (holds: boolean, text: string): void => {
    if (!holds) found.push(`${text}: ${states.map(textOf).join(' ')}`);
  };
  const nulls = states.filter(({ local }) => local === 'null');
  check(states.length > 0, 'no state');
  check(nulls.length === (end === undefined ? 0 : 1), `${nulls.length} ends`);
  check(end === undefined || isEnd(states.at(-1)!, end), `the end is not that of ${end}`);
  check(
    states.every(({ local, remote }) => local !== 'null' || remote === 'null'),
    'ended at one side',
  );
  check(
    states.every(({ t }, index) => Number.isFinite(t) && t >= (states[index - 1]?.t ?? 0)),
    'time runs backwards',
  );
  check(
    states.every(
      (state, index) => index === 0 || state.remoteParty !== undefined || !isSame(state, states[index - 1]!),
    ),
    'the same state twice',
  );
  const talk = states.find(({ local, remote }) => local === 'connected' && remote === 'connected');
  check(talk?.t === talkStart && answered === (talk !== undefined), `talk since ${talkStart}, answered ${answered}`);
  check(!missed || (direction === 'in' && !answered), 'missed, but not a call that came and was not taken');
  check(
    states.length < 2 || states.slice(1).every(({ local }) => !isFirst(local) || states[0]!.local === local),
    'back',
  );
  check((cause === 'unknown') === (end === undefined), `cause ${cause}`);
  check(endedBy !== undefined, 'nobody ended it');
  return found;
}

/** What one line was told of another, the other was told as well. */
function pairViolations(histories: Histories): string[] {
  const found: string[] = [];
  const has = (line: string | undefined, holds: (call: CallHistory) => boolean): boolean =>
    line === undefined || !(line in histories) || histories[line]!.some(holds);
  for (const [line, calls] of Object.entries(histories)) {
    for (const { pickedUpBy, pickedUpFrom, transferredBy, cause, parkedAt, transferredTo, divertedTo } of calls) {
      if (!has(pickedUpBy?.number, (call) => call.pickedUpFrom?.number === line))
        found.push(`${line}: picked up by ${pickedUpBy?.number}, who does not know`);
      if (!has(pickedUpFrom?.number, (call) => call.pickedUpBy?.number === line))
        found.push(`${line}: picked up from ${pickedUpFrom?.number}, who does not know`);
      if (!has(transferredBy?.number, (call) => call.cause === 'transferred'))
        found.push(`${line}: transferred by ${transferredBy?.number}, who does not know`);
      if (cause === 'parked' && parkedAt === undefined) found.push(`${line}: ${cause}, and parked at ${parkedAt}`);
      if (transferredTo !== undefined && cause !== 'transferred') found.push(`${line}: transferred, and ${cause}`);
      if ((divertedTo !== undefined) !== (cause === 'forwarded' || cause === 'deflected'))
        found.push(`${line}: ${cause}, and diverted to ${divertedTo?.number}`);
    }
  }
  return found;
}

const isFirst = (local: string): boolean => local === 'initiated' || local === 'alerting';

const isEnd = ({ local, t }: HistoryState, end: number): boolean => local === 'null' && t === end;

const isSame = (one: HistoryState, other: HistoryState): boolean =>
  one.local === other.local && one.remote === other.remote;

const textOf = ({ local, remote, t }: HistoryState): string => `${local}:${remote ?? ''}@${t}`;
