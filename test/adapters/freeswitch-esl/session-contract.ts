import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EslSession, EslSessionEvent } from '../../../src/adapters/freeswitch-esl/session.ts';
import type { SimulatedClock } from '../../../src/domain/clock.ts';
import { OpenSession as Opened, until } from '../../support/open-session.ts';
import { ScriptedSocket } from './scripted-socket.ts';

/** One session to examine. */
export interface SessionUnderTest {
  readonly name: string;
  /** Unsubscribing says goodbye and closes; otherwise the connection is its program's and stays. */
  readonly ownsConnection: boolean;
  /** It connects again when the link is lost. */
  readonly reconnects: boolean;
  /** Makes a session with a switch at 127.0.0.1:port. Keep-alive after 1 s, dead after 3 s, commands 500 ms. */
  make(port: number, secret: string): EslSession;
  /** Closes what `make` made. */
  dispose(): void;
}

/** A session that is open, and everything it told. */
export class OpenSession extends Opened<EslSessionEvent, EslSession> {
  get types(): string[] {
    return this.events.map((told) => told.type).filter((type) => type !== 'event');
  }

  get names(): string[] {
    return this.events.flatMap((told) => (told.type === 'event' ? [told.event.name] : []));
  }

  async saw(name: string, times = 1): Promise<void> {
    await until(() => this.names.filter((one) => one === name).length >= times, `event ${name} x ${times}`);
  }
}

