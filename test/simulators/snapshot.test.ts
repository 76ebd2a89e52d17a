import { describe, expect, it } from 'vitest';
import { createAsteriskSimulator } from '../../simulators/index.ts';
import { SimulatedClock } from '../../src/domain/clock.ts';
import { headerOf, type Message } from './ami-text.ts';
import { TestClient } from './client.ts';
import { recordedMessages } from './recordings.ts';

/** Lists of the recording by their ActionID. */
const QUERIES = [
  'CoreSettings',
  'CoreStatus',
  'CoreShowChannels',
  'Status',
  'BridgeList',
  'PJSIPShowEndpoints',
  'PJSIPShowEndpoint',
  'PJSIPShowContacts',
  'ExtensionStateList',
  'ExtensionState',
  'DeviceStateList',
  'QueueStatus',
  'QueueSummary',
  'ParkedCalls',
  'Parkinglots',
] as const;

/** The same calls as in the recording `ami-late-join`, before the client comes. */
async function lateJoin(version: '16' | '22'): Promise<Map<string, Message[]>> {
  const clock = new SimulatedClock(1_795_368_848_000);
  await using pbx = await createAsteriskSimulator({
    clock,
    version,
    channelVariables: ['FROM_DID', 'CALLTAG'],
    phoneVariables: (number) => ({ CALLTAG: `ext-${number}` }),
    trunkVariables: { CALLTAG: 'trunk' },
  });
  for (const number of ['1005', '1006', '1007', '1008', '1009', '1010']) pbx.phone(number).register(false);
  pbx.call({ from: '+442079460991', name: 'Carol Customer', to: '+442079460101' });
  clock.advance(300);
  pbx.phone('1001').answer();
  clock.advance(600);
  pbx.phone('1001').hold();
  pbx.phone('1002').dial('1003');
  clock.advance(10);
  pbx.call({ from: '+12025550143', name: 'DAVE DEALER INC', to: '+442079460104' });
  clock.advance(600);
  await using client = await TestClient.open(pbx.port);
  await client.login();
  const answers = new Map<string, Message[]>();
  for (const action of QUERIES) {
    const response = await client.action({ Action: action, Endpoint: '1001', Exten: '1001', Context: 'hints' });
    await client.settle();
    answers.set(action, answersTo(client.messages, headerOf(response, 'ActionID')!));
  }
  return answers;
}

const answersTo = (messages: readonly Message[], id: string): Message[] =>
  messages.filter((message) => headerOf(message, 'ActionID') === id);
const shape = ({ headers }: Message): string => headers.map(([name]) => name).join(' ');

/** What items of a list are about, with what they say that does not differ from run to run. */
function facts(message: Message): string {
  const wanted = [
    'Event',
    'Response',
    'Message',
    'EventList',
    'CallerIDNum',
    'ConnectedLineNum',
    'ChannelStateDesc',
    'Context',
    'Exten',
    'Priority',
    'Application',
  ];
  const more = [
    'ApplicationData',
    'Data',
    'Type',
    'DNID',
    'BridgeType',
    'BridgeNumChannels',
    'ObjectName',
    'DeviceState',
    'ActiveChannels',
    'Hint',
    'Status',
    'StatusText',
  ];
  const queues = [
    'Queue',
    'Strategy',
    'Calls',
    'Name',
    'Location',
    'StateInterface',
    'Membership',
    'Paused',
    'LoggedIn',
    'Available',
    'Callers',
    'StartSpace',
    'StopSpace',
  ];
  const keys = new Set([...wanted, ...more, ...queues]);
  return message.headers
    .filter(([name]) => keys.has(name))
    .map(([name, value]) => `${name}: ${value.replace(/;@.*/, '')}`)
    .join(', ');
}

/** Told by the simulator in less detail, or of things that it has not. */
const SHORTER = new Set(['EndpointDetail', 'ContactList']);
/** Includes the parking bridge, which is made when it is first used. */
const ABSENT = /confbridge|parking|AuthDetail|AorDetail|ContactStatusDetail|Device: Queue/;

describe.each(['22', '16'] as const)('a client that joins late asks Asterisk %s', async (version) => {
  const recorded = recordedMessages(version, 'ami-late-join');
  const played = await lateJoin(version);

  it.each(QUERIES.map((action, index) => [action, `t${index + 2}`] as const))('%s', (action, id) => {
    const real = answersTo(recorded, id).filter((message) => !ABSENT.test(JSON.stringify(message.headers.slice(0, 5))));
    const own = played.get(action)!.filter((message) => !ABSENT.test(JSON.stringify(message.headers.slice(0, 5))));
    const shapes = (messages: readonly Message[]): string[] => [
      ...new Set(messages.filter(({ name }) => !SHORTER.has(name)).map(shape)),
    ];
    expect(shapes(own)).toEqual(shapes(real));
    if (action === 'PJSIPShowEndpoint' || action === 'DeviceStateList' || action === 'CoreStatus') return;
    expect(own.map(facts).sort()).toEqual(real.map(facts).sort());
  });
});
