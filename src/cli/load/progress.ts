import { Presets, SingleBar } from 'cli-progress';
import type { CliIo } from '../io.ts';
import { printJson } from '../verb.ts';
import type { Reading } from './meter.ts';
import { progressLine } from './summary.ts';

/** How often a line is printed where there is no terminal. */
const LINE_EVERY = 10;

/** Tells how the load goes. */
export interface Progress extends Disposable {
  /** Shows a reading; once a second. */
  show(reading: Reading): void;
}

/** A bar on a terminal; elsewhere a line, with `--json` a document, every ten seconds. */
export function createProgress(io: CliIo, json: boolean, durationMs: number): Progress {
  if (!json && io.stderr.isTTY === true) return bar(durationMs);
  let shown = 0;
  return {
    show(reading) {
      if (++shown % LINE_EVERY !== 0) return;
      if (json) printJson(io, { type: 'progress', ...reading });
      else io.stdout.write(`${progressLine(reading)}\n`);
    },
    [Symbol.dispose]() {},
  };
}

function bar(durationMs: number): Progress {
  const format = ' {bar} {percentage}%  {line}';
  const one = new SingleBar({ format, hideCursor: true, barsize: 20, stopOnComplete: false }, Presets.rect);
  one.start(durationMs, 0, { line: '' });
  return {
    show: (reading) => one.update(reading.load.elapsedMs, { line: progressLine(reading) }),
    [Symbol.dispose]: () => one.stop(),
  };
}
