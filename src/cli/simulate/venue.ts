import type { SimulatedSwitch } from '../../../simulators/play/simulated-switch.ts';
import type { TimelineEntry } from '../../../simulators/play/timeline.ts';
import type { Scenario } from '../../../simulators/scenario/scenario.ts';
import { OffhookError } from '../../domain/error.ts';
import { type RunResult, runScenario } from '../../testing/run-scenario.ts';
import { type Reach, switchNamed } from '../../testing/switches.ts';
import { listenError } from '../start-simulator.ts';
import { awaitedProgram } from './own-program.ts';
import { whyNot } from './why-not.ts';

/** Where scenarios are played. */
export interface Venue extends AsyncDisposable {
  /** `asterisk@22`. */
  readonly name: string;
  /** Why a scenario cannot be played there; `undefined`: it can. */
  whyNot(scenario: Scenario): string | undefined;
  play(scenario: Scenario, onEntry: (entry: TimelineEntry) => void): Promise<RunResult>;
}

/** What a venue is asked for. */
export interface VenueOptions extends Required<Omit<Reach, 'port'>> {
  readonly against: string;
  readonly client: 'engine' | 'none';
  readonly port?: number;
  readonly realTime?: true;
  /** How long the user's own program may take to log in. Milliseconds. */
  readonly wait: number;
  readonly stop: AbortSignal;
  /** Told of a simulated switch that waits for the user's own program. */
  readonly waiting: (pbx: SimulatedSwitch) => void;
  /** Told what goes on while a real switch is made ready. */
  readonly log: (text: string) => void;
}

/** Makes a venue ready. Throws `cli.usage` for one that there is not, or that cannot be had on this machine. */
export async function openVenue(options: VenueOptions): Promise<Venue> {
  const real = /^real-asterisk(?:@(22|16))?$/.exec(options.against);
  return real === null ? simulated(options) : await realAsterisk((real[1] ?? '22') as '22' | '16', options);
}

function simulated({ against, client, host, port, wait, stop, waiting, realTime, ...reach }: VenueOptions): Venue {
  const { kind, variant } = switchNamed(against);
  const isOwn = client === 'none';
  const at = { host, port: port ?? (isOwn ? kind.port : 0) };
  return {
    name: `${kind.kind}@${variant}`,
    whyNot: (scenario) => whyNot(scenario, kind.kind, client),
    async play(scenario, onEntry) {
      try {
        return await runScenario(scenario, {
          ...{ ...reach, ...at, against, onEntry, signal: stop },
          ...(realTime === undefined ? {} : { realTime }),
          ...(isOwn ? awaitedProgram(scenario, { waitMs: wait, signal: stop, waiting }) : {}),
        });
      } catch (error) {
        throw (error as NodeJS.ErrnoException).syscall === 'listen' ? listenError(error, at.host, at.port) : error;
      }
    },
    async [Symbol.asyncDispose]() {},
  };
}

async function realAsterisk(version: '22' | '16', { client, log }: VenueOptions): Promise<Venue> {
  if (client === 'none')
    throw new OffhookError('cli.usage', 'On a real Asterisk, the engine is connected.', { field: '--client' });
  // Most who play scenarios do without it.
  const { RealAsterisk } = await import('../../testing/real-asterisk.ts');
  const asterisk = await RealAsterisk.start(version, log).catch((cause: Error) => {
    throw new OffhookError('cli.usage', `A real Asterisk cannot be had here: ${cause.message}`, {
      cause,
      field: '--against',
      remedy: 'It needs Linux with apt, dpkg-deb and a Debian mirror; --against asterisk needs nothing.',
    });
  });
  return {
    name: asterisk.name,
    whyNot: (scenario) => asterisk.whyNot(scenario),
    play: (scenario, onEntry) => asterisk.play(scenario, { onEntry }),
    [Symbol.asyncDispose]: () => asterisk[Symbol.asyncDispose](),
  };
}
