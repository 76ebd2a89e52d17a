import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AmiRecorder } from './ami-recorder.ts';
import { type ConfigurationOptions, type Ports, writeConfiguration } from './configuration.ts';
import { type AsteriskRelease, type Installation, inPath, installAsterisk, type Say } from './install.ts';

/** How to start an Asterisk. */
export interface AsteriskOptions extends ConfigurationOptions {
  /** Default `22`. */
  readonly version?: AsteriskRelease;
  /** Told what the rig does; never a secret. Default: nobody. */
  readonly log?: Say;
  /** Finds ports that are free. Default: asks the kernel. */
  readonly choosePorts?: () => Promise<Ports>;
}

/** A running Asterisk. It ends when it is disposed of, and with this process at the latest. */
export interface Asterisk extends AsyncDisposable {
  /** The release: `22`, `16`. */
  readonly version: AsteriskRelease;
  /** The version in full, as Debian names it. */
  readonly packageVersion: string;
  readonly host: string;
  readonly amiPort: number;
  /** The manager user that sees everything and may do everything; others are in `templates/manager.conf`. */
  readonly user: string;
  readonly secret: string;
  /** SIP over UDP and TCP. */
  readonly sipPort: number;
  /** ARI (user `cti`, password `cti-secret`) and SIP over WebSocket. */
  readonly httpPort: number;
  /** Where calls to the outside go to, and calls from outside come from. */
  readonly trunk: { readonly host: string; readonly port: number };
  readonly pid: number;
  /** The log so far, for the message of a test that fails. */
  readLog(): Promise<string>;
  /** Ends it at once, as a power cut does: for tests of lost links. */
  kill(): Promise<void>;
  /** Ends it in order. Harmless when it has ended. */
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;

const START_TRIES = 3;

/** What the switch says of a port that it cannot have. */
const TAKEN = /Address already in use/;

/** Installs on first use, starts, and resolves when the manager interface answers; some two seconds. */
export async function startAsterisk(options: AsteriskOptions = {}): Promise<Asterisk> {
  const { version = '22', log = () => {}, choosePorts = freePorts } = options;
  const installation = await installAsterisk(version, log);
  for (let tries = 1; ; tries++) {
    try {
      return await startOn(await choosePorts(), installation, options);
    } catch (error) {
      if (tries === START_TRIES || !(error instanceof PortTaken)) throw error;
      log(`Asterisk ${version}: ${error.message}; once more on other ports`);
    }
  }
}

/** Somebody else has taken a port between our look at it and the switch's. */
class PortTaken extends Error {}

async function startOn(ports: Ports, installation: Installation, options: AsteriskOptions): Promise<Asterisk> {
  const { version = '22', log = () => {} } = options;
  // Not in the cache folder: the path of the control socket may have no more than 107 characters.
  const folder = await mkdtemp(join(tmpdir(), 'offhook-pbx-'));
  const main = await writeConfiguration(folder, installation, ports, options);
  const command = [installation.command, ...installation.commandArguments, '-f', '-n', '-C', main];
  // The kernel ends it with us, even when nobody gets to dispose of it.
  if (inPath('setpriv')) command.unshift('setpriv', '--pdeathsig', 'KILL', '--');
  const [program = '', ...rest] = command;
  const console = await open(join(folder, 'log', 'console'), 'w');
  const child = spawn(program, rest, {
    stdio: ['ignore', console.fd, console.fd],
    env: { ...process.env, ...installation.environment },
  });
  await console.close();
  const instance = new Instance(version, installation.packageVersion, ports, folder, child);
  try {
    await instance.ready();
  } catch (error) {
    if (error instanceof PortTaken) {
      await instance.kill();
      throw error;
    }
    const end = (await instance.readLog()).split('\n').slice(-20).join('\n');
    await instance.kill();
    throw new Error(`Asterisk ${version} does not start: ${(error as Error).message}\n${end}`, { cause: error });
  }
  log(`Asterisk ${installation.packageVersion} is up: AMI ${ports.ami}, SIP ${ports.sip}`);
  return instance;
}

class Instance implements Asterisk {
  readonly host = '127.0.0.1';
  readonly user = 'cti';
  readonly secret = 'cti-secret';
  readonly version: AsteriskRelease;
  readonly packageVersion: string;
  readonly amiPort: number;
  readonly sipPort: number;
  readonly httpPort: number;
  readonly trunk: { readonly host: string; readonly port: number };
  readonly #folder: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #failure: Error | undefined;

