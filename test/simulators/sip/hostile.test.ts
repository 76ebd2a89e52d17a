import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { describe, expect, it } from 'vitest';
import { DIALECTS } from '../../../simulators/sip/dialect.ts';
import { headerOf, isRequest, parseMessage } from '../../../simulators/sip/message.ts';
import { recordedFrames } from './recorded.ts';
import { Stage } from './stage.ts';

/** What a caller may put into a name or a number. */
const anything = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
  fc.constantFrom('"', '\\', '\r\nEvil: 1', '>;tag=x', '&lt;<!DOCTYPE', ']]>', '\u0000', '\ud83d', '\uffff', '李 秀英'),
);

describe('whatever a caller is called', () => {
  it.each(DIALECTS)(
    'every message is one, with the headers that it would have, and well-formed XML (%s)',
    (dialect) => {
      fc.assert(
        fc.property(anything, anything, (name, number) => {
          const stage = new Stage({ dialect });
          const own = '<sip:1002@pbx.test>';
          const headers = { From: own, To: own, Contact: '<sip:cti@127.0.50.2:5060>;expires=600' };
          stage.app.request('REGISTER', 'sip:pbx.test', { user: '1002', headers });
          stage.app.subscribe('sip:1002@pbx.test', 'sip:1002@pbx.test', { user: '1002' });
          stage.wait();
          const before = stage.app.log.length;
          const call = stage.call({ from: number, name, to: '+442079460102' });
          call.hangup();
          stage.wait();
          const told = stage.app.log.slice(before).filter(({ way, words }) => way === '<' && words[0] === 'sip');
          expect(told.length).toBeGreaterThanOrEqual(4);
          for (const { message } of told) {
            const parsed = parseMessage(Buffer.from(message).toString('utf8'));
            expect(parsed && isRequest(parsed)).toBe(true);
            expect(headerOf(parsed!, 'evil')).toBe('');
            expect(Number(headerOf(parsed!, 'content-length'))).toBe(Buffer.byteLength(parsed!.body));
            if (headerOf(parsed!, 'content-type') === 'application/dialog-info+xml') {
              const parser = new SaxesParser();
              parser.on('error', (error) => {
                throw error;
              });
              parser.write(Buffer.from(parsed!.body).toString('utf8')).close();
            }
          }
          stage.close();
        }),
      );
    },
  );
});

const FRAMES = ['02-subscribe-dialog', '04-shared-line-cti-answers-first', '21-click-to-dial-self-invite-refer-ast22']
  .flatMap(recordedFrames)
  .filter(({ way, payload }) => way === '>' && payload.includes('\r\n'))
  .map(({ payload }) => payload.slice(payload.indexOf('\r\n') + 2));

describe('whatever a program sends', () => {
  it.each(DIALECTS)('is answered or dropped, and nothing breaks (%s)', (dialect) => {
    const mutated = fc
      .tuple(fc.constantFrom(...FRAMES), fc.nat(), fc.nat(60), fc.oneof(fc.constant(''), anything))
      .map(([text, at, length, by]) => {
        const start = at % text.length;
        return text.slice(0, start) + by + text.slice(start + length);
      });
    fc.assert(
      fc.property(fc.array(mutated, { minLength: 1, maxLength: 6 }), (texts) => {
        const stage = new Stage({ dialect });
        for (const [index, text] of texts.entries()) {
          const message = parseMessage(text);
          if (!message || !('method' in message)) continue;
          const before = stage.app.log.length;
          stage.pbx.server.fromApp(stage.app, { id: `x${index}`, txnId: '', dialogId: '', proxy: '', message });
          expect(stage.app.log.length).toBeGreaterThan(before);
          stage.wait(10);
        }
        stage.wait(40_000);
        stage.close();
        expect(stage.clock.pendingTimers).toBe(0);
      }),
    );
  });
});
