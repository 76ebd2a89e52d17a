import type { Position } from '../scenario/scenario.ts';

/** A step did not go as the scenario says. */
export class StepFailure extends Error {
  override readonly name = 'StepFailure';
  readonly position: Position | undefined;

  constructor(message: string, position?: Position) {
    super(message);
    this.position = position;
  }
}
