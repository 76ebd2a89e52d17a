import { officeConfigOf } from '../../../simulators/play/office-config.ts';
import { simulatedPace } from '../../../simulators/play/pace.ts';
import { type Live, Performer } from '../../../simulators/play/performer.ts';
import type { SimulatedSwitch } from '../../../simulators/play/simulated-switch.ts';
import type { Scenario, Step } from '../../../simulators/scenario/scenario.ts';
import type { DialectName } from '../../../simulators/sip/dialect.ts';
import type { Payload } from './compare.ts';
import { Stage } from './stage.ts';

/** What a program was told that watches every line and is a second device of each. */
export interface Played {
  readonly log: readonly Payload[];
  readonly numbers: readonly string[];
}

/** Plays a scenario on the simulator without a socket. */
export async function playSip(
  scenario: Scenario,
  dialect: DialectName,
  steps?: (live: Live) => Iterable<Step>,
): Promise<Played> {
  const stage = new Stage({ dialect, office: officeConfigOf(scenario) });
  const { exchange } = stage.pbx.model;
  const numbers = [...exchange.office.extensions.keys()];
  for (const number of numbers) attend(stage, number);
  stage.wait();
  const pbx: SimulatedSwitch = {
    kind: 'sip',
    host: '',
    port: 0,
    model: stage.pbx.model,
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
  const pace = simulatedPace(stage.clock);
  using performer = new Performer(scenario, { pbx, client, pace, ...(steps ? { steps } : {}) });
  await pace.run(() => performer.play());
  stage.clock.advance(60_000);
  exchange.act(() => {
    for (const leg of [...exchange.legs]) exchange.hangUp(leg, { cause: 16 });
  });
  stage.clock.advance(1_000);
  stage.close();
  return { log: stage.app.log, numbers };
}

/** Registers for a line and watches it. */
function attend({ app }: Stage, number: string): void {
  const own = `sip:${number}@pbx.test`;
  const contact = `<sip:${number}-cti@127.0.50.2:5060>`;
  const headers = { From: `<${own}>`, To: `<${own}>`, Contact: `${contact};expires=3600` };
  app.request('REGISTER', 'sip:pbx.test', { user: number, headers });
  app.subscribe(own, own, { user: number, expires: 3_600 });
}