/** What every session with an event socket promises. */
export function sessionContract(subject: SessionUnderTest): void {
  describe(`an ESL session: ${subject.name}`, () => {
    let pbx: ScriptedSocket;
    let open: OpenSession;

    const start = (secret = 'right-secret'): OpenSession => {
      open = new OpenSession(subject.make(pbx.port, secret));
      return open;
    };
    const ready = async (): Promise<OpenSession> => {
      start();
      await open.reached('ready');
      return open;
    };
    const retry = (clock: SimulatedClock): void => clock.advance(500);

    beforeEach(async () => {
      pbx = new ScriptedSocket();
      await pbx.listen();
    });
    afterEach(async () => {
      open.close();
      expect(open.failed).toBeUndefined();
      expect(open.clock.pendingTimers).toBe(0);
      subject.dispose();
      await pbx.close();
    });

    test('tells connecting, authenticating and ready, in this order', async () => {
      await ready();
      expect(open.types).toEqual(['connecting', 'authenticating', 'ready']);
    });

    test('point 1: subscribes to what is used and no more; subclasses come last (point 10)', async () => {
      await ready();
      const line = pbx.named('event').at(-1)!.line;
      expect(line).toMatch(/^event (json|plain) CHANNEL_/);
      expect(line).toContain(' BACKGROUND_JOB HEARTBEAT SHUTDOWN CUSTOM ');
      expect(line).not.toMatch(/\b(ALL|CHANNEL_STATE|PRESENCE_IN|RECV_RTCP_MESSAGE|API|MESSAGE_QUERY)\b/i);
      expect(line.split(' CUSTOM ')[1]).toMatch(/^(\w+::\w+ ?)+$/);
    });

    test('gives events in order, with decoded values', async () => {
      await ready();
      pbx.say(
        pbx.event('CHANNEL_CREATE', { 'Unique-ID': 'a', 'Caller-Caller-ID-Name': 'Jos\u00e9 100%: "x"' }) +
          pbx.event('CHANNEL_ANSWER', { 'Unique-ID': 'a' }),
      );
      pbx.say(pbx.event('CHANNEL_HANGUP', { 'Unique-ID': 'a' }));
      await open.saw('CHANNEL_HANGUP');
      expect(open.names).toEqual(['CHANNEL_CREATE', 'CHANNEL_ANSWER', 'CHANNEL_HANGUP']);
      const first = open.events.find((told) => told.type === 'event');
      if (first?.type !== 'event') throw new Error('no event');
      expect(first.event.get('Caller-Caller-ID-Name')).toBe('Jos\u00e9 100%: "x"');
      expect(first.event.get('Nothing')).toBeUndefined();
      expect(first.time).toBe(open.clock.now());
    });

    test('point 9: runs commands in the background with job ids of its own, in any order of results', async () => {
      await ready();
      pbx.on('echo', () => undefined);
      const answers = Promise.all(['one', 'two', 'three'].map((word) => open.session.api('echo', word)));
      await until(() => pbx.named('echo').length === 3);
      for (const { line, job } of pbx.named('echo').reverse()) {
        expect(job).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-/);
        pbx.say(pbx.event('BACKGROUND_JOB', { 'Job-UUID': job }, line.split(' ')[2]));
      }
      expect((await answers).map(({ ok, text }) => [ok, text])).toEqual([
        [true, 'one'],
        [true, 'two'],
        [true, 'three'],
      ]);
      expect(open.names).toEqual([]);
    });

    test('an answer names the server process; an error of the switch is an answer', async () => {
      await ready();
      pbx.on('uuid_kill', () => '-ERR No such channel!\n');
      const answer = await open.session.api('uuid_kill', 'x');
      expect(answer).toEqual({ ok: false, text: '-ERR No such channel!\n', coreUuid: 'core-1' });
    });

    test('results of other clients\u2019 jobs go nowhere', async () => {
      await ready();
      pbx.say(pbx.event('BACKGROUND_JOB', { 'Job-UUID': 'other' }, '+OK') + pbx.event('CHANNEL_ANSWER'));
      await open.saw('CHANNEL_ANSWER');
      expect(open.names).toEqual(['CHANNEL_ANSWER']);
    });

    test('onAnswer is called before any event that came after the answer, in one packet too', async () => {
      await ready();
      const seen: string[] = [];
      pbx.on('echo', () => undefined);
      const sent = open.session.api('echo', 'x', { onAnswer: ({ text }) => void seen.push(...open.names, text) });
      await until(() => pbx.named('echo').length === 1);
      const { job } = pbx.named('echo')[0]!;
      pbx.say(
        pbx.event('CHANNEL_CREATE') +
          pbx.event('BACKGROUND_JOB', { 'Job-UUID': job }, 'text') +
          pbx.event('CHANNEL_ANSWER'),
      );
      await open.saw('CHANNEL_ANSWER');
      await sent;
      expect(seen).toEqual(['CHANNEL_CREATE', 'text']);
    });

    test('what onAnswer throws is a rejection, and the link goes on', async () => {
      await ready();
      const onAnswer = (): never => {
        throw new Error('mine');
      };
      await expect(open.session.api('status', '', { onAnswer })).rejects.toThrow('mine');
      expect((await open.session.api('status')).ok).toBe(true);
    });

    test.each([
      ['echo', 'x\nbgapi fsctl shutdown'],
      ['echo', 'x\r\n\r\nexit'],
      ['echo', 'x\0'],
      ['echo\n\nexit', ''],
      ['', 'x'],
      ['two words', ''],
    ])('refuses CR, LF and NUL, and names that are none: %j %j', async (command, args) => {
      await ready();
      const before = pbx.commands.length;
      await expect(open.session.api(command, args)).rejects.toMatchObject({ code: 'command.invalid-argument' });
      await open.session.api('status');
      expect(pbx.commands.slice(before).map(({ line }) => line)).toEqual(['bgapi status']);
    });

    test('a command without result times out, and its late result is nobody\u2019s', async () => {
      await ready();
      pbx.on('echo', () => undefined);
      const outcome = expect(open.session.api('echo', 'x')).rejects.toMatchObject({
        code: 'link.timeout',
        retryable: true,
      });
      await until(() => pbx.named('echo').length === 1);
      open.clock.advance(500);
      await outcome;
      const { job } = pbx.named('echo')[0]!;
      pbx.say(pbx.event('BACKGROUND_JOB', { 'Job-UUID': job }, 'late') + pbx.event('CHANNEL_ANSWER'));
      await open.saw('CHANNEL_ANSWER');
      expect(open.names).toEqual(['CHANNEL_ANSWER']);
      expect((await open.session.api('status')).ok).toBe(true);
    });

    test('refuses a command before the link is up', async () => {
      start();
      await expect(open.session.api('status')).rejects.toMatchObject({ code: 'command.link-down' });
    });

    test('tells a lost link and rejects what waits', async () => {
      await ready();
      pbx.on('echo', () => undefined);
      const sent = expect(open.session.api('echo')).rejects.toMatchObject({ code: 'link.lost' });
      await until(() => pbx.named('echo').length === 1);
      pbx.drop();
      await sent;
      await open.reached('waiting');
      expect(open.last('waiting')?.code).toBe('link.lost');
      expect(open.last('waiting')?.retryInMs).toBeGreaterThan(0);
      await expect(open.session.api('status')).rejects.toMatchObject({ code: 'command.link-down' });
    });

    test.runIf(subject.reconnects)(
      'comes back, and the rest of a message that was cut off becomes no event',
      async () => {
        await ready();
        const half = pbx.event('CHANNEL_HANGUP', { 'Unique-ID': 'half' });
        pbx.say(pbx.event('CHANNEL_ANSWER') + half.slice(0, -20));
        await open.saw('CHANNEL_ANSWER');
        pbx.drop();
        await open.reached('waiting');
        retry(open.clock);
        await open.reached('ready', 2);
        expect(open.types.slice(3)).toEqual(['waiting', 'connecting', 'authenticating', 'ready']);
        expect((await open.session.api('status')).ok).toBe(true);
        expect(open.names).toEqual(['CHANNEL_ANSWER']);
      },
    );

    test('point 11: a wrong password is a refusal, and the password is nowhere', async () => {
      start('wrong-secret');
      await open.reached('refused');
      expect(open.last('refused')).toMatchObject({ code: 'link.auth-refused' });
      expect(open.last('refused')?.retryInMs).toBeGreaterThan(1_000);
      expect(JSON.stringify(open.events) + open.log.join()).not.toContain('wrong-secret');
    });

    test('a silent link is probed, then told as lost', async () => {
      await ready();
      open.clock.advance(1_000);
      await until(() => pbx.named('uptime').length === 1, 'a probe');
      pbx.behaviour.deaf = true;
      open.clock.advance(4_000);
      await open.reached('waiting');
      expect(open.last('waiting')?.code).toBe('link.timeout');
    });

    test('point 11: a goodbye is told with its reason', async () => {
      await ready();
      pbx.say('Content-Type: text/disconnect-notice\nContent-Length: 31\n\nThe system is being shut down.\n');
      await open.reached('waiting');
      expect(open.last('waiting')).toMatchObject({ code: 'link.lost' });
      expect(open.last('waiting')?.reason).toContain('shut down');
    });

    test('hostile names of events and headers do no harm', async () => {
      await ready();
      for (const name of ['error', 'esl::end', 'auth::fail', '__proto__', 'toString', 'x'.repeat(5_000)]) {
        pbx.say(pbx.event(name, { constructor: 'x', hasOwnProperty: 'y' }));
      }
      pbx.say(pbx.event('CHANNEL_ANSWER', { 'Unique-ID': 'ok' }));
      await open.saw('CHANNEL_ANSWER');
      expect(open.types).toEqual(['connecting', 'authenticating', 'ready']);
      expect((await open.session.api('status')).ok).toBe(true);
    });

    test('point 2: a name that is no UTF-8 does no harm', async () => {
      await ready();
      const text = Buffer.from('{"Event-Name":"CHANNEL_CREATE","Caller-Caller-ID-Name":"Jos\u00e9 %E9"}', 'latin1');
      const head = `Content-Length: ${text.length}\nContent-Type: text/event-json\n\n`;
      pbx.say(Buffer.concat([Buffer.from(head), text]));
      pbx.say(pbx.event('CHANNEL_ANSWER'));
      await open.saw('CHANNEL_ANSWER');
      expect(open.names).toEqual(['CHANNEL_CREATE', 'CHANNEL_ANSWER']);
    });

    test('unsubscribing leaves no timer, and closes only what the session opened', async () => {
      await ready();
      pbx.on('echo', () => undefined);
      const sent = expect(open.session.api('echo')).rejects.toMatchObject({ code: 'link.lost' });
      await until(() => pbx.named('echo').length === 1);
      open.close();
      await sent;
      expect(open.clock.pendingTimers).toBe(0);
      if (subject.ownsConnection) {
        await until(() => pbx.sockets.size === 0, 'the socket to close');
        expect(pbx.named('exit').length).toBeGreaterThanOrEqual(1);
        return;
      }
      const told = open.events.length;
      pbx.say(pbx.event('CHANNEL_ANSWER'));
      await new Promise((resolve) => setImmediate(resolve));
      expect(pbx.sockets.size).toBe(1);
      expect(pbx.named('exit')).toHaveLength(0);
      expect(open.events).toHaveLength(told);
    });

    test('can be opened again after it was closed, not twice at once', async () => {
      await ready();
      const second = new OpenSession(open.session);
      expect(second.failed).toMatchObject({ code: 'internal' });
      open.close();
      open = new OpenSession(open.session);
      await open.reached('ready');
      expect((await open.session.api('status')).ok).toBe(true);
    });
  });
}
