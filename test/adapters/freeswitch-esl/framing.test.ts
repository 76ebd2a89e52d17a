import { describe, expect, test } from 'vitest';
import { EslDecoder, UNWANTED_EVENTS } from '../../../src/adapters/freeswitch-esl/framing.ts';
import type { EslFrame } from '../../../src/adapters/freeswitch-esl/message.ts';
import { FORMS, framesOf, protocolOf, readsOf, scenarioNames } from '../../support/freeswitch-recordings.ts';

const AUTH = 'Content-Type: auth/request\n\n';

function decode(...chunks: (string | Uint8Array)[]): { frames: EslFrame[]; decoder: EslDecoder } {
  const decoder = new EslDecoder({ unwanted: new Set() });
  const frames = chunks.flatMap((chunk) => decoder.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk));
  return { frames, decoder };
}

const event = (body: string, type = 'text/event-plain'): string =>
  `Content-Length: ${Buffer.byteLength(body)}\nContent-Type: ${type}\n\n${body}`;

describe('frames', () => {
  test('a header block by itself is a frame', () => {
    const { frames } = decode(AUTH, 'Content-Type: command/reply\nReply-Text: +OK accepted\nJob-UUID: 7\n\n');
    expect(frames.map(({ type }) => type)).toEqual(['auth/request', 'command/reply']);
    expect(frames[1]?.get('Reply-Text')).toBe('+OK accepted');
    expect(frames[1]?.get('job-uuid')).toBe('7');
    expect(frames[1]?.event).toBeUndefined();
  });

  test('point 8: an api answer need not end in a line feed; the next frame follows at once', () => {
    const { frames } = decode(
      'Content-Type: api/response\nContent-Length: 3\n\n+OKContent-Length: 18\nContent-Type: text/event-plain\n\nEvent-Name: DTMF\n\n',
    );
    expect(frames.map(({ body }) => body)).toEqual(['+OK', 'Event-Name: DTMF\n\n']);
    expect(frames[1]?.event?.name).toBe('DTMF');
  });

  test('point 2: Content-Length counts bytes, not letters', () => {
    const { frames } = decode(event('Event-Name: MESSAGE\nContent-Length: 10\n\nZoë 東京'), AUTH);
    expect(frames.map(({ type }) => type)).toEqual(['text/event-plain', 'auth/request']);
  });

  test('point 7: bodies may contain empty lines', () => {
    const { frames } = decode(event('Event-Name: CUSTOM\nContent-Length: 6\n\na\n\nb\nc'));
    expect(frames[0]?.event?.body).toBe('a\n\nb\nc'.slice(0, 6));
  });

  test('line ends may be CRLF', () => {
    const { frames } = decode(
      'Content-Type: auth/request\r\n\r\nContent-Length: 2\r\nContent-Type: api/response\r\n\r\nok',
    );
    expect(frames.map(({ type, body }) => [type, body])).toEqual([
      ['auth/request', ''],
      ['api/response', 'ok'],
    ]);
  });

  test('unwanted events are counted and not decoded, in both forms', () => {
    const decoder = new EslDecoder({ unwanted: new Set(['CHANNEL_STATE']) });
    const bytes = [
      event('Event-Name: CHANNEL_STATE\nUnique-ID: 1\n\n'),
      event('{"Event-Name":"CHANNEL_STATE","Unique-ID":"1"}', 'text/event-json'),
      event('Event-Name: CHANNEL_ANSWER\n\n'),
    ].join('');
    expect(decoder.push(Buffer.from(bytes)).map((frame) => frame.event?.name)).toEqual(['CHANNEL_ANSWER']);
    expect(decoder.dropped).toBe(2);
    expect(decoder.fault).toBeUndefined();
  });
});

