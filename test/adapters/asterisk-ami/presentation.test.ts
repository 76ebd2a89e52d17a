// An outside caller's number and name are in all events, withheld or not: whether they may be told, the switch must be asked.

import { Subject } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { asteriskAmi } from '../../../src/adapters/asterisk-ami/index.ts';
import { messageFromText } from '../../../src/adapters/asterisk-ami/parse.ts';
import type { AmiAnswer, AmiFields, AmiSession, AmiSessionEvent } from '../../../src/adapters/asterisk-ami/session.ts';
import { type ErrorCode, OffhookError } from '../../../src/domain/error.ts';
import type { EngineEvent } from '../../../src/domain/journal.ts';
import { createEngine } from '../../../src/engine/index.ts';

const NUMBER = '0201234567';
const NAME = 'Carol Customer';

type Outcome = AmiAnswer | OffhookError;

interface Question {
  readonly variable: string;
  readonly answer: (outcome: Outcome) => void;
}

const success = (value: string): AmiAnswer => ({
  ok: true,
  response: messageFromText(`Response: Success\r\nValue: ${value}`),
  items: [],
});

const refusal = (message: string): AmiAnswer => ({
  ok: false,
  response: messageFromText(`Response: Error\r\nMessage: ${message}`),
  items: [],
});

/** A switch that answers questions about callers when the test does, and everything else at once. */
class AskedSession implements AmiSession {
  readonly events = new Subject<AmiSessionEvent>();
  readonly questions: Question[] = [];

  open() {
    return this.events;
  }

  send(action: string, fields: AmiFields = {}, options: { onAnswer?: (answer: AmiAnswer) => void } = {}) {
    if (action !== 'Getvar' || fields['Channel'] !== 'PJSIP/trunk-00000001') {
      options.onAnswer?.(success(''));
      return Promise.resolve(success(''));
    }
    const { promise, resolve, reject } = Promise.withResolvers<AmiAnswer>();
    const answer = (outcome: Outcome): void => {
      if (!(outcome instanceof OffhookError)) options.onAnswer?.(outcome);
      if (outcome instanceof OffhookError) reject(outcome);
      else resolve(outcome);
    };
    this.questions.push({ variable: String(fields['Variable']), answer });
    return promise;
  }

  ready(): void {
    this.events.next({ type: 'ready', version: '11.0.0' });
  }

  /** Ends the connection: what was asked is not answered. */
  lose(): void {
    const code: ErrorCode = 'link.lost';
    this.events.next({ type: 'waiting', code, reason: 'cut', retryInMs: 1 });
    for (const { answer } of this.questions.splice(0)) answer(new OffhookError(code, 'cut'));
  }

  says(name: string, fields: string): void {
    const message = messageFromText(`Event: ${name}\r\nPrivilege: call,all\r\n${fields}`);
    this.events.next({ type: 'message', message, time: Date.now() });
  }

  /** What was asked about the presentation. */
  get asked(): Question | undefined {
    return this.questions.find(({ variable }) => variable === 'CALLERID(pres)');
  }
}

const TRUNK = `Channel: PJSIP/trunk-00000001\r\nChannelState: 4\r\nUniqueid: 1.1\r\nLinkedid: 1.1\r\nExten: 1001\r\nCallerIDNum: ${NUMBER}\r\nCallerIDName: ${NAME}`;
const PHONE = 'Channel: PJSIP/1001-00000002\r\nChannelState: 5\r\nUniqueid: 1.2\r\nLinkedid: 1.1';
const DEST = PHONE.replace(/^(\w+)/gm, 'Dest$1');

/** An engine with one outside call that rings at 1001, and all that it told. `better`: what the dialplan makes of its number. */
async function ringing(better = NUMBER) {
  const session = new AskedSession();
  const engine = createEngine({ adapters: [asteriskAmi({ link: 'pbx', session })] });
  const told: EngineEvent[] = [];
  engine.events$.subscribe((event) => told.push(event));
  session.ready();
  await expect.poll(() => engine.snapshot().links[0]?.state).toBe('up');
  session.says('Newchannel', TRUNK);
  session.says('NewCallerid', TRUNK.replace(NUMBER, better));
  session.says('DialBegin', `${TRUNK}\r\n${DEST}`);
  session.says('Newstate', PHONE);
  return {
    session,
    engine,
    caller: () => engine.lineCalls('1001')[0]?.remote,
    everything: () => JSON.stringify([told, engine.snapshot()]),
    async [Symbol.asyncDispose]() {
      await engine[Symbol.asyncDispose]();
    },
  };
}

describe('whether a caller may be shown', () => {
  test('is not waited for: the telephone rings at once, for nobody that is known yet', async () => {
    await using call = await ringing();
    expect(call.engine.line('1001')?.state).toBe('alerting');
    expect(call.caller()).toMatchObject({ number: null, name: null, presentation: 'unavailable', category: 'trunk' });
  });

  test('is asked for, and then the caller is told, as the calling device too', async () => {
    await using call = await ringing();
    call.session.asked?.answer(success('allowed_passed_screen'));
    expect(call.caller()).toMatchObject({ number: NUMBER, name: NAME, presentation: 'allowed' });
    expect(call.engine.snapshot().calls[0]?.callingDevice).toMatchObject({ number: NUMBER });
  });

  test('is told of somebody who withholds the number, whose number is never told', async () => {
    await using call = await ringing('+31201234567');
    call.session.asked?.answer(success('prohib_passed_screen'));
    expect(call.caller()).toMatchObject({ number: null, name: null, presentation: 'restricted' });
    expect(call.everything()).not.toContain('201234567');
    expect(call.everything()).not.toContain(NAME);
  });

  test('is known of the better number that a dialplan found meanwhile', async () => {
    await using call = await ringing('+31201234567');
    expect(call.caller()).toMatchObject({ number: null });
    call.session.asked?.answer(success('allowed'));
    expect(call.caller()).toMatchObject({ number: '+31201234567' });
  });

  test.each([
    ['refuses to be asked', refusal('Permission denied')],
    ['gives no answer', new OffhookError('link.timeout', 'Getvar: no answer in 2000 ms')],
  ])('is left to a switch that %s: the caller is told as the switch tells of them', async (_, outcome) => {
    await using call = await ringing();
    call.session.asked?.answer(outcome);
    await expect.poll(call.caller).toMatchObject({ number: NUMBER, name: NAME });
  });

  test('is not known of a call that was over before the answer: it stays without a number', async () => {
    await using call = await ringing();
    call.session.asked?.answer(refusal('No such channel'));
    call.session.says('Hangup', `${PHONE}\r\nCause: 0`);
    call.session.says('Hangup', `${TRUNK}\r\nCause: 127`);
    expect(call.everything()).not.toContain(NUMBER);
  });

  test('is asked for again where the link was lost meanwhile', async () => {
    await using call = await ringing();
    call.session.lose();
    await expect.poll(() => call.engine.snapshot().links[0]?.state).toBe('waiting');
    call.session.ready();
    await expect.poll(() => call.session.asked).toBeDefined();
    expect(call.everything()).not.toContain(NUMBER);
  });
});
