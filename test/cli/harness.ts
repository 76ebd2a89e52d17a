import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { AsteriskSimulatorOptions } from '../../simulators/index.ts';
import { createAsteriskSimulator } from '../../simulators/index.ts';
import { asteriskAmi } from '../../src/adapters/asterisk-ami/index.ts';
import { DEMO_LINES, DEMO_OFFICE, DEMO_PLAN } from '../../src/cli/demo/office.ts';
import { announce } from '../../src/cli/gateway-client/runtime-file.ts';
import type { CliIo } from '../../src/cli/io.ts';
import { main } from '../../src/cli/main.ts';
import { startSystem } from '../../src/cli/system.ts';
import { systemClock } from '../../src/domain/clock.ts';
import { silentLogger } from '../../src/domain/logger.ts';
import { LocalIndex } from '../../src/recognition/index.ts';

// biome-ignore lint/suspicious/noExplicitAny: what a command prints is judged by expectations, not by types.
type Loose = any;

/** What a command printed and ended with. */
export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** stdout as one JSON document. */
  readonly json: Loose;
}

/** A folder that goes away with the test. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'offhook-cli-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A command that runs. */
export interface Running {
  readonly done: Promise<Outcome>;
  readonly io: CliIo;
  /** What it has printed so far. */
  out(): string;
  err(): string;
  stop(): void;
}

/** Starts a command in this process, with an environment of its own. */
export function start(argv: readonly string[], env: Record<string, string> = {}): Running {
  const controller = new AbortController();
  let out = '';
  let err = '';
  const io: CliIo = {
    stdout: {
      write: (text) => {
        out += text;
      },
    },
    stderr: {
      write: (text) => {
        err += text;
      },
    },
    stdin: { on() {}, off() {}, resume() {}, pause() {} },
    env: { XDG_RUNTIME_DIR: env.XDG_RUNTIME_DIR ?? folder(), ...env },
    clock: systemClock,
    stop: controller.signal,
  };
  const done = main(argv, io).then((code) => ({
    code,
    out,
    err,
    get json() {
      return JSON.parse(out);
    },
  }));
  return { done, io, out: () => out, err: () => err, stop: () => controller.abort() };
}

/** Runs a command to its end. */
export function run(argv: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
  return start(argv, env).done;
}

/** Waits, looking often, until something holds; fails after five seconds. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('it never came to that');
}

/** A simulated Asterisk that is stopped when the test ends. */
export async function simulator(options: AsteriskSimulatorOptions = {}) {
  const pbx = await createAsteriskSimulator({ ...DEMO_OFFICE, outside: { autoAnswerMs: 50 }, ...options });
  onTestFinished(() => pbx.stop());
  return pbx;
}

/** A simulated office behind a gateway that is announced to `env`. */
export async function office() {
  const pbx = await simulator();
  const index = new LocalIndex();
  index.upsert(
    [
      {
        id: 'c-1',
        source: 'test',
        name: 'Carol Customer',
        organisation: 'Customer & Sons Ltd',
        numbers: [{ raw: '+442079460991', e164: '+442079460991' }],
      },
    ],
    0,
  );
  const connect = { host: '127.0.0.1', port: pbx.port, username: 'offhook', secret: 'secret' };
  const token = 'a-token-of-the-tests';
  const system = await startSystem({
    adapters: [
      asteriskAmi({ link: 'pbx', connect, context: 'internal', remoteControl: DEMO_LINES.map((line) => line.device) }),
    ],
    lines: DEMO_LINES,
    plan: DEMO_PLAN,
    index,
    gateway: { port: 0, tokens: [{ token, name: 'test' }] },
    clock: systemClock,
    logger: silentLogger,
  });
  onTestFinished(async () => {
    await system[Symbol.asyncDispose]();
    index.close();
  });
  const env = { XDG_RUNTIME_DIR: folder() };
  announce(env, { url: system.gateway.url, token, pid: process.pid });
  const { engine, gateway } = system;
  await until(() => engine.snapshot().links[0]?.state === 'up');
  /** Waits until a line is in a state. */
  const line = (device: string, state: string) => until(() => engine.line(device)?.state === state);
  return { pbx, engine, gateway, env, token, line };
}
