import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readRecording } from '../../../src/adapters/asterisk-ami/recording.ts';

const ROOT = fileURLToPath(new URL('../../fixtures/asterisk/', import.meta.url));

/** Paths of all recordings of what a switch sent, by folder: `22`, `16`. */
export function recordings(...folders: string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(`${ROOT}${folder}`)
      .filter((name) => /\.jsonl\.gz$/.test(name) && !/\.(sent|sip)\.jsonl\.gz$/.test(name))
      .map((name) => `${folder}/${name}`),
  );
}

/** The path of a recording: `22/ami-variables.jsonl.gz`. */
export function recordingPath(name: string): string {
  return `${ROOT}${name}`;
}

/** All bytes of a recording. */
export function recordedBytes(name: string): Buffer {
  return Buffer.concat([...readRecording(recordingPath(name))].map((piece) => piece.bytes));
}

/** The messages of a recording as they were recorded, each with its own end. */
export function recordedTexts(name: string): string[] {
  return [...readRecording(recordingPath(name))].map((piece) => Buffer.from(piece.bytes).toString('utf8'));
}
