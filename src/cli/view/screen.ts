import type { Output } from '../io.ts';
import type { Size } from './render.ts';

const ESC = '\u001b[';
/** The alternate screen, no cursor, no wrapping at the right edge. */
const ENTER = `${ESC}?1049h${ESC}?25l${ESC}?7l${ESC}2J`;
const LEAVE = `${ESC}?7h${ESC}?25h${ESC}?1049l`;

/** A terminal that is drawn on in place and given back as it was. */
export class Screen implements Disposable {
  readonly #output: Output;
  readonly #onExit = () => this[Symbol.dispose]();
  readonly #onResize: () => void;
  #shown: readonly string[] = [];
  #isOpen = true;

  /** Takes the terminal over until it is disposed of, also by the end of the process. */
  constructor(output: Output, onResize: () => void) {
    this.#output = output;
    this.#onResize = () => {
      this.#shown = [];
      output.write(`${ESC}2J`);
      onResize();
    };
    process.once('exit', this.#onExit);
    output.on?.('resize', this.#onResize);
    output.write(ENTER);
  }

  get size(): Size {
    return { columns: this.#output.columns ?? 80, rows: this.#output.rows ?? 24 };
  }

  /** Shows these lines; writes only those that differ from what is there. */
  draw(lines: readonly string[]): void {
    let out = '';
    for (const [index, line] of lines.entries()) {
      // Erased first: with the cursor in the last column, erasing afterwards would take that column away.
      if (line !== this.#shown[index]) out += `${ESC}${index + 1};1H${ESC}K${line}${ESC}0m`;
    }
    for (let index = lines.length; index < this.#shown.length; index++) out += `${ESC}${index + 1};1H${ESC}K`;
    this.#shown = lines;
    if (out !== '') this.#output.write(out);
  }

  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    process.off('exit', this.#onExit);
    this.#output.off?.('resize', this.#onResize);
    this.#output.write(LEAVE);
  }
}
