import type { EslEvent } from '../../../simulators/freeswitch-esl/event.ts';
import { headerOf } from '../../../simulators/freeswitch-esl/event.ts';
import { EslSwitch } from '../../../simulators/freeswitch-esl/switch.ts';
import { Conditions } from '../../../simulators/link/conditions.ts';
import type { Bridge } from '../../../simulators/model/bridge.ts';
import { officeConfigOf } from '../../../simulators/play/office-config.ts';
import { simulatedPace } from '../../../simulators/play/pace.ts';
import { type Live, Performer } from '../../../simulators/play/performer.ts';
import type { SimulatedSwitch } from '../../../simulators/play/simulated-switch.ts';
import type { Scenario, Step } from '../../../simulators/scenario/scenario.ts';
import { SimulatedClock } from '../../../src/domain/clock.ts';

/** What was told in a scenario, and where it was not what was so. */
export interface Played {
  readonly events: readonly EslEvent[];
  /** Moments at which the bridges that were told of are not those of the model. */
  readonly astray: readonly string[];
}

/** Plays a scenario on the simulator without a socket and without a client. */
export async function playFreeswitch(scenario: Scenario, steps?: (live: Live) => Iterable<Step>): Promise<Played> {
  const clock = new SimulatedClock(1_795_368_848_000);
  const events: EslEvent[] = [];
  const running = new EslSwitch({
    clock,
    office: officeConfigOf(scenario),
    outside: {},
    domain: 'pbx.test',
    conditions: new Conditions(),
    fire: (event) => events.push(event),
    onEnded: () => {},
    shutDown: () => {},
  });
  const { exchange } = running.model;
  const told = new Told();
  const astray: string[] = [];
  let seen = 0;
  exchange.onSettled(() => {
    for (; seen < events.length; seen++) told.take(events[seen]!);
    const real = [...exchange.bridges].filter(isCall).length;
    if (told.bridges !== real) astray.push(`${clock.now()}: ${told.bridges} bridges told of, ${real} there`);
  });
  const pbx: SimulatedSwitch = {
    kind: 'freeswitch',
    host: '',
    port: 0,
    model: running.model,
    loggedIn: [],
    traffic: () => [],
    apply: () => () => {},
    onRestart: () => () => {},
    dropConnections: () => {},
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const client = {
    name: 'nobody',
    connect: () => Promise.resolve(),
    isReady: () => true,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const pace = simulatedPace(clock);
  using performer = new Performer(scenario, { pbx, client, pace, ...(steps ? { steps } : {}) });
  await pace.run(() => performer.play());
  clock.advance(60_000);
  exchange.act(() => {
    for (const leg of [...exchange.legs]) exchange.hangUp(leg, { cause: 16 });
  });
  clock.advance(1_000);
  running.halt();
  return { events, astray };
}

const isCall = ({ kind, legs }: Bridge): boolean =>
  kind === 'basic' && legs.length === 2 && legs.every(({ state }) => state === 'up');

/** How many bridges there are, by what was told. Those during early media are none yet. */
class Told {
  readonly #pairs = new Map<string, readonly string[]>();
  readonly #answered = new Set<string>();

  get bridges(): number {
    return [...this.#pairs.values()].filter((pair) => pair.every((uuid) => this.#answered.has(uuid))).length;
  }

  take(event: EslEvent): void {
    const name = headerOf(event, 'Event-Name');
    const pair = [headerOf(event, 'Bridge-A-Unique-ID'), headerOf(event, 'Bridge-B-Unique-ID')];
    if (name === 'CHANNEL_ANSWER') this.#answered.add(headerOf(event, 'Unique-ID'));
    if (name === 'CHANNEL_BRIDGE') this.#pairs.set(pair.join('+'), pair);
    if (name === 'CHANNEL_UNBRIDGE') this.#pairs.delete(pair.join('+'));
  }
}
