import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { AmiRecorder, readRecording } from '../../../src/adapters/asterisk-ami/recording.ts';
import { recordedBytes, recordedTexts, recordingPath } from './recorded.ts';

const folder = mkdtempSync(join(tmpdir(), 'offhook-recording-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function read(path: string): [number, string][] {
  return [...readRecording(path)].map((piece) => [piece.timeMs, Buffer.from(piece.bytes).toString('latin1')]);
}

describe('reading a recording', () => {
  test('lines with text and with base64, compressed or not, empty lines ignored', () => {
    const lines = '[0,"Asterisk\\r\\n"]\n\n[12.5,{"base64":"6Q=="}]\n';
    const expected = [
      [0, 'Asterisk\r\n'],
      [12.5, '\xe9'],
    ];
    expect(read(file('a.jsonl', lines))).toEqual(expected);
    expect(read(file('a.jsonl.gz', gzipSync(lines)))).toEqual(expected);
  });

  test('raw bytes', () => {
    expect(read(file('a.ami', 'Event: X\r\n\r\n'))).toEqual([[0, 'Event: X\r\n\r\n']]);
  });

  test('a missing file is told by code', () => {
    expect(() => read(join(folder, 'none.jsonl'))).toThrow(expect.objectContaining({ code: 'recording.not-found' }));
  });

  test.each([
    ['no JSON', '[0,"a"]\n[1,"b\n'],
    ['no list', '[0,"a"]\n{"ms":1}\n'],
    ['no time', '[0,"a"]\n["1","b"]\n'],
    ['no text', '[0,"a"]\n[1,null]\n'],
    ['no base64', '[0,"a"]\n[1,{"base64":1}]\n'],
  ])('%s: the line is named', (name, content) => {
    const path = file(`${name.replace(' ', '-')}.jsonl`, content);
    expect(() => read(path)).toThrow(
      expect.objectContaining({ code: 'recording.malformed', message: expect.stringContaining('line 2') }),
    );
  });

  test('damaged compression is told by code', () => {
    const damaged = gzipSync('[0,"a"]\n').subarray(0, 12);
    expect(() => read(file('b.jsonl.gz', damaged))).toThrow(expect.objectContaining({ code: 'recording.malformed' }));
  });
});

describe('recording a link', () => {
  test('what comes in any pieces is written message by message, and is the same when read', () => {
    const bytes = recordedBytes('22/ami-login-refused.jsonl.gz');
    const path = join(folder, 'again.jsonl');
    const recorder = new AmiRecorder(path);
    for (let i = 0; i < bytes.length; i += 11) recorder.received(bytes.subarray(i, i + 11), 1_000 + i);
    recorder.close();
    expect([...readRecording(path)].map((piece) => Buffer.from(piece.bytes).toString())).toEqual(
      recordedTexts('22/ami-login-refused.jsonl.gz'),
    );
    const times = [...readRecording(path)].map((piece) => piece.timeMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times[0]).toBeLessThan(50);
  });

  test('bytes that are no UTF-8, and an unfinished end, are kept exactly', () => {
    const bytes = Buffer.from('Event: X\r\nCallerIDName: Jos\xe9\r\n\r\nEvent: cut o', 'latin1');
    const recorder = new AmiRecorder(join(folder, 'latin'));
    recorder.received(bytes, 0);
    recorder.close();
    expect(Buffer.concat([...readRecording(join(folder, 'latin.jsonl'))].map((piece) => piece.bytes))).toEqual(bytes);
  });

  test('secrets and keys are not written', () => {
    const path = join(folder, 'login.jsonl');
    const recorder = new AmiRecorder(path);
    recorder.sent(Buffer.from('Action: Login\r\nUsername: cti\r\nSecret: swordfish\r\n\r\n'), 5);
    recorder.sent(Buffer.from('Action: Login\r\nkey: 0123abcd\r\nActionID: 1\r\n\r\n'), 7);
    recorder.close();
    const written = readFileSync(join(folder, 'login.sent.jsonl'), 'utf8');
    expect(written).not.toMatch(/swordfish|0123abcd/);
    expect(written).toContain('Secret: ***\\r\\n');
    expect(written).toContain('[2,');
  });

  test('the real recordings can be read', () => {
    expect([...readRecording(recordingPath('22/ami-variables.jsonl.gz'))].length).toBeGreaterThan(100);
  });
});
