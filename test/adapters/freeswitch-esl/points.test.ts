// What a real FreeSWITCH does that is easily taken for something else: points of the list of findings, each on a recording.
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readRecording } from '../../../src/adapters/freeswitch-esl/index.ts';
import { replay } from '../../../src/cli/replay/replay.ts';
import { type TruthCall, truthOf } from '../../../src/testing/truth.ts';

/** The calls of each extension, as told from a recording whose bytes may be changed on the way. */
async function told(
  scenario: string,
  change: (text: string) => string = (text) => text,
): Promise<Readonly<Record<string, readonly TruthCall[]>>> {
  const path = fileURLToPath(
    new URL(`../../fixtures/freeswitch/scenarios/${scenario}.json-all.jsonl.gz`, import.meta.url),
  );
  const pieces = [...readRecording(path)].map(({ timeMs, bytes }) => ({
    timeMs,
    bytes: Buffer.from(change(Buffer.from(bytes).toString('latin1')), 'latin1'),
  }));
  const { recorder, devices } = await replay(pieces, { pbx: 'freeswitch-esl' });
  return truthOf(recorder.records(), devices, { country: 'GB' });
}

/** The states of a call's two ends, in order. */
const course = (call: TruthCall | undefined): string[] =>
  (call?.states ?? []).map(({ local, remote }) => `${local}/${remote}`);

describe('what the switch does that is easily misread', () => {
  it('point 3: a colon, a comma or a quote in a name does not cut it', async () => {
    const { 1001: calls } = await told('inbound-special-name');
    expect(calls?.map(({ remote }) => remote?.name)).toEqual(["O'Brien, Smith & Sons; a=b <x>"]);
  });

  it('point 3: where the name breaks the second leg, no telephone rings, and none is told', async () => {
    expect(await told('inbound-quoted-name')).toEqual({});
  });

  it.each(['inbound-withheld', 'inbound-withheld-pai'])('point 4: %s: nothing of the number is told', async (name) => {
    const calls = await told(name);
    expect(calls['1001']?.[0]?.remote).toMatchObject({ number: null, name: null, withheld: true });
    expect(JSON.stringify(calls)).not.toMatch(/7700900|anonymous/);
  });

  it.each(['transfer-attended-refer', 'pickup-intercept'])(
    'point 5: %s: the numbers of events are not relied on',
    async (name) => {
      const unnumbered = (text: string) =>
        text.replace(/("Event-Sequence":")(\d+)/g, (_, key: string, number: string) => key + '1'.repeat(number.length));
      expect(await told(name, unnumbered)).toEqual(await told(name));
    },
  );

  it('point 13: a transferred leg that rings again is still in its call', async () => {
    const { 1002: calls } = await told('transfer-blind-refer');
    expect(calls).toHaveLength(1);
    expect(course(calls?.[0])).toEqual(['alerting/connected', 'connected/connected', 'null/null']);
    expect(calls?.[0]?.direction).toBe('in');
  });

  it('point 14: a telephone that dials is inbound to the switch, and calls out all the same', async () => {
    const { 1001: caller, 1002: called } = await told('internal-call');
    expect([caller?.[0]?.direction, called?.[0]?.direction]).toEqual(['out', 'in']);
  });

  it('point 14: the own leg of a click-to-dial is no incoming call', async () => {
    const { 1001: calls } = await told('originate-click-to-dial');
    expect(calls).toHaveLength(1);
    expect(calls?.[0]).toMatchObject({ direction: 'out', originated: true, dialled: '07700900456' });
    expect(course(calls?.[0]).filter((state) => state.startsWith('alerting'))).toEqual([]);
  });

  it.each(['transfer-attended-refer', 'pickup-intercept', 'queue-callcenter-answered'])(
    'point 15: %s: Channel-Call-UUID ties nothing together',
    async (name) => {
      const one = '00000000-0000-0000-0000-000000000000';
      const untied = (text: string) => text.replace(/("Channel-Call-UUID":")[0-9a-f-]{36}/g, `$1${one}`);
      expect(await told(name, untied)).toEqual(await told(name));
    },
  );

  it('point 16: an announcement that answers is not a person: the telephone rings first', async () => {
    const { 1001: calls } = await told('ivr-then-user');
    expect(course(calls?.[0])).toEqual(['alerting/connected', 'connected/connected', 'null/null']);
    expect(calls?.[0]?.talkStart).toBeGreaterThan(calls![0]!.states[0]!.t + 500);
  });

  it("point 17: an agent's leg belongs to the caller who waits", async () => {
    const { 1004: calls } = await told('queue-callcenter-answered');
    expect(calls?.[0]).toMatchObject({ direction: 'in', remote: { number: '+447700900123' }, answered: true });
    expect(calls?.[0]?.queue).toMatch(/^support/);
  });

  it('point 18: a pickup: the caller stays who it was, although the switch renames the leg', async () => {
    const { 1001: rang, 1002: took } = await told('pickup-intercept');
    expect(rang?.[0]).toMatchObject({ answered: false, missed: false, cause: 'picked-up' });
    expect(took?.[0]).toMatchObject({ remote: { number: '+447700900123' }, pickedUpFrom: { number: '1001' } });
  });

  it('point 19: the held leg that is resumed only to be transferred was not resumed', async () => {
    const { 1001: calls } = await told('transfer-attended-refer');
    expect(course(calls?.[0])).toEqual(['alerting/connected', 'connected/connected', 'hold/connected', 'null/null']);
    expect(calls?.[0]).toMatchObject({ cause: 'transferred', transferredTo: { number: '1002' } });
  });

  it('point 20: a Diversion header tells who forwarded; a rewritten destination is not what was dialled', async () => {
    const { 1001: diverted } = await told('inbound-diverted');
    expect(diverted?.[0]).toMatchObject({ divertedFrom: { number: '+442079460555', reason: 'noanswer' } });
    const { 1001: plain } = await told('inbound-answered');
    expect(plain?.[0]).toMatchObject({ dialled: '+442079460101' });
    expect(plain?.[0]).not.toHaveProperty('divertedFrom');
  });

  it.each([
    ['inbound-missed-cancel', { cause: 'cancelled', endedBy: 'remote', missed: true }],
    ['inbound-no-answer-timeout', { cause: 'noanswer', endedBy: 'pbx', missed: true }],
    ['inbound-busy', { cause: 'busy', endedBy: 'local' }],
    ['inbound-declined', { cause: 'rejected', endedBy: 'local' }],
    ['cti-reject', { cause: 'rejected', endedBy: 'client' }],
    ['hunt-group-second-answers', { cause: 'answered-elsewhere', missed: false }],
  ])('point 21: %s: why it ended, and who ended it', async (name, facts) => {
    const { 1001: calls } = await told(name);
    expect(calls?.[0]).toMatchObject({ answered: false, ...facts });
  });

  it('point 21: who is not registered has no leg, and no call', async () => {
    expect(await told('inbound-unregistered')).toEqual({});
  });

  it.each(['hold-uuid-hold', 'hold-resume-reinvite'])(
    'point 22: %s: held here, by phone or by command',
    async (name) => {
      expect(course((await told(name))['1001']?.[0])).toContain('hold/connected');
    },
  );

  it('point 22: the one who is held is told that the other holds', async () => {
    const { 1001: holds, 1002: held } = await told('hold-by-caller');
    expect(course(holds?.[0])).toContain('hold/connected');
    expect(course(held?.[0])).toContain('connected/hold');
  });
});
