import { LinkRecorder } from '../shared/recording.ts';
import { withoutSecrets } from './command.ts';
import { DEFAULT_MAX_FRAME_BYTES } from './framing.ts';

export { type RecordedBytes, readRecording } from '../shared/recording.ts';

/** Records a link with an event socket; see {@link LinkRecorder}. */
export class EslRecorder extends LinkRecorder {
  /** `path` with or without `.jsonl`. Throws the file system's error where it cannot be written. */
  constructor(path: string) {
    super(path, { cut: firstFrame, withoutSecrets, maxMessageBytes: DEFAULT_MAX_FRAME_BYTES });
  }
}

/** Bytes of the first frame, its body included; 0 while it is not complete. */
function firstFrame(bytes: Buffer): number {
  let start = 0;
  while (bytes[start] === 0x0a) start++;
  const end = bytes.indexOf('\n\n', start);
  if (end === -1) return 0;
  const head = bytes.toString('latin1', start, end);
  const length = Number(/^content-length: *(\d{1,9})\r?$/im.exec(head)?.[1] ?? 0);
  return end + 2 + length <= bytes.length ? end + 2 + length : 0;
}
