import type { ExtensionConfig, OfficeConfig } from '../model/office.ts';
import type { Scenario } from '../scenario/scenario.ts';

const seconds = (ms: number): number => ms / 1000;

/** The office of a scenario, as the model PBX is configured. */
export function officeConfigOf({ office, ringsFor, habits }: Scenario): OfficeConfig {
  const { lines, groups, queues, conferences, parking, trunkPrefix } = office;
  return {
    ...(lines === undefined ? {} : { extensions: Object.entries(lines).map(extensionOf) }),
    ...(groups === undefined
      ? {}
      : {
          groups: Object.entries(groups).map(([did, { ringsFor: ms, ...group }]) => ({
            did,
            ...group,
            ...(ms === undefined ? {} : { ringSeconds: seconds(ms) }),
          })),
        }),
    ...(queues === undefined
      ? {}
      : {
          queues: Object.entries(queues).map(([name, { ringsFor: ring, waitsFor, wrapUp, ...queue }]) => ({
            name,
            ...queue,
            ...(ring === undefined ? {} : { ringSeconds: seconds(ring) }),
            ...(waitsFor === undefined ? {} : { maxWaitSeconds: seconds(waitsFor) }),
            ...(wrapUp === undefined ? {} : { wrapUpSeconds: seconds(wrapUp) }),
          })),
        }),
    ...(conferences === undefined ? {} : { conferences }),
    ...(parking === undefined ? {} : { parking: parkingOf(parking) }),
    ...(trunkPrefix === undefined ? {} : { trunkPrefix }),
    ...(ringsFor === undefined ? {} : { ringSeconds: seconds(ringsFor) }),
    ...(habits.loopsMove === undefined ? {} : { loopsMove: habits.loopsMove }),
    ...(habits.transfers === undefined ? {} : { transfers: habits.transfers }),
  };
}

function extensionOf([number, { answersAfter, ...line }]: [
  string,
  NonNullable<Scenario['office']['lines']>[string],
]): ExtensionConfig {
  return { number, ...line, ...(answersAfter === undefined ? {} : { autoAnswerMs: answersAfter }) };
}

function parkingOf({
  number,
  returnsAfter,
  ...places
}: NonNullable<Scenario['office']['parking']>): NonNullable<OfficeConfig['parking']> {
  return {
    ...places,
    ...(number === undefined ? {} : { exten: number }),
    ...(returnsAfter === undefined ? {} : { timeoutSeconds: seconds(returnsAfter) }),
  };
}
