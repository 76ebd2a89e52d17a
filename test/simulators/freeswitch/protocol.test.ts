import { describe, expect, it } from 'vitest';
import { createFreeswitchSimulator, type FreeswitchSimulator } from '../../../simulators/freeswitch-esl/index.ts';
import { SimulatedClock } from '../../../src/domain/clock.ts';
import { SocketClient } from './client.ts';
import { recordedTalk } from './recorded.ts';

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** What differs from run to run is made the same: ids, times, counters, and the lengths of texts that have them. */
function settled(text: string): string {
  return text
    .replace(UUID, 'UUID')
    .replace(/Event-Date-[^\n]*\n/g, '')
    .replace(/"Event-Date-[^"]*":"[^"]*",/g, '')
    .replace(/ *<Event-Date-[^\n]*\n/g, '')
    .replace(/(Event-Sequence"?[:>] ?"?)\d+/g, '$1N')
    .replace(/^UP [^\n]*|^\d+ session\(s\)[^\n]*|^min idle[^\n]*|^10000 session[^\n]*/gm, 'FIGURE')
    .replace(/Content-Length: \d{3,4}\n/g, 'Content-Length: L\n');
}

/** Plays what a recorded client sent, at its times, and gives what it got. */
async function talk(
  name: string,
  end: 'closes' | 'stays' = 'stays',
): Promise<{ got: string; recorded: string; closed: boolean }> {
  const clock = new SimulatedClock(1_795_368_848_000);
  await using pbx = await createFreeswitchSimulator({ clock });
  await using client = await SocketClient.open(pbx.port);
  const lines = recordedTalk(name);
  for (const { ms, way, text } of lines) {
    const due = 1_795_368_848_000 + ms;
    await client.rest();
    if (due > clock.now()) clock.advance(due - clock.now());
    if (way === '>' && text !== null) client.write(text);
    await client.rest();
  }
  clock.advance(3_000);
  await client.rest();
  if (end === 'closes') await client.until(() => client.closed);
  const recorded = lines
    .filter(({ way, text }) => way === '<' && text !== null)
    .map(({ text }) => text)
    .join('');
  return { got: settled(client.text), recorded: settled(recorded), closed: client.closed };
}

describe('the event socket talks as the real one did', () => {
  it.each(['proto-auth-failure', 'proto-auth-timeout', 'proto-commands-misc'])(
    '%s, to the end of the connection',
    async (name) => {
      const { got, recorded, closed } = await talk(name, 'closes');
      expect(got).toBe(recorded);
      expect(closed).toBe(true);
    },
  );

  it.each(['proto-auth-then-bad-again', 'proto-crlf-and-pipelining', 'proto-xml-event'])('%s', async (name) => {
    const { got, recorded } = await talk(name);
    expect(got).toBe(recorded);
  });

  it('refuses a user that it does not know (proto-userauth)', async () => {
    const { got, recorded, closed } = await talk('proto-userauth', 'closes');
    expect(got).toBe(recorded);
    expect(closed).toBe(true);
  });

  it('replies in another form when its own end is asked for, and says goodbye (proto-reload-event-socket)', async () => {
    const { got, recorded, closed } = await talk('proto-reload-event-socket', 'closes');
    expect(got).toBe(recorded);
    expect(closed).toBe(true);
  });
});

async function start(): Promise<{ clock: SimulatedClock; pbx: FreeswitchSimulator }> {
  const clock = new SimulatedClock(1_795_368_848_000);
  return { clock, pbx: await createFreeswitchSimulator({ clock, users: { 'cti@pbx.test': 'pw' } }) };
}

const EVENT = 'sendevent CUSTOM\nEvent-Subclass: lab::x\nn: 1\n\n';

describe('the thread of a client', () => {
  it('tells no event while an api command runs, and tells all of them then', async () => {
    const { clock, pbx } = await start();
    await using _ = pbx;
    await using client = await SocketClient.open(pbx.port);
    await using other = await SocketClient.open(pbx.port);
    await client.signIn();
    await other.signIn();
    client.write('event plain CUSTOM lab::x\n\n');
    await client.receive('enabled plain\n\n');
    client.write('api msleep 2000\n\n');
    await client.rest();
    other.write(EVENT);
    await other.receive('+OK ');
    await client.rest();
    expect(client.text).toBe('');
    clock.advance(2000);
    expect(await client.receive('n: 1\n')).toMatch(
      /^Content-Type: api\/response\nContent-Length: 3\n\n\+OKContent-Length: \d+\nContent-Type: text\/event-plain\n/,
    );
  });

  it('tells no event while half a command is there', async () => {
    const { pbx } = await start();
    await using _ = pbx;
    await using client = await SocketClient.open(pbx.port);
    await using other = await SocketClient.open(pbx.port);
    await client.signIn();
    await other.signIn();
    client.write('event plain CUSTOM lab::x\n\n');
    await client.receive('enabled plain\n\n');
    client.write('api ver');
    await client.rest();
    other.write(EVENT);
    await other.receive('+OK ');
    await client.rest();
    expect(client.text).toBe('');
    client.write('sion\n\n');
    expect(await client.receive('n: 1\n')).toContain('FreeSWITCH Version');
  });
});

