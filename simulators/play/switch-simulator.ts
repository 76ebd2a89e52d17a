import { type Clock, systemClock } from '../../src/domain/clock.ts';
import type { Logger } from '../../src/domain/logger.ts';
import { Absence } from '../link/absence.ts';
import { applyFault } from '../link/apply-fault.ts';
import { Conditions } from '../link/conditions.ts';
import { EventStage } from '../link/event-stage.ts';
import type { FaultySwitch, LinkTraffic } from '../link/faulty-switch.ts';
import type { ClientFlow } from '../link/flow.ts';
import type { LinkServer, LinkSession } from '../link/link-server.ts';
import { carryOver } from '../model/carry-over.ts';
import type { ModelPbx } from '../model/model-pbx.ts';
import type { OfficeConfig } from '../model/office.ts';
import type { CallRequest, PlacedCall } from '../model/people.ts';
import type { Habits, Telephone } from '../model/telephone.ts';
import { type Fault, SPECIAL_FAULTS, type SpecialFaultType } from '../scenario/fault.ts';
import { playScript, type Script } from './script.ts';
import type { SimulatedSwitch } from './simulated-switch.ts';

/** How a simulated switch is set up, whatever it speaks. Everything has a default. */
export interface SwitchSimulatorOptions extends OfficeConfig {
  /** @default the machine's clock */
  readonly clock?: Clock;
  /** @default '127.0.0.1' */
  readonly host?: string;
  /** @default 0: any free port */
  readonly port?: number;
  /** What people outside do when they are called. @default they let it ring */
  readonly outside?: Partial<Habits>;
  /** What is wrong from the start. @default nothing */
  readonly faults?: readonly Fault[];
  /** Numbers from 0 to below 1, for faults that differ from time to time. @default always 0.5 */
  readonly random?: () => number;
  readonly logger?: Logger;
}

/** A switch that runs, until it is halted: then all calls end without a word. */
export interface RunningSwitch {
  readonly model: ModelPbx;
  halt(): void;
}

/** A model PBX that speaks a protocol to any client. Who derives from it says which. */
export abstract class SwitchSimulator<H extends object, S extends LinkSession>
  implements SimulatedSwitch, FaultySwitch
{
  abstract readonly kind: string;
  /** The address of the interface that it listens on. */
  readonly host: string;
  protected readonly clock: Clock;
  protected readonly conditions = new Conditions();
  protected readonly stage: EventStage;
  protected abstract readonly server: LinkServer<H, S>;
  readonly #wanted: SwitchSimulatorOptions;
  readonly #stops = new Set<() => void>();
  readonly #restartListeners = new Set<() => void>();
  readonly #absence: Absence;
  #switch!: RunningSwitch;
  #boots = 0;
  #port = 0;

  constructor(options: SwitchSimulatorOptions) {
    this.#wanted = options;
    this.clock = options.clock ?? systemClock;
    this.host = options.host ?? '127.0.0.1';
    this.stage = new EventStage(this.conditions, this.clock, options.random ?? (() => 0.5));
    this.#absence = new Absence(this.clock);
  }

  /** Starts a switch and lets the server serve it. `boots`: how often there was one before. */
  protected abstract boot(boots: number): RunningSwitch;

  /** Tells so many events that are no calls; returns how to stop. */
  protected abstract burst(events: number): () => void;

  /** The faults that it has beside those that every switch has. */
  protected get ownFaults(): readonly SpecialFaultType[] {
    return [];
  }

  /** Sends clients bytes that are no message, if it has that fault. */
  protected garble(): void {}

  /** The port for plain TCP. */
  get port(): number {
    return this.#port;
  }

  /** How many clients are connected. */
  get connections(): number {
    return this.server.sessions.length;
  }

  /** The names of the users who are logged in. */
  get loggedIn(): string[] {
    return this.server.sessions.map(({ username }) => username).filter((name) => name !== undefined);
  }

  /** What was written to each client that is connected, and how it keeps up. */
  get flow(): ClientFlow[] {
    return this.server.sessions.map(({ flow }) => flow);
  }

  /** The model behind it, for what has no word of its own here. */
  get model(): ModelPbx {
    return this.#switch.model;
  }

  /** What the bytes of each connection have come to. */
  traffic(): readonly LinkTraffic[] {
    return this.server.traffic();
  }

  /** Opens the port. Rejects with `RangeError` for a fault with a number that cannot be. */
  async start(): Promise<void> {
    this.#switch = this.boot(this.#boots++);
    for (const fault of this.#wanted.faults ?? []) this.apply(fault);
    this.#port = await this.server.listen(this.#port || (this.#wanted.port ?? 0));
  }

  /** Ends all calls without a word and closes everything; leaves no timer and no socket. */
  async stop(): Promise<void> {
    this.#halt();
    this.#absence.giveUp();
    this.stage.clear();
    await this.server.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Somebody places a call: from outside, or from an extension. */
  call(request: CallRequest): PlacedCall {
    return this.model.people.call(request);
  }

  /** A telephone of the office. */
  phone(number: string): Telephone {
    return this.model.people.phone(number);
  }

  /** The telephone of somebody outside, by the number that is dialled to reach them. */
  outside(number: string): Telephone {
    return this.model.people.outside(number);
  }

  /** Plays a script; returns how to stop it. */
  play(script: Script): () => void {
    const stop = playScript(this, this.clock, script);
    this.#stops.add(stop);
    return () => {
      this.#stops.delete(stop);
      stop();
    };
  }

  /** Cuts all connections, in the middle of whatever they are. */
  dropConnections(): void {
    this.server.dropAll();
  }

  /** All connections stay open, but nothing is sent or answered on them any more, as when a machine loses its power. */
  halfOpen(): void {
    for (const session of this.server.sessions) session.silence();
  }

  /**
   * Ends all calls without a word, cuts all connections, and is there again after a while on the same ports, with no call,
   * new ids and the same telephones; resolves then. Connections that are made while it is away are reset at once.
   */
  restart(awayMs = 0): Promise<void> {
    this.#halt();
    this.server.serve(undefined);
    this.server.dropAll();
    this.stage.clear();
    return this.#absence.begin(awayMs, () => {
      const { model } = this;
      this.#switch = this.boot(this.#boots++);
      carryOver(model, this.model);
      for (const listener of [...this.#restartListeners]) listener();
    });
  }

  /** Told after each restart, when the model is another one. Returns how to stop listening. */
  onRestart(listener: () => void): () => void {
    this.#restartListeners.add(listener);
    return () => void this.#restartListeners.delete(listener);
  }

  apply(fault: Fault): () => void {
    const special = SPECIAL_FAULTS.find((type) => type === fault.type);
    if (special && !this.ownFaults.includes(special))
      throw new RangeError(`${fault.type}: a switch of the kind ${this.kind} does not have it`);
    return applyFault(fault, this.conditions, {
      restart: (awayMs) => void this.restart(awayMs),
      burst: (events) => this.#stops.add(this.burst(events)),
      garble: () => this.garble(),
    });
  }

  /** Everything of the switch ends but its ports. */
  #halt(): void {
    for (const stop of this.#stops) stop();
    this.#stops.clear();
    this.#switch.halt();
  }
}
