import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Command } from 'commander';
import type { AmiTap, NativeAmiOptions } from '../adapters/asterisk-ami/options.ts';
import { AmiRecorder } from '../adapters/asterisk-ami/recording.ts';
import { nativeAmiSession } from '../adapters/asterisk-ami/wire.ts';
import { OffhookError } from '../domain/error.ts';
import { silentLogger } from '../domain/logger.ts';
import { aborted, type CliIo, stopAfter } from './io.ts';
import { type LinkOptions, meantLink, withLink } from './link-options.ts';
import { parseDuration } from './parse-options.ts';
import { type CliContext, type CommonOptions, printJson, verb } from './verb.ts';

interface RecordOptions extends CommonOptions, LinkOptions {
  readonly out: string;
  readonly events: string;
  readonly force?: true;
  readonly for?: number;
}

/** `offhook record`: what a PBX says, as it says it. */
export function recordCommand({ io }: CliContext): Command {
  return withLink(verb('record', 'record what a PBX sends, for `offhook replay` and for bug reports'))
    .requiredOption('--out <path>', 'DIR/NAME: writes NAME.jsonl and NAME.sent.jsonl there')
    .option('--events <classes>', 'the event classes to ask for, as in manager.conf', 'on')
    .option('--force', 'overwrite a recording of that name')
    .option('--for <time>', 'stop by itself after a time, such as 10m', parseDuration)
    .action((options: RecordOptions) => record(options, io));
}

async function record(options: RecordOptions, io: CliIo): Promise<void> {
  const { connect } = meantLink(options, io);
  const base = options.out.replace(/\.jsonl$/, '');
  const counts = new Counts(open(base, options.force === true));
  try {
    await listen({ ...connect, eventMask: options.events, tap: counts }, counts, options, io);
  } finally {
    counts.close();
  }
  const summary = { file: `${base}.jsonl`, messages: counts.messages, bytes: counts.bytes };
  if (options.json === true) printJson(io, { ...summary, personalData: true });
  else io.stdout.write(`${summary.file}: ${counts.text}. ${PERSONAL_DATA}\n`);
}

const PERSONAL_DATA =
  'It holds personal data (who called whom, when, by name and number): keep it and pass it on accordingly.';

function open(base: string, force: boolean): AmiRecorder {
  const taken = [`${base}.jsonl`, `${base}.sent.jsonl`].find((file) => existsSync(file));
  if (taken !== undefined && !force) {
    throw new OffhookError('cli.usage', `${taken} exists.`, {
      field: '--out',
      remedy: 'Choose another name, or overwrite it with --force.',
    });
  }
  try {
    mkdirSync(dirname(base), { recursive: true });
    return new AmiRecorder(base);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new OffhookError('cli.usage', `${base}.jsonl cannot be written (${code}).`, {
      cause,
      field: '--out',
      remedy: 'Name a file in a folder that you may write to.',
    });
  }
}

/** Counts on the way to the recorder. */
class Counts implements AmiTap {
  readonly #recorder: AmiRecorder;
  messages = 0;
  bytes = 0;

  constructor(recorder: AmiRecorder) {
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

/** Listens until it is time to stop, or until the PBX refuses us. A lost link ends the recording: a second one would not fit. */
function listen(connect: NativeAmiOptions, counts: Counts, options: RecordOptions, io: CliIo): Promise<void> {
  const stop = stopAfter(io, options.for);
  const session = nativeAmiSession({ ...connect, unwanted: new Set() });
  const show = progress(io, options.json === true);
  return new Promise<void>((resolve, reject) => {
    const subscription = session.open({ clock: io.clock, logger: silentLogger }).subscribe((event) => {
      if (event.type === 'message') counts.messages++;
      if (event.type === 'message' || event.type === 'ready') show(counts.text);
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
