import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AmiSession, AmiSessionEvent } from '../../../src/adapters/asterisk-ami/session.ts';
import type { SimulatedClock } from '../../../src/domain/clock.ts';
import { OpenSession as Opened, until } from '../../support/open-session.ts';
import { event, header, response, ScriptedManager } from './scripted-manager.ts';

/** How sessions may differ, and what the suite expects then. */
export interface SessionCapabilities {
  /** `ready` has the version of the greeting; otherwise `''`. */
  readonly tellsVersion: boolean;
  /** Unsubscribing logs off and closes; otherwise the connection is its program's and stays. */
  readonly ownsConnection: boolean;
  /** Fields are sent in the order given; otherwise sorted. */
  readonly keepsFieldOrder: boolean;
  /** The text of a message is what the switch wrote; otherwise put together again from its headers. */
  readonly keepsText: boolean;
}

/** One session to examine. */
export interface SessionUnderTest {
  readonly name: string;
  readonly capabilities: SessionCapabilities;
  /** Makes a session with a manager at 127.0.0.1:port; user `cti`. Keep-alive after 1 s, dead after 3 s, actions 500 ms. */
  make(port: number, secret: string): AmiSession;
  /** Lets the time pass that it takes to try again. */
  retry(clock: SimulatedClock): void;
  /** Closes what `make` made. */
  dispose(): void;
}

/** A session that is open, and everything it told. */
export class OpenSession extends Opened<AmiSessionEvent, AmiSession> {
  get types(): string[] {
    return this.events.map((told) => told.type).filter((type) => type !== 'message');
  }

  /** Names of the events on the stream; of one kind of message only, because a client's own answers show too. */
  get names(): string[] {
    return this.events.flatMap((told) =>
      told.type === 'message' && told.message.kind === 'event' ? [told.message.name] : [],
    );
  }

  async saw(name: string, times = 1): Promise<void> {
    await until(() => this.names.filter((one) => one === name).length >= times, `event ${name} x ${times}`);
  }
}

