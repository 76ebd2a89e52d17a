import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Command } from 'commander';
import type { Observable } from 'rxjs';
import { AmiRecorder } from '../adapters/asterisk-ami/recording.ts';
import { nativeAmiSession } from '../adapters/asterisk-ami/wire.ts';
import { EslRecorder } from '../adapters/freeswitch-esl/recording.ts';
import { nativeEslSession } from '../adapters/freeswitch-esl/wire.ts';
import type { LinkNews } from '../adapters/shared/keep-open.ts';
import { LinkRecorder, type LinkTap } from '../adapters/shared/recording.ts';
import { firstFrame, withoutSecrets } from '../adapters/sip/frames.ts';
import type { Clock } from '../domain/clock.ts';
import { OffhookError } from '../domain/error.ts';
import { type Logger, silentLogger } from '../domain/logger.ts';
import { aborted, type CliIo, stopAfter } from './io.ts';
import { type LinkOptions, type MeantLink, meantLink, withLink } from './link-options.ts';
import { parseDuration } from './parse-options.ts';
import { sipTraffic } from './record-sip.ts';
import { type CliContext, type CommonOptions, printJson, verb } from './verb.ts';

interface RecordOptions extends CommonOptions, LinkOptions {
  readonly out: string;
  readonly events?: string;
  readonly force?: true;
  readonly for?: number;
}

/** `offhook record`: what a PBX says, as it says it. */
export function recordCommand({ io }: CliContext): Command {
  return withLink(verb('record', 'record what a PBX sends, for `offhook replay` and for bug reports'))
    .requiredOption('--out <path>', 'DIR/NAME: writes NAME.jsonl and NAME.sent.jsonl there')
    .option('--events <list>', 'what to ask for: classes as in manager.conf, or names of events; default: everything')
    .option('--force', 'overwrite a recording of that name')
    .option('--for <time>', 'stop by itself after a time, such as 10m', parseDuration)
    .action((options: RecordOptions) => record(options, io));
}

async function record(options: RecordOptions, io: CliIo): Promise<void> {
  const meant = meantLink(options, io);
  const base = options.out.replace(/\.jsonl$/, '');
  const counts = new Counts(open(meant.type, base, options.force === true));
  try {
    await listen(sessionOf(meant, options.events, counts), counts, options, io);
  } finally {
    counts.close();
  }
  const summary = { file: `${base}.jsonl`, messages: counts.messages, bytes: counts.bytes };
  if (options.json === true) printJson(io, { ...summary, personalData: true });
  else io.stdout.write(`${summary.file}: ${counts.text}. ${PERSONAL_DATA}\n`);
}

const PERSONAL_DATA =
  'It holds personal data (who called whom, when, by name and number): keep it and pass it on accordingly.';

function open(type: MeantLink['type'], base: string, force: boolean): LinkRecorder {
  const taken = [`${base}.jsonl`, `${base}.sent.jsonl`].find((file) => existsSync(file));
  if (taken !== undefined && !force) {
    throw new OffhookError('cli.usage', `${taken} exists.`, {
      field: '--out',
      remedy: 'Choose another name, or overwrite it with --force.',
    });
  }
  try {
    mkdirSync(dirname(base), { recursive: true });
    if (type === 'asterisk-ami') return new AmiRecorder(base);
    if (type === 'freeswitch-esl') return new EslRecorder(base);
    return new LinkRecorder(base, { cut: firstFrame, withoutSecrets, maxMessageBytes: SIP_MESSAGE_BYTES });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new OffhookError('cli.usage', `${base}.jsonl cannot be written (${code}).`, {
      cause,
      field: '--out',
      remedy: 'Name a file in a folder that you may write to.',
    });
  }
}

/** Longest frame of a drachtio-server that is kept whole. */
const SIP_MESSAGE_BYTES = 1024 * 1024;

/** Counts on the way to the recorder. */
class Counts implements LinkTap {
  readonly #recorder: LinkRecorder;
  messages = 0;
  bytes = 0;

  constructor(recorder: LinkRecorder) {
    this.#recorder = recorder;
  }

  get text(): string {
    return `${this.messages} messages, ${(this.bytes / 1000).toFixed(1)} kB`;
  }

  received(bytes: Uint8Array, time: number): void {
    this.bytes += bytes.length;
    this.#recorder.received(bytes, time);
  }

  sent(bytes: Uint8Array, time: number): void {
    this.#recorder.sent(bytes, time);
  }

  close(): void {
    this.#recorder.close();
  }
}

/** A session of either protocol: its news, and its messages by whatever name. */
interface Recorded {
  open(context: {
    readonly clock: Clock;
    readonly logger: Logger;
  }): Observable<LinkNews | { readonly type: MessageType }>;
}

type MessageType = 'ready' | 'message' | 'event';

function sessionOf(meant: MeantLink, events: string | undefined, tap: LinkTap): Recorded {
  const unwanted = new Set<string>();
  if (meant.type === 'asterisk-ami') {
    return nativeAmiSession({ ...meant.connect, eventMask: events ?? 'on', tap, unwanted });
  }
  if (meant.type === 'sip') return sipTraffic(meant.sip, meant.config?.lines ?? [], tap);
  const [names = '', subclasses = ''] = (events ?? 'ALL').split(/[ ,]*\bCUSTOM\b[ ,]*/);
  const listOf = (list: string) => list.split(/[ ,]+/).filter((name) => name !== '');
  return nativeEslSession({ ...meant.connect, events: listOf(names), subclasses: listOf(subclasses), tap, unwanted });
}

/** Listens until it is time to stop, or until the PBX refuses us. A lost link ends the recording: a second one would not fit. */
function listen(session: Recorded, counts: Counts, options: RecordOptions, io: CliIo): Promise<void> {
  const stop = stopAfter(io, options.for);
  const show = progress(io, options.json === true);
  return new Promise<void>((resolve, reject) => {
    const subscription = session.open({ clock: io.clock, logger: silentLogger }).subscribe((event) => {
      if (event.type === 'message' || event.type === 'event') counts.messages++;
      if (event.type === 'message' || event.type === 'event' || event.type === 'ready') show(counts.text);
      if (event.type !== 'waiting' && event.type !== 'refused') return;
      reject(new OffhookError(event.code, `The recording ended: ${event.reason}.`, { remedy: REMEDY }));
    });
    stop.addEventListener('abort', () => subscription.unsubscribe(), { once: true });
    void aborted(stop).then(resolve);
  }).finally(() => show(undefined));
}

const REMEDY = 'What came until then is kept. `offhook doctor` tells what is wrong with the link.';

/** A line that is rewritten in place, on a terminal only. */
function progress(io: CliIo, json: boolean): (text: string | undefined) => void {
  if (json || io.stderr.isTTY !== true) return () => {};
  return (text) =>
    void io.stderr.write(text === undefined ? '\r\u001b[K' : `\r\u001b[K recording: ${text} (Ctrl-C ends it)`);
}
