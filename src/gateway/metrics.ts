import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Clock } from '../domain/clock.ts';
import type { CommandType } from '../domain/command.ts';
import { ERROR_CODES } from '../domain/error.ts';
import type { EngineEvent } from '../domain/journal.ts';
import type { Engine } from '../engine/engine.ts';
import type { SnapshotReason } from './protocol.ts';
import { CALL_TYPE_PREFIX, LINE_TYPE, LINK_TYPE } from './protocol.ts';
import { WIRE_CALL_STATES, WIRE_LINE_STATES, WIRE_LINK_STATES } from './wire/vocabulary.ts';

/** What a metric needs to know of a subscription. */
interface Watched {
  readonly transport: 'websocket' | 'sse';
  readonly bufferedBytes: number;
}

const known: ReadonlySet<string> = new Set(ERROR_CODES);

/**
 * The gateway's Prometheus metrics. Label values come from closed lists and from the names of links in the
 * configuration: no numbers, no names, nothing that a caller can choose.
 */
export class GatewayMetrics {
  readonly registry: Registry;
  readonly #clock: Clock;
  readonly #events: Counter<'type'>;
  readonly #latency: Histogram;
  readonly #snapshots: Counter<'reason'>;
  readonly #slow: Counter<'transport'>;
  readonly #commands: Counter<'command' | 'result'>;
  readonly #refused: Counter<'code'>;
  #subscriptions: ReadonlySet<Watched> = new Set();

  constructor(engine: Engine, clock: Clock, registry: Registry = new Registry()) {
    this.registry = registry;
    this.#clock = clock;
    const registers = [registry];
    this.#events = new Counter({
      name: 'offhook_events_total',
      help: 'Entries of the event log, by CloudEvents type.',
      labelNames: ['type'],
      registers,
    });
    this.#latency = new Histogram({
      name: 'offhook_event_delivery_seconds',
      help: 'From the time of an entry to the moment when it was handed to every subscriber.',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
      registers,
    });
    this.#snapshots = new Counter({
      name: 'offhook_snapshots_total',
      help: 'Snapshots sent to subscribers, by reason.',
      labelNames: ['reason'],
      registers,
    });
    this.#slow = new Counter({
      name: 'offhook_slow_consumers_total',
      help: 'How often a subscriber did not keep up and its deltas were dropped.',
      labelNames: ['transport'],
      registers,
    });
    this.#commands = new Counter({
      name: 'offhook_commands_total',
      help: 'Commands, by service and result: ok or an error code.',
      labelNames: ['command', 'result'],
      registers,
    });
    this.#refused = new Counter({
      name: 'offhook_requests_refused_total',
      help: 'Requests and connections refused at the door, by error code.',
      labelNames: ['code'],
      registers,
    });
    this.#gauges(engine, registers);
  }

  /** Counts an entry, and how long it took to reach the subscribers. */
  entry(entry: EngineEvent): void {
    const type =
      entry.kind === 'call' ? `${CALL_TYPE_PREFIX}${entry.event}` : entry.kind === 'line' ? LINE_TYPE : LINK_TYPE;
    this.#events.inc({ type });
    this.#latency.observe(Math.max(0, this.#clock.now() - entry.time) / 1000);
  }

  snapshotSent(reason: SnapshotReason): void {
    this.#snapshots.inc({ reason });
  }

  slowConsumer(transport: Watched['transport']): void {
    this.#slow.inc({ transport });
  }

  command(command: CommandType, result: string): void {
    this.#commands.inc({ command, result: result === 'ok' || known.has(result) ? result : 'other' });
  }

  refused(code: string): void {
    this.#refused.inc({ code: known.has(code) ? code : 'other' });
  }

  /** Tells which subscriptions to count. */
  watch(subscriptions: ReadonlySet<Watched>): void {
    this.#subscriptions = subscriptions;
  }

  #gauges(engine: Engine, registers: Registry[]): void {
    const gauge = (name: string, help: string, label: string, count: () => Map<string, number>): void => {
      new Gauge({
        name,
        help,
        labelNames: [label],
        registers,
        collect() {
          this.reset();
          for (const [value, number] of count()) this.set({ [label]: value }, number);
        },
      });
    };
    const live = WIRE_CALL_STATES.filter((state) => state !== 'cleared');
    gauge('offhook_calls', 'Live calls, by state.', 'state', () =>
      tally(
        live,
        engine
          .snapshot()
          .calls.filter((call) => call.state !== 'cleared')
          .map((call) => call.state),
      ),
    );
    gauge('offhook_lines', 'Lines, by state.', 'state', () =>
      tally(
        WIRE_LINE_STATES,
        engine.snapshot().lines.map((line) => line.state),
      ),
    );
    gauge('offhook_links', 'PBX links, by state.', 'state', () =>
      tally(
        WIRE_LINK_STATES,
        engine.snapshot().links.map((status) => status.state),
      ),
    );
    gauge('offhook_subscribers', 'Subscribers, by transport.', 'transport', () =>
      tally(
        ['websocket', 'sse'],
        [...this.#subscriptions].map(({ transport }) => transport),
      ),
    );
    const watched = () => this.#subscriptions;
    new Gauge({
      name: 'offhook_subscriber_buffered_bytes',
      help: 'Bytes that wait for slow subscribers, in all.',
      registers,
      collect() {
        let bytes = 0;
        for (const { bufferedBytes } of watched()) bytes += bufferedBytes;
        this.set(bytes);
      },
    });
  }
}

function tally(keys: readonly string[], values: readonly string[]): Map<string, number> {
  const counts = new Map(keys.map((key): [string, number] => [key, 0]));
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