describe('what is wrong', () => {
  test.each([
    ['negative', 'Content-Length: -5\nContent-Type: text/event-plain\n\nabc'],
    ['no number', 'Content-Length: many\nContent-Type: text/event-plain\n\nabc'],
    ['a fraction', 'Content-Length: 1.5\nContent-Type: text/event-plain\n\nabc'],
    ['beyond reason', 'Content-Length: 99999999999999\nContent-Type: text/event-plain\n\nabc'],
    ['empty', 'Content-Length:\nContent-Type: text/event-plain\n\nabc'],
    ['missing for an event', 'Content-Type: text/event-plain\n\nEvent-Name: DTMF\n\n'],
    ['missing for an answer', 'Content-Type: api/response\n\n+OK\n'],
    ['two different ones', 'Content-Length: 3\nContent-Length: 4\nContent-Type: api/response\n\nabcd'],
  ])('a Content-Length that is %s stops the decoder', (_, bytes) => {
    const { frames, decoder } = decode(bytes, AUTH);
    expect(decoder.fault?.code).toBe('link.not-esl');
    expect(frames).toEqual([]);
    expect(decoder.pendingBytes).toBe(0);
  });

  test('another protocol stops it', () => {
    for (const bytes of ['HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n', 'Asterisk Call Manager/9.0.0\r\n\r\n']) {
      expect(decode(bytes).decoder.fault?.code).toBe('link.not-esl');
    }
  });

  test('a header block without end, or with very many lines, stops it with bounded memory', () => {
    const long = decode(...Array.from({ length: 100 }, () => 'x'.repeat(1_000)));
    expect(long.decoder.fault?.message).toMatch(/65536/);
    expect(long.decoder.pendingBytes).toBe(0);
    expect(decode(`${'A: b\n'.repeat(2_000)}\n`).decoder.fault?.message).toMatch(/1000 headers/);
  });

  test('a frame above the bound is skipped and told; the stream goes on', () => {
    const told: string[] = [];
    const decoder = new EslDecoder({
      maxFrameBytes: 100,
      onOversized: (head, error) => told.push(`${head.type} ${error.code}`),
    });
    const frames: EslFrame[] = [];
    const bytes = Buffer.from(event(`Event-Name: A\n${'x'.repeat(500)}`) + AUTH);
    for (let at = 0; at < bytes.length; at += 7) {
      frames.push(...decoder.push(bytes.subarray(at, at + 7)));
      expect(decoder.pendingBytes).toBeLessThan(200);
    }
    expect(frames.map(({ type }) => type)).toEqual(['auth/request']);
    expect(told).toEqual(['text/event-plain link.message-too-large']);
    expect(decoder.oversized).toBe(1);
  });

  test('a body that is shorter than promised ends with the connection', () => {
    const { frames, decoder } = decode('Content-Length: 500\nContent-Type: text/event-plain\n\nEvent-Name: DTMF\n');
    expect(frames).toEqual([]);
    expect(decoder.end()).toBe(true);
    expect(decoder.pendingBytes).toBe(0);
    expect(decoder.end()).toBe(false);
    expect(decoder.push(Buffer.from(AUTH))).toHaveLength(1);
  });
});

describe('recordings', () => {
  test.each(FORMS)('%s: every frame of every scenario is read, whatever the reads were', (form) => {
    for (const name of scenarioNames()) {
      const recorded = framesOf(`scenarios/${name}.${form}`);
      const { frames, decoder } = decode(...readsOf(`scenarios/${name}.${form}`).map(({ bytes }) => bytes));
      expect(frames, name).toHaveLength(recorded.length);
      expect(decoder.fault).toBeUndefined();
      expect(decoder.end()).toBe(false);
    }
  });

  test('unwanted events of a recording are recognised by their first bytes', () => {
    for (const form of FORMS) {
      const decoder = new EslDecoder();
      const frames = readsOf(`scenarios/call-waiting.${form}`).flatMap(({ bytes }) => decoder.push(bytes));
      const all = decode(...readsOf(`scenarios/call-waiting.${form}`).map(({ bytes }) => bytes)).frames;
      const unwanted = all.filter(({ event: e }) => e !== undefined && UNWANTED_EVENTS.has(e.name));
      expect(decoder.dropped).toBe(unwanted.length);
      expect(frames).toHaveLength(all.length - unwanted.length);
      expect(decoder.dropped).toBeGreaterThan(frames.length / 2);
    }
  });

  test.each([
    'proto-api-blocks-events',
    'proto-auth-failure',
    'proto-auth-then-bad-again',
    'proto-auth-timeout',
    'proto-commands-misc',
    'proto-crash',
    'proto-crlf-and-pipelining',
    'proto-filter-events',
    'proto-inbound-myevents-hangup',
    'proto-log-data',
    'proto-outbound-socket-linger',
    'proto-outbound-socket-no-linger',
    'proto-partial-command-stalls-events',
    'proto-reload-event-socket',
    'proto-shutdown',
    'proto-userauth',
    'proto-xml-event',
  ])('%s: what the server said is frames, one byte at a time', (name) => {
    const said = protocolOf(name).filter(({ from, text }) => from === 'server' && text !== null);
    const bytes = Buffer.from(said.map(({ text }) => text).join(''));
    const whole = decode(bytes);
    const decoder = new EslDecoder({ unwanted: new Set() });
    const pieces = Array.from(bytes, (_, at) => decoder.push(bytes.subarray(at, at + 1))).flat();
    expect(whole.decoder.fault).toBeUndefined();
    expect(whole.frames.length).toBeGreaterThan(0);
    expect(pieces.map(({ type, body }) => [type, body])).toEqual(whole.frames.map(({ type, body }) => [type, body]));
    expect(decoder.end()).toBe(false);
  });

  test('point 11: a wrong password is answered, then noticed, then the connection ends', () => {
    const said = protocolOf('proto-auth-failure').filter(({ from }) => from === 'server');
    const { frames } = decode(...said.map(({ text }) => text ?? ''));
    expect(frames.map(({ type }) => type)).toEqual(['auth/request', 'command/reply', 'text/disconnect-notice']);
    expect(frames[1]?.get('Reply-Text')).toBe('-ERR invalid');
    expect(frames[2]?.body).toMatch(/^Disconnected, goodbye/);
    expect(said.at(-1)?.text).toBeNull();
  });
});
