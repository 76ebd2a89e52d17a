import { type Command, Option } from 'commander';
import { EXIT } from './exit-codes.ts';
import type { CliIo } from './io.ts';
import { parseDuration, parsePort } from './parse-options.ts';
import { collectScenarios, type FoundScenario } from './simulate/collect.ts';
import { jsonReporter } from './simulate/json-reporter.ts';
import { junitReporter } from './simulate/junit.ts';
import { type Outcome, sumUp } from './simulate/outcome.ts';
import type { Reporter } from './simulate/reporter.ts';
import { textReporter } from './simulate/text-reporter.ts';
import { openVenue, type Venue } from './simulate/venue.ts';
import { type CliContext, type CommonOptions, verb } from './verb.ts';

interface RunVerbOptions extends CommonOptions {
  readonly against: string;
  readonly client: 'engine' | 'none';
  readonly host: string;
  readonly port?: number;
  readonly username: string;
  readonly secret: string;
  readonly wait: number;
  readonly realTime?: true;
  readonly junit?: string;
  readonly timeline?: true;
  readonly quiet?: true;
  readonly printExpectations?: true;
  readonly failFast?: true;
}

/** `offhook simulate run`. Ends with 1 when a scenario failed or somebody ended it. */
export function simulateRunCommand({ io, exitWith }: CliContext): Command {
  return verb('run', 'play scenarios on a simulated PBX, and check what its client makes of them')
    .argument('<file...>', 'scenarios: files, folders, patterns in quotes')
    .option(
      '--against <switch>',
      'the PBX: asterisk, asterisk@16, freeswitch, sip, sip@kamailio, sip@freeswitch; real-asterisk, real-asterisk@16: a real one',
      'asterisk',
    )
    .addOption(
      new Option('--client <who>', 'who is connected: our own engine, or none: a program of yours, which you start')
        .choices(['engine', 'none'])
        .default('engine'),
    )
    .option('--host <address>', 'where the PBX listens', '127.0.0.1')
    .option('--port <port>', 'its port; default: any that is free, with --client none that of the switch', parsePort)
    .option('--username <name>', 'the user of the PBX', 'offhook')
    .option('--secret <text>', 'its secret', 'secret')
    .addOption(
      new Option('--wait <time>', 'with --client none: how long your program may take to log in')
        .argParser(parseDuration)
        .default(60_000, '60s'),
    )
    .option('--real-time', 'let time pass as it does; always so with --client none')
    .option('--timeline', 'print what happened in every scenario, not only in those that failed')
    .option('--quiet', 'print nothing of what passed, and no timelines')
    .option('--print-expectations', 'print what the lines were told as a block `expect:`, to read and to keep')
    .option('--fail-fast', 'stop at the first scenario that fails')
    .option('--junit <file>', 'write a report in the XML of JUnit')
    .action(async (paths: string[], options: RunVerbOptions) => {
      const all = await new ScenarioRun(options, io).play(await collectScenarios(paths));
      if (!all) exitWith(EXIT.failed);
    });
}

class ScenarioRun {
  readonly #options: RunVerbOptions;
  readonly #io: CliIo;
  readonly #reporters: readonly Reporter[];

  constructor(options: RunVerbOptions, io: CliIo) {
    const { json, username, timeline = false, quiet = false, printExpectations = false, junit, client } = options;
    const live = client === 'none';
    this.#options = options;
    this.#io = io;
    this.#reporters = [
      json === true
        ? jsonReporter(io, username)
        : textReporter(io, { username, timeline, quiet, printExpectations, live }),
      ...(junit === undefined ? [] : [junitReporter(junit)]),
    ];
  }

  /** Plays all, one after the other; tells whether all that could be played passed. */
  async play(scenarios: readonly FoundScenario[]): Promise<boolean> {
    const { failFast = false } = this.#options;
    const { stop, stderr } = this.#io;
    await using venue = await openVenue({
      ...this.#options,
      stop,
      waiting: (pbx) => this.#tell((reporter) => reporter.waiting?.(pbx)),
      log: (text) => void stderr.write(`${text}\n`),
    });
    const outcomes: Outcome[] = [];
    for (const found of scenarios) {
      const outcome = await this.#playOne(found, venue);
      if (outcome === undefined) break;
      outcomes.push(outcome);
      this.#tell((reporter) => reporter.ended?.(outcome));
      if (failFast && outcome.status === 'failed') break;
    }
    const summary = sumUp(venue.name, outcomes, scenarios.length);
    for (const reporter of this.#reporters) await reporter.summary?.(summary, outcomes);
    return summary.failed === 0 && summary.notRun === 0;
  }

  /** `undefined`: somebody ended the run. */
  async #playOne(found: FoundScenario, venue: Venue): Promise<Outcome | undefined> {
    const { stop } = this.#io;
    if (stop.aborted) return undefined;
    const reason = venue.whyNot(found.scenario);
    if (reason !== undefined) return { ...found, status: 'skipped', reason };
    this.#tell((reporter) => reporter.began?.(found));
    try {
      const result = await venue.play(found.scenario, (entry) =>
        this.#tell((reporter) => reporter.entry?.(found, entry)),
      );
      return { ...found, status: result.passed ? 'passed' : 'failed', result };
    } catch (error) {
      if (stop.aborted) return undefined;
      throw error;
    }
  }

  #tell(tell: (reporter: Reporter) => void): void {
    for (const reporter of this.#reporters) tell(reporter);
  }
}
