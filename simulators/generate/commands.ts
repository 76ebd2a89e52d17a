import type { CommandStep } from '../scenario/scenario.ts';
import type { Sentence } from '../scenario/sentences.ts';
import type { Weighted } from './choices.ts';
import { LINES } from './frame.ts';
import type { Move, Situation } from './moves.ts';
import { drawGoal, drawPartner } from './numbers.ts';
import { isHeld, isInCall, isOffered, isTalking, type Stage } from './stage.ts';

/** A service that a client may be asked for. */
export type Service = CommandStep['service'];

/** Asks for a service. */
function ask(service: Service, line: string, number?: string): Sentence {
  return { kind: 'command', service, line, ...(number === undefined ? {} : { number }) };
}

/** What users could ask their client for now: it is possible, and the client shows the call that they point at. */
export function commandMoves(services: readonly Service[], situation: Situation): Weighted<Move>[] {
  const { stage, choices } = situation;
  return LINES.filter((line) => stage.isRegistered(line)).flatMap((line) => {
    const states = agreed(stage, line);
    const goal = (isAnswered: boolean): string => drawGoal(line, stage, choices, isAnswered);
    const possible: Partial<Record<Service, readonly [is: boolean, move: Move]>> = {
      makeCall: [states === 'idle', () => [ask('makeCall', line, drawPartner(line, stage, choices))]],
      clearConnection: [states === 'talking', () => [ask('clearConnection', line)]],
      singleStepTransferCall: [states === 'talking', () => [ask('singleStepTransferCall', line, goal(true))]],
      parkCall: [states === 'talking' && stage.has('parking'), () => [ask('parkCall', line)]],
      deflectCall: [states === 'ringing' && stage.has('deflection'), () => [ask('deflectCall', line, goal(false))]],
      generateDigits: [states === 'talking', () => [ask('generateDigits', line, choices.of(['1', '42']))]],
      transferCall: [states === 'consulting', () => [ask('transferCall', line)]],
    };
    return services.flatMap((service): Weighted<Move>[] => {
      const [is = false, move = () => []] = possible[service] ?? [];
      return is ? [[0.25, move]] : [];
    });
  });
}

type Situated = 'idle' | 'talking' | 'ringing' | 'consulting';

/** What a line is doing, if the client says so too. */
function agreed(stage: Stage, line: string): Situated | undefined {
  const legs = stage.callsOf(line).map(({ leg }) => leg);
  const told = stage.told(line)?.toSorted().join(' ');
  if (legs.length === 0) return told === '' ? 'idle' : undefined;
  if (legs.length === 1 && isTalking(legs[0]!) && told === 'connected') return 'talking';
  const isDirect = legs[0]?.dialledBy !== undefined && legs[0].dialledBy.line.kind !== 'local';
  if (legs.length === 1 && isDirect && isOffered(legs[0]!) && told === 'alerting') return 'ringing';
  const both = legs.length === 2 && legs.every(isInCall) && legs.some(isHeld) && legs.some(isTalking);
  return both && told === 'connected hold' ? 'consulting' : undefined;
}
