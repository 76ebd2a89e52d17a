import type { CallHistory, Histories } from '../../simulators/scenario/expectation.ts';

/** What SIP can know of a call at a line, whatever PBX sends it. */
export interface KnownCall {
  /** It rang at the line, and the line was in it: dialling, talking and holding look alike in some PBXs' dialog-info. */
  readonly phases: string;
  /** Absent: not told. */
  readonly direction?: string;
  readonly remote?: string;
}

/** The calls of each line as far as SIP can know them, the oldest first. */
export function knownBySip(told: Histories): Record<string, KnownCall[]> {
  return Object.fromEntries(Object.entries(told).map(([line, calls]) => [line, calls.map(known)]));
}

function known({ states, direction, remote }: CallHistory): KnownCall {
  const phases = states.flatMap(({ local }) => {
    if (local === 'alerting') return ['rings'];
    return local === 'null' ? [] : ['is in it'];
  });
  const number = remote?.withheld ? undefined : remote?.number;
  return {
    phases: phases.filter((phase, index) => phase !== phases[index - 1]).join(', '),
    ...(direction === undefined ? {} : { direction }),
    ...(number === undefined || number === null ? {} : { remote: number }),
  };
}

/** Where what is told by SIP is not what is so. What SIP does not tell is no difference. */
export function differencesOf(so: Record<string, KnownCall[]>, told: Record<string, KnownCall[]>): string[] {
  return Object.entries(so).flatMap(([line, calls]) => {
    const others = told[line] ?? [];
    if (others.length !== calls.length) return [`${line}: ${text(others)}, not ${text(calls)}`];
    return calls.flatMap((call, index) => compare(`${line}[${index}]`, call, others[index]!));
  });
}

function compare(name: string, so: KnownCall, told: KnownCall): string[] {
  const differences: string[] = [];
  for (const key of ['phases', 'direction', 'remote'] as const)
    if (told[key] !== undefined && so[key] !== undefined && told[key] !== so[key])
      differences.push(`${name}.${key}: ${told[key]}, not ${so[key]}`);
  return differences;
}

const text = (calls: readonly KnownCall[]): string =>
  calls.length === 0 ? 'no call' : calls.map(({ phases }) => `(${phases})`).join(' ');
