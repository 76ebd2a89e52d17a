import { type ChildProcess, fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../../domain/clock.ts';
import { OffhookError } from '../../domain/error.ts';
import type { EngineSample, FromEngine, ToEngine } from './engine-messages.ts';

/** Where the simulated switch is, and how many lines it has. */
export type EngineStart = Omit<ToEngine & { readonly type: 'start' }, 'type'>;

/** How long the process may take to end by itself. */
const END_MS = 3_000;

/**
 * Our engine in a process of its own. A thread would do for the heap, but its processor time, its resident memory and its
 * collector's pauses would be counted with the simulator's.
 */
export class EngineChild implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #clock: Clock;
  #exited = false;

  /** `execArgv`: options of Node, such as `--expose-gc`. */
  constructor(clock: Clock, execArgv: readonly string[] = []) {
    const file = new URL(`./engine-process${extname(import.meta.url)}`, import.meta.url);
    this.#clock = clock;
    this.#process = fork(fileURLToPath(file), [], {
      execArgv: [...execArgv],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#process.once('exit', () => {
      this.#exited = true;
    });
  }

  /** Connects it to the switch; resolves when it has heard of everything that is up. */
  async start(where: EngineStart): Promise<{ readonly url: string; readonly token: string }> {
    const { url, token } = await this.#ask({ type: 'start', ...where }, 'ready');
    return { url, token };
  }

  sample(collect = false): Promise<EngineSample> {
    return this.#ask({ type: 'sample', collect }, 'sample');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#exited) return;
    const exited = new Promise<void>((resolve) => this.#process.once('exit', () => resolve()));
    if (this.#process.connected) this.#process.disconnect();
    const cancel = this.#clock.setTimer(() => void this.#process.kill('SIGKILL'), END_MS);
    await exited;
    cancel();
  }

  #ask<T extends 'ready' | 'sample'>(message: ToEngine, wanted: T): Promise<FromEngine & { readonly type: T }> {
    return new Promise((resolve, reject) => {
      const done = (end: () => void): void => {
        this.#process.off('message', onMessage);
        this.#process.off('exit', onExit);
        end();
      };
      const onMessage = (answer: FromEngine): void => {
        if (answer.type === wanted) done(() => resolve(answer as FromEngine & { readonly type: T }));
        else if (answer.type === 'failed') done(() => reject(broken(answer.message)));
      };
      const onExit = (code: number | null): void => done(() => reject(broken(`it ended with ${code}`)));
      this.#process.on('message', onMessage);
      this.#process.on('exit', onExit);
      if (this.#exited || !this.#process.connected) onExit(this.#process.exitCode);
      else this.#process.send(message, (error) => error && done(() => reject(broken(error.message))));
    });
  }
}

const broken = (why: string): OffhookError =>
  new OffhookError('internal', `The engine's process did not do what it should: ${why}.`, {
    remedy: 'Run the same without --with-engine, and `offhook run` with a configuration for this switch beside it.',
  });
