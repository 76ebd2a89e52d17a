import { LinkRecorder } from '../shared/recording.ts';
import { withoutSecrets } from './frames.ts';

/** Longest frame that is kept whole. */
const MAX_FRAME_BYTES = 1024 * 1024;

/** Records a link with a drachtio-server; see {@link LinkRecorder}. */
export class SipRecorder extends LinkRecorder {
  /** `path` with or without `.jsonl`. Throws the file system's error where it cannot be written. */
  constructor(path: string) {
    super(path, { cut: firstFrame, withoutSecrets, maxMessageBytes: MAX_FRAME_BYTES });
  }
}

/** Bytes of the first frame, its length included; 0 while it is not complete. */
function firstFrame(bytes: Buffer): number {
  const hash = bytes.subarray(0, 10).indexOf('#');
  const digits = hash === -1 ? '' : bytes.toString('latin1', 0, hash);
  if (!/^\d{1,9}$/.test(digits)) return 0;
  const length = hash + 1 + Number(digits);
  return length <= bytes.length ? length : 0;
}
