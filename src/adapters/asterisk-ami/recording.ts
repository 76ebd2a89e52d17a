import { LinkRecorder } from '../shared/recording.ts';
import { withoutSecrets } from './action.ts';
import { DEFAULT_MAX_MESSAGE_BYTES } from './framing.ts';

export { type RecordedBytes, readRecording } from '../shared/recording.ts';

/** Records a manager link; see {@link LinkRecorder}. */
export class AmiRecorder extends LinkRecorder {
  /** `path` with or without `.jsonl`. Throws the file system's error where it cannot be written. */
  constructor(path: string) {
    super(path, { cut: firstMessage, withoutSecrets, maxMessageBytes: DEFAULT_MAX_MESSAGE_BYTES });
  }
}

const GREETING = 'Asterisk Call Manager';
const END_OF_MESSAGE = '\r\n\r\n';

/** Bytes of the first message; 0 while it is not complete. */
function firstMessage(bytes: Buffer): number {
  const greets = bytes.toString('latin1', 0, GREETING.length) === GREETING;
  const end = greets ? '\n' : END_OF_MESSAGE;
  const at = bytes.indexOf(end);
  return at === -1 ? 0 : at + end.length;
}