  constructor(version: AsteriskRelease, packageVersion: string, ports: Ports, folder: string, child: ChildProcess) {
    this.version = version;
    this.packageVersion = packageVersion;
    this.amiPort = ports.ami;
    this.sipPort = ports.sip;
    this.httpPort = ports.http;
    this.trunk = { host: '127.0.0.2', port: ports.trunk };
    this.#folder = folder;
    this.#child = child;
    child.once('error', (error) => {
      this.#failure = error;
    });
    this.#ended = new Promise((resolve) => {
      child.once('exit', resolve);
      child.once('error', resolve);
    });
    process.once('exit', this.#onExit);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Resolves when all modules are there and the manager interface lets us in. */
  async ready(): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT_MS;
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#child.exitCode !== null) throw new Error(`it ended with status ${this.#child.exitCode}`);
      const isBooted = await this.#isBooted().catch(() => false);
      if (TAKEN.test(await this.readLog())) throw new PortTaken('a port was taken meanwhile');
      if (isBooted) return;
      if (Date.now() > deadline) throw new Error(`no answer within ${START_TIMEOUT_MS} ms`);
      await delay(100);
    }
  }

  async readLog(): Promise<string> {
    const parts = ['console', 'full'].map((name) => readFile(join(this.#folder, 'log', name), 'utf8').catch(() => ''));
    return (await Promise.all(parts)).join('');
  }

  async kill(): Promise<void> {
    this.#killNow();
    await this.#gone();
  }

  async stop(): Promise<void> {
    const asked = await this.#askToStop().catch(() => false);
    if (!asked) this.#child.kill('SIGTERM');
    const late = setTimeout(this.#killNow, 5000);
    await this.#gone();
    clearTimeout(late);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #isBooted(): Promise<boolean> {
    if (!(await answers(this.amiPort))) return false;
    const control = await new AmiRecorder(() => 0).open(this.amiPort);
    try {
      await control.login(this.user, this.secret);
      await control.until('FullyBooted', () => control.messages.some(([, raw]) => raw.includes('FullyBooted')));
      return true;
    } finally {
      await control.close();
    }
  }

  async #askToStop(): Promise<boolean> {
    if (this.#child.exitCode !== null || !(await answers(this.amiPort))) return false;
    const control = await new AmiRecorder(() => 0).open(this.amiPort);
    await control.login(this.user, this.secret, { Events: 'off' });
    control.write('Action: Command\r\nCommand: core stop now\r\n\r\n');
    await Promise.race([this.#ended, delay(3000)]);
    await control.close();
    return this.#child.exitCode !== null;
  }

  async #gone(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.#ended;
    process.off('exit', this.#onExit);
    await rm(this.#folder, { recursive: true, force: true });
  }

  #killNow = (): void => {
    this.#child.kill('SIGKILL');
  };

  #onExit = (): void => {
    this.#killNow();
    rmSync(this.#folder, { recursive: true, force: true });
  };
}

/** True when something listens there. */
async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Ports that were free a moment ago. */
export async function freePorts(): Promise<Ports> {
  const ami = await freeTcpPort();
  const http = await freeTcpPort();
  const trunk = await freeUdpPort('127.0.0.2');
  // Audio below the range from which the kernel hands out ports; even numbers, as RTP has it (RFC 3550 11).
  const rtp = 10_000 + 2 * Math.floor(Math.random() * 10_000);
  for (let tries = 0; tries < 50; tries++) {
    const sip = await freeTcpPort();
    if (await freeUdpPort('127.0.0.1', sip).catch(() => undefined)) return { ami, http, trunk, rtp, sip };
  }
  throw new Error('no port is free for SIP');
}

async function freeTcpPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function freeUdpPort(host: string, wanted = 0): Promise<number> {
  const socket = createSocket('udp4');
  try {
    await new Promise<void>((resolve, reject) => socket.once('error', reject).bind(wanted, host, resolve));
    return socket.address().port;
  } finally {
    socket.close();
  }
}
