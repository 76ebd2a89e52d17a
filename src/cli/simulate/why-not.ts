import type { Scenario, Step } from '../../../simulators/scenario/scenario.ts';

/** Why a scenario cannot be played on a kind of switch with a client; `undefined`: it can. */
export function whyNot({ only, steps }: Scenario, kind: string, client: 'engine' | 'none'): string | undefined {
  if (only !== undefined && !only.includes(kind)) return `only for ${only.join(', ')}`;
  if (client === 'engine') return undefined;
  const step = firstForEngine(steps);
  return step === undefined ? undefined : `only the engine can play '${step.text}'`;
}

/** The first step that asks something of the client that only our engine can be asked. */
function firstForEngine(steps: readonly Step[]): Step | undefined {
  for (const step of steps) {
    const found = step.kind === 'together' ? firstForEngine(step.steps) : step;
    if (found !== undefined && ['command', 'request', 'check'].includes(found.kind)) return found;
  }
  return undefined;
}
