import type { Command } from 'commander';
import type { EngineEvent } from '../domain/journal.ts';
import type { NumberingPlan } from '../recognition/index.ts';
import { type TruthCall, truthOf } from '../testing/truth.ts';
import type { CliIo } from './io.ts';
import { RECORDED_KINDS, recordedKind } from './link-options.ts';
import { parseCountry, parseList } from './parse-options.ts';
import { inferPlan } from './replay/infer-plan.ts';
import { replayFile } from './replay/replay.ts';
import { timeline } from './replay/timeline.ts';
import { type CliContext, type CommonOptions, printJson, verb } from './verb.ts';

interface ReplayOptions extends CommonOptions {
  readonly pbx: string;
  readonly lines?: string[];
  readonly country?: string;
}

/** `offhook replay call.jsonl.gz`. */
export function replayCommand({ io }: CliContext): Command {
  return verb('replay', 'play a recording through the same adapter and engine, and tell what every extension saw')
    .argument('<file>', 'a recording: .ami, .esl, .jsonl, .jsonl.gz')
    .option('--pbx <kind>', `what was recorded: ${RECORDED_KINDS.join(', ')}`, 'asterisk-ami')
    .option('--lines <list>', 'only these extensions, such as 1001,1002; default: all that took part', parseList)
    .option(
      '--country <code>',
      'how numbers are written: GB; default: found out from the numbers dialled',
      parseCountry,
    )
    .action((file: string, options: ReplayOptions) => replay(file, options, io));
}

async function replay(file: string, options: ReplayOptions, io: CliIo): Promise<void> {
  const events: EngineEvent[] = [];
  const { recorder, devices, illegalEvents } = await replayFile(file, {
    pbx: recordedKind(options.pbx),
    ...(options.lines === undefined ? {} : { lines: options.lines }),
    onEvent: (event) => {
      if (options.json !== true) events.push(event);
    },
  });
  const shown = options.lines ?? devices;
  const records = recorder.records();
  const plan = options.country === undefined ? inferPlan(records) : ({ country: options.country } as NumberingPlan);
  const extensions = truthOf(records, shown, plan);
  if (options.json === true) printJson(io, { extensions });
  else print(extensions, illegalEvents, io);
}

function print(extensions: Readonly<Record<string, readonly TruthCall[]>>, illegalEvents: number, io: CliIo): void {
  for (const [device, calls] of Object.entries(extensions)) {
    io.stdout.write(`${timeline(device, calls).join('\n')}\n`);
  }
  if (Object.keys(extensions).length === 0) io.stdout.write('No extension took part.\n');
  if (illegalEvents > 0) io.stderr.write(`${illegalEvents} events could not happen as they were told.\n`);
}
