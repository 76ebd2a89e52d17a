import type { CancelTimer } from '../../domain/clock.ts';
import type { WireEvent } from '../../gateway/protocol.ts';
import type { CliIo } from '../io.ts';
import { printJson } from '../verb.ts';
import { Board } from './board.ts';
import { drawTale, render } from './render.ts';
import { Screen } from './screen.ts';
import { createTheme, wantsColour } from './theme.ts';

/** Somebody who is shown events. */
export interface Viewer extends Disposable {
  show(event: WireEvent): void;
  /** Something to tell that is no event; `undefined` takes the last one back. */
  notice(text: string | undefined): void;
  readonly cursor: string | undefined;
}

/** How a viewer looks. */
export interface ViewerOptions {
  readonly title: string;
  readonly address: string;
  readonly keys: readonly (readonly [key: string, meaning: string])[];
  /** Shown on a terminal while there is nothing to tell. */
  readonly hint?: string;
}

/** The viewer that fits: JSON lines for programs, a picture on a terminal, sentences everywhere else. */
export function createViewer(io: CliIo, options: ViewerOptions, json: boolean): Viewer {
  if (json) return new JsonViewer(io);
  const canDraw = io.stdout.isTTY === true && io.env.TERM !== 'dumb';
  return canDraw ? new ScreenViewer(io, options) : new TextViewer(io);
}

/** One JSON document per line: the events as they came over the wire. */
class JsonViewer implements Viewer {
  readonly #io: CliIo;
  cursor: string | undefined;

  constructor(io: CliIo) {
    this.#io = io;
  }

  show(event: WireEvent): void {
    this.cursor = event.cursor;
    printJson(this.#io, event);
  }

  notice(text: string | undefined): void {
    if (text !== undefined) this.#io.stderr.write(`${text}\n`);
  }

  [Symbol.dispose](): void {}
}

/** One sentence per line. */
class TextViewer implements Viewer {
  readonly #io: CliIo;
  readonly #board = new Board();
  readonly #theme;

  constructor(io: CliIo) {
    this.#io = io;
    this.#theme = createTheme(wantsColour(io.stdout, io.env));
  }

  get cursor(): string | undefined {
    return this.#board.cursor;
  }

  show(event: WireEvent): void {
    for (const tale of this.#board.apply(event)) {
      this.#io.stdout.write(`${drawTale(tale, Number.POSITIVE_INFINITY, this.#theme).trimStart()}\n`);
    }
  }

  notice(text: string | undefined): void {
    if (text !== undefined) this.#io.stderr.write(`${text}\n`);
  }

  [Symbol.dispose](): void {}
}

/** The shortest time between two pictures. */
const FRAME_MS = 100;
/** Durations tick even when nothing happens. */
const TICK_MS = 1_000;

/** A picture of all lines, redrawn in place. */
class ScreenViewer implements Viewer {
  readonly #io: CliIo;
  readonly #options: ViewerOptions;
  readonly #board = new Board();
  readonly #screen: Screen;
  readonly #theme;
  #notice: string | undefined;
  #cancelFrame: CancelTimer | undefined;
  #cancelTick: CancelTimer = () => {};
  #isOpen = true;

  constructor(io: CliIo, options: ViewerOptions) {
    this.#io = io;
    this.#options = options;
    this.#theme = createTheme(wantsColour(io.stdout, io.env));
    this.#screen = new Screen(io.stdout, () => this.#draw());
    this.#tick();
  }

  get cursor(): string | undefined {
    return this.#board.cursor;
  }

  show(event: WireEvent): void {
    this.#board.apply(event);
    this.#soon();
  }

  notice(text: string | undefined): void {
    this.#notice = text;
    this.#soon();
  }

  [Symbol.dispose](): void {
    this.#isOpen = false;
    this.#cancelFrame?.();
    this.#cancelTick();
    this.#screen[Symbol.dispose]();
  }

  #soon(): void {
    this.#cancelFrame ??= this.#io.clock.setTimer(() => {
      this.#cancelFrame = undefined;
      this.#draw();
    }, FRAME_MS);
  }

  #tick(): void {
    if (!this.#isOpen) return;
    this.#draw();
    // At the turn of the second, so that all durations move together.
    this.#cancelTick = this.#io.clock.setTimer(() => this.#tick(), TICK_MS - (this.#io.clock.now() % TICK_MS));
  }

  #draw(): void {
    if (!this.#isOpen) return;
    const board = this.#board;
    const { hint, ...frame } = this.#options;
    const notice = this.#notice ?? hint;
    const scene = {
      ...frame,
      links: [...board.links.values()],
      rows: board.rows(),
      tales: board.tales,
      missed: board.missed,
      calls: board.callCount,
      now: this.#io.clock.now(),
      ...(notice === undefined ? {} : { notice }),
    };
    this.#screen.draw(render(scene, this.#screen.size, this.#theme));
  }
}
