/**
 * `offhook/testing`: simulated switches for tests of programs that are connected to one, in any test runner.
 *
 * @module
 */

export type { CallRequest, PlacedCall } from '../../simulators/model/people.ts';
export type { Telephone } from '../../simulators/model/telephone.ts';
export type {
  ClientUnderTest,
  ClientView,
  CommandOutcome,
  LineNow,
  Told,
} from '../../simulators/play/client-under-test.ts';
export type { SimulatedSwitch } from '../../simulators/play/simulated-switch.ts';
export { StepFailure } from '../../simulators/play/step-failure.ts';
export type { TimelineEntry } from '../../simulators/play/timeline.ts';
export {
  type CompareOptions,
  compareHistories,
  type Difference,
  type WantedCall,
  type WantedState,
} from '../../simulators/scenario/compare.ts';
export { defineScenario, type ScenarioSource, type StepSource } from '../../simulators/scenario/define-scenario.ts';
export type { CallHistory, ExpectedCall, Histories } from '../../simulators/scenario/expectation.ts';
export type { Fault } from '../../simulators/scenario/fault.ts';
export { loadScenario, loadScenarios } from '../../simulators/scenario/load-scenarios.ts';
export { marksOf } from '../../simulators/scenario/marks.ts';
export { ScenarioError, type ScenarioProblem } from '../../simulators/scenario/problem.ts';
export { readScenario } from '../../simulators/scenario/read-scenario.ts';
export { type Marks, resolveExpectations } from '../../simulators/scenario/resolve-expectations.ts';
export type { Position, Scenario, Step } from '../../simulators/scenario/scenario.ts';
export { writeScenario } from '../../simulators/scenario/write-scenario.ts';
export { type AssertHistoriesOptions, assertHistories, assertPassed, ScenarioFailure } from './failure.ts';
export type { FaultHandle } from './fault-input.ts';
export { type Problem, type RunOptions, type RunResult, runScenario } from './run-scenario.ts';
export type { ScenarioInput } from './scenario-input.ts';
export { type SimulateOptions, simulate } from './simulate.ts';
export type { Simulation } from './simulation.ts';
export type { Reach } from './switches.ts';
export { timelineText } from './timeline-text.ts';
