import type { Clock } from '../../src/domain/clock.ts';
import type { Conditions } from '../link/conditions.ts';
import type { EventStage } from '../link/event-stage.ts';
import { createModelPbx, type ModelPbx } from '../model/model-pbx.ts';
import type { RunningSwitch } from '../play/switch-simulator.ts';
import type { AmiHost } from './action.ts';
import type { AmiEvent, AsteriskVersion, EventContext } from './event-context.ts';
import type { AsteriskSimulatorOptions } from './index.ts';
import type { Header } from './message.ts';
import { ChannelNames, noteOrigin } from './names.ts';
import { PastAnswers } from './past-answers.ts';
import { imitateRelease } from './release.ts';
import { createRenderer } from './renderer.ts';
import { Snapshots } from './snapshots.ts';

/** More serial numbers than a switch gives in a second. */
const SERIALS_OF_A_BOOT = 10_000;

/** What a switch boots with. */
export interface BootOptions {
  readonly clock: Clock;
  readonly version: AsteriskVersion;
  readonly options: AsteriskSimulatorOptions;
  readonly conditions: Conditions;
  readonly stage: EventStage;
  /** How often it has booted before. */
  readonly boots: number;
  /** Tells an event to everybody who may see it. */
  readonly tell: (event: AmiEvent) => void;
}

/** A switch that runs, until it is halted: a model, and how it is told. */
export class BootedSwitch implements RunningSwitch {
  readonly host: AmiHost;
  readonly #conditions: Conditions;
  readonly #stopListening: () => void;
  readonly #past: PastAnswers;

  constructor({ clock, version, options, conditions, stage, boots, tell }: BootOptions) {
    this.#conditions = conditions;
    const pbx = createModelPbx(clock, options, {
      outsideHabits: options.outside ?? {},
      nameFromOutside: quotedPairs,
    });
    const { exchange } = pbx;
    // Ids have the second in them: what restarts within one must not give the same ones again.
    exchange.skipSerials(boots * SERIALS_OF_A_BOOT);
    imitateRelease(exchange, version);
    const snapshots = new Snapshots(new ChannelNames(), options.channelVariables ?? []);
    const skewMs = (): number => conditions.current.skewMs;
    const timeNow = (): number => clock.now() + skewMs();
    const { systemName } = options;
    const own: readonly Header[] = systemName === undefined ? [] : [['SystemName', systemName]];
    const broadcast = (event: AmiEvent): void =>
      tell(systemName === undefined ? event : { ...event, headers: [...own, ...event.headers] });
    const out: EventContext['out'] = (name, eventClass, headers) => broadcast({ name, class: eventClass, headers });
    const host = { pbx, snapshots, version, systemName, startedAt: clock.now(), stage, timeNow, broadcast };
    this.#past = new PastAnswers(clock, host);
    this.host = { ...host, past: this.#past };
    exchange.subscribe(
      (event) => event.type === 'legCreated' && noteOrigin(event.leg, { skewMs: skewMs(), systemName }),
    );
    exchange.subscribe(createRenderer({ x: exchange, snapshots, version, out }));
    exchange.subscribe((event) => event.type === 'legEnded' && snapshots.names.forget(event.leg));
    exchange.subscribe(() => this.#past.changed());
    this.#stopListening = conditions.onChange(() => this.#rememberIfStale());
    this.#rememberIfStale();
  }

  get model(): ModelPbx {
    return this.host.pbx;
  }

  /** All calls end without a word. */
  halt(): void {
    this.#stopListening();
    this.#past.stop();
    this.host.pbx.exchange.close();
  }

  #rememberIfStale(): void {
    if (this.#conditions.current.stale) this.#past.start();
    else this.#past.stop();
  }
}

/** chan_pjsip leaves the escapes of a SIP display name in it (RFC 3261 25.1, quoted-pair). */
const quotedPairs = (name: string): string => name.replace(/[\\"]/g, '\\$&');
