import { MultiBar, Presets } from 'cli-progress';
import type { ImportProgress } from '../../sources/index.ts';
import type { CliIo } from '../io.ts';

/** How far a long work is. */
export interface Bar extends Disposable {
  show(progress: ImportProgress): void;
}

/** A bar on a terminal, nothing elsewhere. */
export function progressBar(io: CliIo, json: boolean): Bar {
  if (json || io.stderr.isTTY !== true) return { show() {}, [Symbol.dispose]() {} };
  const format = ' {bar} {percentage}%  {rows} rows, {rejected} rejected';
  const bars = new MultiBar({ format, hideCursor: true, stopOnComplete: false }, Presets.rect);
  const bar = bars.create(1, 0, { rows: 0, rejected: 0 });
  return {
    show({ rows, rejectedRows, bytesRead = 0, totalBytes = 0 }) {
      bar.setTotal(Math.max(1, totalBytes));
      bar.update(bytesRead, { rows, rejected: rejectedRows });
    },
    [Symbol.dispose]: () => bars.stop(),
  };
}