describe('endings', () => {
  it('signs a user in', async () => {
    const { pbx } = await start();
    await using _ = pbx;
    await using client = await SocketClient.open(pbx.port);
    client.write('userauth cti@pbx.test:pw\n\n');
    await client.receive('+OK accepted');
    expect(pbx.loggedIn).toEqual(['cti@pbx.test']);
  });

  it('refuses addresses that it does not admit, rudely', async () => {
    await using pbx = await createFreeswitchSimulator({ admits: () => false });
    await using client = await SocketClient.open(pbx.port);
    await client.until(() => client.closed);
    expect(client.text).toBe(
      'Content-Type: text/rude-rejection\nContent-Length: 24\n\nAccess Denied, go away.\n' +
        'Content-Type: text/disconnect-notice\nContent-Length: 67\n\n' +
        'Disconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n',
    );
  });

  it('a client that listens to one session is sent away when that is over, or after it lingered', async () => {
    const { clock, pbx } = await start();
    await using _ = pbx;
    await using client = await SocketClient.open(pbx.port);
    await client.signIn();
    client.write(
      'api originate {origination_uuid=21111111-2222-4333-8444-555555555555}loopback/6710/default &park()\n\n',
    );
    await client.rest();
    clock.advance(1_000);
    await client.receive('+OK 21111111-2222-4333-8444-555555555555\n');
    client.write('myevents 21111111-2222-4333-8444-555555555555\n\n');
    await client.receive('+OK Events Enabled\n\n');
    client.write('linger 2\n\n');
    await client.receive('+OK will linger 2 seconds\n\n');
    client.write('api uuid_kill 21111111-2222-4333-8444-555555555555\n\n');
    await client.receive('CHANNEL_DESTROY');
    expect(client.closed).toBe(false);
    clock.advance(2_000);
    await client.until(() => client.closed);
    expect(client.text).toContain(
      'Content-Type: text/disconnect-notice\nControlled-Session-UUID: 21111111-2222-4333-8444-555555555555\n' +
        'Content-Disposition: disconnect\nContent-Length: 67\n\nDisconnected, goodbye.\n',
    );
  });

  it('a switch that is shut down ends its calls with a word and says so (proto-shutdown)', async () => {
    const { clock, pbx } = await start();
    await using _ = pbx;
    await using client = await SocketClient.open(pbx.port);
    await client.signIn();
    client.write('event plain ALL\n\n');
    await client.receive('enabled plain\n\n');
    pbx.call({ from: '+447700900123', to: '+442079460101' });
    clock.advance(100);
    client.write('bgapi fsctl shutdown\n\n');
    await client.receive('BACKGROUND_JOB');
    clock.advance(10);
    await client.until(() => client.closed);
    const order = [
      'Event-Name: SHUTDOWN',
      'CHANNEL_HANGUP\n',
      'CHANNEL_DESTROY',
      'MODULE_UNLOAD',
      'The system is being shut down.',
    ];
    const places = order.map((part) => client.text.indexOf(part));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places[0]).toBeGreaterThan(0);
    expect(client.text).toContain('Hangup-Cause: SYSTEM_SHUTDOWN');
    await client.until(() => pbx.connections === 0);
  });

  it('a crash is the end of the connection without a word (proto-crash)', async () => {
    const { pbx } = await start();
    await using _ = pbx;
    await using client = await SocketClient.open(pbx.port);
    await client.signIn();
    await pbx.restart();
    await client.until(() => client.closed);
    expect(client.text).toBe('');
  });
});

describe('filters', () => {
  it('let only events with one of the values pass (proto-filter-events)', async () => {
    const { clock, pbx } = await start();
    await using _ = pbx;
    await using client = await SocketClient.open(pbx.port);
    await client.signIn();
    client.write('event plain ALL\n\nfilter Call-Direction outbound\n\nfilter Event-Name HEARTBEAT\n\n');
    await client.receive('[Event-Name]=[HEARTBEAT]\n\n');
    pbx.call({ from: '+447700900123', to: '+442079460101' });
    clock.advance(20_000);
    await client.receive('Event-Name: HEARTBEAT');
    const told = client.text;
    client.write('filter delete all\n\n');
    await client.receive('filter deleted');
    expect(told).not.toContain('Call-Direction: inbound');
  });
});
