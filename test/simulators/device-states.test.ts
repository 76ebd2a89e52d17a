import { describe, expect, it } from 'vitest';
import { headerOf, type Message } from './ami-text.ts';
import { recordedMessages, recordedScenario } from './recordings.ts';
import { SCENARIOS } from './scenarios.ts';
import { playScenario } from './stage.ts';

/** Scenarios whose states the real thing told one by one; in others it leaves out those that pass quickly. */
const NAMES = [
  'inbound-answered',
  'inbound-missed',
  'inbound-busy',
  'inbound-declined',
  'internal-answered',
  'outbound-answered',
  'hold-resume',
  'hunt-second-answers',
  'queue-answered',
  'queue-abandoned',
  'transfer-blind',
  'transfer-attended',
  'pickup-group',
  'originate-answered',
  'originate-noanswer',
];

/** The states of devices, extensions and members of queues, each in order. */
function states(messages: readonly Message[]): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const message of messages) {
    const value = headerOf(message, 'State') ?? headerOf(message, 'StatusText') ?? headerOf(message, 'Status') ?? '';
    const who =
      headerOf(message, 'Device') ??
      headerOf(message, 'Exten') ??
      `${headerOf(message, 'Queue')} ${headerOf(message, 'Interface')}`;
    if (
      !/^(DeviceStateChange|ExtensionStatus|QueueMemberStatus)$/.test(message.name) ||
      /^(6600|confbridge|Queue:\w+_)/.test(who)
    )
      continue;
    const key = `${message.name} ${who}`;
    found[key] = [...(found[key] ?? []), value];
  }
  return found;
}

describe.each(['22', '16'] as const)('Asterisk %s', (version) => {
  it.each(NAMES)('tells the states of devices in %s as the real thing does', async (name) => {
    const played = await playScenario(recordedScenario(version, name), version, SCENARIOS[name]);
    expect(states(played)).toEqual(states(recordedMessages(version, name)));
  });
});
