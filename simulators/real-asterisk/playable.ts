import type { Scenario, Step } from '../scenario/scenario.ts';

/** Who answers for the client under test. */
export interface ClientHooks {
  readonly onCommand?: unknown;
  readonly onCheck?: unknown;
}

/**
 * Why a real Asterisk with its fixed dialplan cannot play a scenario: faults, an office of its own, services that no
 * client is there for. `undefined`: it can.
 */
export function reasonNotToPlay(scenario: Scenario, hooks: ClientHooks = {}): string | undefined {
  const { only, office, habits, faults, steps } = scenario;
  if (only !== undefined && !only.includes('asterisk')) return `it is only for ${only.join(', ')}`;
  if (Object.keys(office).length > 0) return 'it describes an office, and a real switch has its own';
  if (habits.transfers === 'feature-code') return 'telephones of a real switch transfer by REFER';
  if (faults.length > 0) return 'it has faults';
  const kinds = kindsOf(steps);
  if (kinds.has('fault')) return 'it has faults';
  if (kinds.has('command') && hooks.onCommand === undefined) return 'nobody is there to carry out commands';
  if (kinds.has('check') && hooks.onCheck === undefined) return 'nobody is there to be asked about lines';
  return undefined;
}

function kindsOf(steps: readonly Step[]): Set<Step['kind']> {
  return new Set(
    steps.flatMap((step) => (step.kind === 'together' ? [step.kind, ...kindsOf(step.steps)] : [step.kind])),
  );
}
