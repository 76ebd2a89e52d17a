import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSipSimulator, type SipSimulator } from '../../../simulators/index.ts';
import { FrameReader, frameOf } from '../../../simulators/sip/frame-reader.ts';
import { RawClient, sip } from './raw-client.ts';
import { chunksOf, recordedFrames } from './recorded.ts';
import { until } from './until.ts';

let pbx: SipSimulator;

beforeEach(async () => {
  pbx = await createSipSimulator({ dialect: 'kamailio' });
});

afterEach(() => pbx.stop());

const RECORDING = '12-raw-protocol';
const CONNECTIONS = [...new Set(chunksOf(RECORDING).map(({ conn }) => conn))];

/** A payload without what differs from run to run. */
const plain = (payload: string): string =>
  payload
    .replace(/^[0-9a-f-]{36}/, 'ID')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UUID')
    .replace(/v0\.9\.10(-1-lab)?/, 'v0.9.10')
    .replace(/\d\d:\d\d:\d\d\.\d{6}/, 'TIME')
    .replace(/(OK\|application|sip\|network)\|[1-9]\d*\|/, '$1|BYTES|')
    .replace(/tag=[^;\r>]+/g, 'tag=T')
    .replace(/^CSeq: \d+/m, 'CSeq: N')
    .replace(/^Via: .*\r\n/gm, '');

describe('the link, as it was recorded with the real server', () => {
  it.each(CONNECTIONS)('answers connection %i of the recording byte for byte, ids and times apart', async (conn) => {
    await using client = await RawClient.open(pbx.port);
    for (const { dir, data = '' } of chunksOf(RECORDING).filter((chunk) => chunk.conn === conn))
      if (dir === 'app>srv') client.write(data);
    const wanted = recordedFrames(RECORDING).filter((frame) => frame.conn === conn && frame.way === '<');
    await until(() => expect(client.payloads).toHaveLength(wanted.length));
    expect(client.payloads.map(plain)).toEqual(wanted.map(({ payload }) => plain(payload)));
    const first = chunksOf(RECORDING).find((chunk) => chunk.conn === conn && chunk.dir.endsWith('-closed'));
    if (first?.dir === 'srv-closed') await client.closed();
  });

  it('a word that is no type of message is refused, and the connection closed', async () => {
    await using client = await RawClient.open(pbx.port);
    expect(await client.ask('subscribe|all')).toContain('|NO|Unknown message type');
    await client.closed();
  });

  it('a body that nobody could read is refused', async () => {
    await using client = await RawClient.open(pbx.port);
    const text = 'sip||\r\nMESSAGE sip:1001@pbx.test SIP/2.0\r\nContent-Length: 2\r\n\r\nhi';
    expect(await client.ask(text)).toContain('|NOK|Server error: missing content-type');
  });

  it('nothing is proxied, which is said', async () => {
    await using client = await RawClient.open(pbx.port);
    expect(await client.ask('proxy|t||||serial|1s|5s|sip:a@b\r\nINVITE sip:a@b SIP/2.0\r\n\r\n')).toContain('|NOK|');
  });
});

describe('a link that breaks', () => {
  it('a new call finds nobody, and rings at the telephone nevertheless', async () => {
    const call = pbx.call({ from: '1001', to: '1002' });
    await until(() => expect(pbx.phone('1002').isRinging).toBe(true));
    call.hangup();
    expect(pbx.phone('1002').isRinging).toBe(false);
  });

  it("NOTIFYs of a subscription that was the lost program's come to the next program outside of any dialog", async () => {
    const first = await RawClient.open(pbx.port);
    await first.ask('authenticate|cymru|');
    const lines = ['SUBSCRIBE sip:1002@pbx.test SIP/2.0', 'From: <sip:1001@pbx.test>', 'To: <sip:1002@pbx.test>'];
    await first.ask(sip([...lines, 'Event: dialog', 'Contact: <sip:1001@localhost>', 'Expires: 300']));
    await first.until((payload) => payload.includes('NOTIFY sip:1001@127.0.50.2:5060'));
    await first[Symbol.asyncDispose]();
    await until(() => expect(pbx.connections).toBe(0));
    const call = pbx.call({ from: '1001', to: '1002' });
    await until(() => expect(pbx.phone('1002').isRinging).toBe(true));
    await using second = await RawClient.open(pbx.port);
    await second.ask('authenticate|cymru|');
    await second.ask('route|notify');
    call.hangup();
    const stray = await second.until((payload) => payload.includes('\r\nNOTIFY '));
    expect(stray.split('\r\n')[0]).toMatch(/\|\|127\.0\.50\.2\|5060\|$/);
    expect(stray).toContain('<state>terminated</state>');
  });
});

describe('frames', () => {
  it('are read in whatever pieces they come', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 9 }),
        (payloads, size) => {
          const bytes = Buffer.concat(payloads.map(frameOf));
          const reader = new FrameReader();
          const read: string[] = [];
          for (let at = 0; at < bytes.length; at += size) read.push(...reader.push(bytes.subarray(at, at + size)));
          expect(read).toEqual(payloads);
          expect(reader.isBroken).toBe(false);
        },
      ),
    );
  });

  it.each(['#x', 'a#x', '123456#x', '12 #x', '1234567'])('%s is no frame: the reader stops', (text) => {
    const reader = new FrameReader();
    expect(reader.push(Buffer.from(text))).toEqual([]);
    expect(reader.isBroken).toBe(true);
    expect(reader.push(Buffer.from('2#ab'))).toEqual([]);
  });
});