/** What every session with an Asterisk manager promises. */
export function sessionContract(subject: SessionUnderTest): void {
  describe(`an AMI session: ${subject.name}`, () => {
    const can = subject.capabilities;
    let manager: ScriptedManager;
    let open: OpenSession;

    const start = (secret = 'right-secret'): OpenSession => {
      open = new OpenSession(subject.make(manager.port, secret));
      return open;
    };
    const ready = async (): Promise<OpenSession> => {
      start();
      await open.reached('ready');
      return open;
    };

    beforeEach(async () => {
      manager = new ScriptedManager();
      await manager.listen();
    });
    afterEach(async () => {
      open.close();
      expect(open.failed).toBeUndefined();
      expect(open.clock.pendingTimers).toBe(0);
      subject.dispose();
      await manager.close();
    });

    test('tells connecting, authenticating and ready, in this order', async () => {
      await ready();
      expect(open.types).toEqual(['connecting', 'authenticating', 'ready']);
      expect(open.last('ready')?.version).toBe(can.tellsVersion ? '11.0.0' : '');
    });

    test('gives events in order, with headers found in any case', async () => {
      await ready();
      manager.say(
        event('Newchannel', 'Channel: PJSIP/1-1', 'CallerIDName: Jos\u00e9') + event('Newstate', 'Channel: b'),
      );
      manager.say(event('Hangup', 'Cause-txt: Normal Clearing', 'Cause: 16'));
      await open.saw('Hangup');
      expect(open.names.slice(-3)).toEqual(['Newchannel', 'Newstate', 'Hangup']);
      const message = open.events.find((told) => told.type === 'message' && told.message.name === 'Newchannel');
      if (message?.type !== 'message') throw new Error('no message');
      expect(message.message.get('CALLERIDNAME')).toBe('Jos\u00e9');
      expect(message.message.get('channel')).toBe('PJSIP/1-1');
      expect(message.message.get('Exten')).toBeUndefined();
      expect(message.time).toBe(open.clock.now());
      if (can.keepsText) {
        expect(message.message.text).toBe(
          'Event: Newchannel\r\nPrivilege: call,all\r\nChannel: PJSIP/1-1\r\nCallerIDName: Jos\u00e9',
        );
      }
    });

    test('gives repeated headers in order, ChanVariable included', async () => {
      await ready();
      manager.say(
        event(
          'Newchannel',
          'ChanVariable: A=1',
          'ChanVariable: B=x=y',
          'DestChanVariable: C=',
          'DestChanVariable: D=4',
        ),
      );
      await open.saw('Newchannel');
      const told = open.last('message');
      expect(told?.message.all('chanvariable')).toEqual(['A=1', 'B=x=y']);
      expect(told?.message.all('DestChanVariable')).toEqual(['C=', 'D=4']);
    });

    test('loses no event that comes in the same packet as the answer to the login', async () => {
      manager.behaviour.afterLogin = event('Newchannel', 'Channel: early') + event('Hangup', 'Channel: early');
      await ready();
      await open.saw('Hangup');
      expect(open.names.filter((name) => name !== 'FullyBooted')).toEqual(['Newchannel', 'Hangup']);
    });

    test('ties answers to actions when they come in another order', async () => {
      await ready();
      const held: string[] = [];
      manager.on('Getvar', (action) => {
        held.unshift(response('Success', action, `Value: ${header(action, 'variable')}`));
        return held.length === 3 ? held.join('') : '';
      });
      const names = ['one', 'two', 'three'];
      const answers = await Promise.all(names.map((name) => open.session.send('Getvar', { Variable: name })));
      expect(answers.map((answer) => answer.response.get('Value'))).toEqual(names);
      expect(answers.every((answer) => answer.ok)).toBe(true);
    });

    test('an error of the switch is an answer', async () => {
      await ready();
      manager.on('Hangup', (action) => response('Error', action, 'Message: No such channel'));
      const answer = await open.session.send('Hangup', { Channel: 'none' });
      expect(answer.ok).toBe(false);
      expect(answer.response.get('Message')).toBe('No such channel');
    });

    test('collects a list while ordinary events go to the stream', async () => {
      await ready();
      const item = (id: string, name: string): string =>
        `Event: CoreShowChannel\r\nActionID: ${id}\r\nChannel: ${name}\r\n\r\n`;
      manager.on('CoreShowChannels', (action) =>
        [
          response('Success', action, 'EventList: start', 'Message: Channels will follow'),
          item(action.id, 'a'),
          event('Newchannel', 'Channel: b'),
          item(action.id, 'b'),
          `Event: CoreShowChannelsComplete\r\nActionID: ${action.id}\r\nEventList: Complete\r\nListItems: 2\r\n\r\n`,
        ].join(''),
      );
      const answer = await open.session.send('CoreShowChannels', {}, { list: true });
      expect(answer.items.map((one) => one.get('Channel'))).toEqual(['a', 'b']);
      await open.saw('Newchannel');
      expect(open.names).not.toContain('CoreShowChannel');
      expect(open.names).not.toContain('CoreShowChannelsComplete');
    });

    test('onAnswer is called before any message that came after the answer, in one packet too', async () => {
      await ready();
      const seen: string[] = [];
      manager.on('Getvar', (action) => event('Before') + response('Success', action, 'Value: x') + event('After'));
      const sent = open.session.send(
        'Getvar',
        {},
        {
          onAnswer: (answer) => {
            seen.push(...open.names.filter((name) => name !== 'FullyBooted'), answer.response.get('Value') ?? '');
          },
        },
      );
      await open.saw('After');
      expect(seen).toEqual(['Before', 'x']);
      expect((await sent).ok).toBe(true);
    });

    test('what onAnswer throws is a rejection, and the link goes on', async () => {
      await ready();
      const onAnswer = (): never => {
        throw new Error('mine');
      };
      await expect(open.session.send('Ping', {}, { onAnswer })).rejects.toThrow('mine');
      expect((await open.session.send('Ping')).ok).toBe(true);
    });

    test('an empty list is a list', async () => {
      await ready();
      manager.on(
        'BridgeList',
        (action) =>
          `${response('Success', action, 'EventList: start')}Event: BridgeListComplete\r\nActionID: ${action.id}\r\nEventList: Complete\r\nListItems: 0\r\n\r\n`,
      );
      expect((await open.session.send('BridgeList', {}, { list: true })).items).toEqual([]);
    });

    test.each([
      ['a value', { Channel: 'x\r\nAction: Command' }, 'Channel'],
      ['a line feed', { Channel: 'x\ny' }, 'Channel'],
      ['a NUL', { Channel: 'x\0y' }, 'Channel'],
      ['one of several values', { Variable: ['A=1', 'B=\r\n\r\nAction: Logoff'] }, 'Variable'],
      ['the ActionID', { ActionID: 'x\r\ny' }, 'ActionID'],
      ['a second action', { Action: 'Command' }, '"Action"'],
      ['a name', { 'Chan\r\nnel': 'x' }, '"Chan\\r\\nnel"'],
    ])('refuses %s with CR, LF or NUL, or that is none, and writes nothing', async (_, fields, field) => {
      await ready();
      const before = manager.actions.length;
      await expect(open.session.send('Originate', fields)).rejects.toMatchObject({
        code: 'command.invalid-argument',
        field,
      });
      await open.session.send('Ping');
      expect(manager.actions.slice(before).map((action) => action.name.toLowerCase())).toEqual(['ping']);
    });

    test('refuses CR and LF in the name of an action', async () => {
      await ready();
      await expect(open.session.send('Ping\r\nX: y')).rejects.toMatchObject({ code: 'command.invalid-argument' });
    });

    test('sends repeated fields as repeated headers', async () => {
      await ready();
      await open.session.send('Originate', {
        Channel: 'Local/1',
        Async: true,
        Timeout: 30000,
        Variable: ['B=2', 'A=1'],
      });
      const { headers } = manager.named('Originate')[0]!;
      const variables = headers.filter(([name]) => name === 'variable').map(([, value]) => value);
      expect(can.keepsFieldOrder ? variables : variables.sort().reverse()).toEqual(['B=2', 'A=1']);
      expect(headers).toContainEqual(['async', 'true']);
      expect(headers).toContainEqual(['timeout', '30000']);
    });

    test("uses the caller's own ActionID", async () => {
      await ready();
      const answer = await open.session.send('Originate', { ActionID: 'offhook-call-1', Channel: 'Local/1' });
      expect(answer.response.get('ActionID')).toBe('offhook-call-1');
      manager.say(
        'Event: OriginateResponse\r\nPrivilege: call,all\r\nActionID: offhook-call-1\r\nResponse: Failure\r\n\r\n',
      );
      await open.saw('OriginateResponse');
    });

    test('an action without answer times out, and its late answer is nobody\u2019s', async () => {
      await ready();
      manager.on('Getvar', () => '');
      const sent = open.session.send('Getvar', { Variable: 'x' });
      const outcome = expect(sent).rejects.toMatchObject({ code: 'link.timeout', retryable: true });
      await until(() => manager.named('Getvar').length === 1);
      open.clock.advance(499);
      open.clock.advance(1);
      await outcome;
      manager.say(response('Success', manager.named('Getvar')[0]!, 'Value: late') + event('Newchannel'));
      await open.saw('Newchannel');
      const responses = open.events.filter((told) => told.type === 'message' && told.message.get('Value') === 'late');
      expect(responses).toEqual([]);
    });

    test('refuses an action before the link is up', async () => {
      start();
      await expect(open.session.send('Ping')).rejects.toMatchObject({ code: 'command.link-down' });
    });

    test('tells a lost link, rejects what waits, comes back', async () => {
      await ready();
      manager.on('Getvar', () => '');
      const sent = expect(open.session.send('Getvar')).rejects.toMatchObject({ code: 'link.lost' });
      await until(() => manager.named('Getvar').length === 1);
      manager.drop();
      await sent;
      await open.reached('waiting');
      expect(open.last('waiting')?.code).toBe('link.lost');
      expect(open.last('waiting')?.retryInMs).toBeGreaterThan(0);
      await expect(open.session.send('Ping')).rejects.toMatchObject({ code: 'command.link-down' });
      subject.retry(open.clock);
      await open.reached('ready', 2);
      expect(open.types.slice(3)).toEqual(['waiting', 'connecting', 'authenticating', 'ready']);
      expect((await open.session.send('Ping')).ok).toBe(true);
    });

    test('the rest of a message that a lost link cut off becomes no event', async () => {
      await ready();
      manager.say(`${event('Newstate')}Event: Hangup\r\nPrivilege: call,all\r\nChannel: half`);
      await open.saw('Newstate');
      manager.drop();
      await open.reached('waiting');
      subject.retry(open.clock);
      await open.reached('ready', 2);
      expect(open.names).not.toContain('Hangup');
    });

    test('a wrong secret is a refusal that names both causes and not the secret', async () => {
      start('wrong-secret');
      await open.reached('refused');
      expect(open.last('refused')).toMatchObject({ code: 'link.auth-refused' });
      expect(open.last('refused')?.reason).toMatch(/secret.*ACL/);
      expect(open.last('refused')!.retryInMs).toBeGreaterThanOrEqual(10_000);
      expect(JSON.stringify([open.events, open.log])).not.toContain('wrong-secret');
      expect(open.types).not.toContain('ready');
    });

    test('a link that has gone silent is told as lost, and what waits is rejected', async () => {
      await ready();
      manager.behaviour.deaf = true;
      open.clock.advance(1_000);
      await until(() => manager.named('Ping').length >= (can.ownsConnection ? 1 : 2), 'a ping');
      open.clock.advance(2_000);
      await open.reached('waiting');
      expect(open.last('waiting')?.code).toBe('link.timeout');
      await expect(open.session.send('Ping')).rejects.toMatchObject({ code: 'command.link-down' });
    });

    test('a silent link that answers its ping lives', async () => {
      await ready();
      for (let i = 1; i <= 8; i++) {
        open.clock.advance(1_000);
        await until(() => manager.named('Ping').length >= i, 'a ping');
        manager.say(event(`Mark${i}`));
        await open.saw(`Mark${i}`);
      }
      expect(open.types).toEqual(['connecting', 'authenticating', 'ready']);
    });

    test('events that a text forged are dropped, real ones before and after are not', async () => {
      await ready();
      manager.say(event('Newstate', 'Channel: real'));
      manager.say('Event: Hangup\r\nChannel: forged\r\n\r\n\r\n\r\n,More: tab\tbackslash\\quote"end\r\n\r\n');
      manager.say('Event: Hangup\r\nActionID: anything\r\nChannel: forged\r\n\r\n');
      manager.say(event('Unhold', 'Channel: real'));
      await open.saw('Unhold');
      expect(open.names.filter((name) => name !== 'FullyBooted')).toEqual(['Newstate', 'Unhold']);
    });

    test('unwanted events are not passed on', async () => {
      await ready();
      manager.say(event('VarSet', 'Variable: X', 'Value: 1') + event('Newexten') + event('Newstate'));
      await open.saw('Newstate');
      expect(open.names).not.toContain('VarSet');
      expect(open.names).not.toContain('Newexten');
    });

    test('hostile names of events and headers do no harm', async () => {
      await ready();
      manager.say(event('rawevent', 'Channel: a'));
      manager.say(event('close') + event('connect') + event('error') + event('disconnect') + event('managerevent'));
      manager.say(event('Newchannel', '__proto__: x', '__proto__: y', 'constructor: z', 'toString: 1', 'Channel: ok'));
      await open.saw('Newchannel');
      const { message } = open.last('message')!;
      expect(message.get('Channel')).toBe('ok');
      expect(message.get('hasOwnProperty')).toBeUndefined();
      expect(({} as Record<string, unknown>)['0']).toBeUndefined();
      expect(open.types).toEqual(['connecting', 'authenticating', 'ready']);
      expect((await open.session.send('Ping')).ok).toBe(true);
    });

    test('survives garbage and goes on with the next message', async () => {
      await ready();
      const garbage = Uint8Array.from({ length: 5_000 }, (_, i) => (i * 7919 + (i >> 3)) & 0xff);
      manager.say(garbage);
      manager.say('\r\n\r\n: \r\n::\r\n\r\n\r\n\r\n\r\nEvent\r\n\r\nEvent: \r\n\r\n');
      manager.say(event('Newchannel', 'Channel: ok'));
      await open.saw('Newchannel');
      expect(open.types).toEqual(['connecting', 'authenticating', 'ready']);
    });

    test('unsubscribing leaves no timer, and closes only what the session opened', async () => {
      await ready();
      manager.on('Getvar', () => '');
      const sent = expect(open.session.send('Getvar')).rejects.toMatchObject({ code: 'link.lost' });
      await until(() => manager.named('Getvar').length === 1);
      open.close();
      await sent;
      expect(open.clock.pendingTimers).toBe(0);
      if (can.ownsConnection) {
        await until(() => manager.sockets.size === 0, 'the socket to close');
        expect(manager.named('Logoff')).toHaveLength(1);
      } else {
        const told = open.events.length;
        manager.say(event('Newchannel'));
        await new Promise((resolve) => setImmediate(resolve));
        expect(manager.sockets.size).toBe(1);
        expect(manager.named('Logoff')).toHaveLength(0);
        expect(open.events).toHaveLength(told);
      }
    });

    test('can be opened again after it was closed, not twice at once', async () => {
      await ready();
      const second = new OpenSession(open.session);
      expect(second.failed).toMatchObject({ code: 'internal' });
      open.close();
      open = new OpenSession(open.session);
      await open.reached('ready');
      expect((await open.session.send('Ping')).ok).toBe(true);
    });
  });
}
