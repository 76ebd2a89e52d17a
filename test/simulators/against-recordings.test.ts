import { describe, expect, it } from 'vitest';
import { bySubject, canonical } from './canon.ts';
import { headerDifferences, orders } from './compare.ts';
import { recordedMessages, recordedScenario } from './recordings.ts';
import { SCENARIOS } from './scenarios.ts';
import { playScenario } from './stage.ts';

describe.each(['22', '16'] as const)('against Asterisk %s', (version) => {
  it.each(Object.keys(SCENARIOS))('tells %s in the order and with the headers of the real thing', async (name) => {
    const except = SCENARIOS[name]?.except?.[version] ?? [];
    const real = bySubject(canonical(recordedMessages(version, name), except));
    const played = bySubject(
      canonical(await playScenario(recordedScenario(version, name), version, SCENARIOS[name]), except),
    );
    expect(orders(played)).toEqual(orders(real));
    expect(headerDifferences(real, played)).toEqual([]);
  });
});
