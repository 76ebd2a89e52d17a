import type { RecordedBytes } from '../../adapters/shared/recording.ts';
import { OffhookError } from '../../domain/error.ts';
import type { RecordedKind } from '../link-options.ts';

/** How the first messages of a link begin, by what speaks so. */
const BEGINNINGS: Readonly<Record<RecordedKind, RegExp>> = {
  // First: SIP messages have lines that begin with `Event: `.
  sip: /^\d{1,9}#[\w-]{1,64}\|/,
  'asterisk-ami': /^(Asterisk Call Manager|Response: |Event: )/m,
  'freeswitch-esl': /^(Content-Type: |Content-Length: )/m,
};

/** How many bytes are looked at. */
const LOOKED_AT = 16 * 1024;

/** Throws `recording.malformed` where a recording holds nothing, or is plainly one of another PBX. */
export function checkKind(path: string, pieces: readonly RecordedBytes[], pbx: RecordedKind): void {
  const beginning = textOf(pieces);
  if (beginning.trim() === '') {
    throw new OffhookError('recording.malformed', `${path}: nothing was recorded`, {
      field: path,
      remedy: 'Record again; `offhook doctor` tells whether the link is sound.',
    });
  }
  const other = Object.entries(BEGINNINGS).find(([, pattern]) => pattern.test(beginning))?.[0];
  if (other === undefined || other === pbx) return;
  throw new OffhookError('recording.malformed', `${path}: a recording of ${other}, not of ${pbx}`, {
    field: '--pbx',
    remedy: `Say which PBX it is of: --pbx ${other}`,
  });
}

function textOf(pieces: readonly RecordedBytes[]): string {
  let text = '';
  for (const { bytes } of pieces) {
    if (text.length >= LOOKED_AT) break;
    text += Buffer.from(bytes.subarray(0, LOOKED_AT)).toString('latin1');
  }
  return text;
}
