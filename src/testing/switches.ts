import { createAsteriskSimulator } from '../../simulators/asterisk-ami/index.ts';
import { createFreeswitchSimulator } from '../../simulators/freeswitch-esl/index.ts';
import { officeConfigOf } from '../../simulators/play/office-config.ts';
import type { SimulatedSwitch } from '../../simulators/play/simulated-switch.ts';
import type { Scenario } from '../../simulators/scenario/scenario.ts';
import type { DialectName } from '../../simulators/sip/dialect.ts';
import { createSipSimulator } from '../../simulators/sip/index.ts';
import type { Clock } from '../domain/clock.ts';
import { OffhookError } from '../domain/error.ts';
import type { Logger } from '../domain/logger.ts';
import { asteriskEngine } from './asterisk-engine.ts';
import type { EngineClient } from './engine-client.ts';
import { freeswitchEngine } from './freeswitch-engine.ts';
import { sipEngine } from './sip-engine.ts';

/** Where a simulated switch listens, and who may log in. */
export interface Reach {
  /** @default '127.0.0.1' */
  readonly host?: string;
  /** @default 0: any free port */
  readonly port?: number;
  /** @default 'offhook' */
  readonly username?: string;
  /** @default 'secret' */
  readonly secret?: string;
}

/** What a switch is started with. */
export interface SwitchOptions extends Reach {
  readonly scenario: Scenario;
  readonly clock: Clock;
  /** The release to imitate, one of the kind's `variants`. */
  readonly variant: string;
  readonly logger?: Logger;
}

/** A kind of switch that scenarios can be played on. */
export interface SwitchKind {
  readonly kind: string;
  /** The releases that it can imitate; the first is the default. */
  readonly variants: readonly string[];
  /** The port at which programs look for such a switch. */
  readonly port: number;
  start(options: SwitchOptions): Promise<SimulatedSwitch>;
  /** Our engine with the adapter for this kind, connected to nothing yet. */
  engine(pbx: SimulatedSwitch, options: SwitchOptions): EngineClient;
}

/** Who may log in by default. */
export const USER = { username: 'offhook', secret: 'secret' };

const asterisk: SwitchKind = {
  kind: 'asterisk',
  variants: ['22', '16'],
  port: 5038,
  start({ scenario, clock, variant, host, port, username = USER.username, secret = USER.secret, logger }) {
    return createAsteriskSimulator({
      ...officeConfigOf(scenario),
      clock,
      version: variant as '22' | '16',
      users: [{ username, secret }],
      ...(host === undefined ? {} : { host }),
      ...(port === undefined ? {} : { port }),
      ...(logger === undefined ? {} : { logger }),
    });
  },
  engine(pbx, { clock, username = USER.username, secret = USER.secret, logger }) {
    const lines = [...pbx.model.exchange.office.extensions.keys()];
    const { host, port } = pbx;
    return asteriskEngine({
      ...{ host, port, username, secret, lines, remoteControl: lines, clock },
      ...(logger === undefined ? {} : { logger }),
    });
  },
};

const freeswitch: SwitchKind = {
  kind: 'freeswitch',
  variants: ['1.10'],
  port: 8021,
  start({ scenario, clock, host, port, secret = USER.secret, logger }) {
    return createFreeswitchSimulator({
      ...officeConfigOf(scenario),
      clock,
      password: secret,
      ...(host === undefined ? {} : { host }),
      ...(port === undefined ? {} : { port }),
      ...(logger === undefined ? {} : { logger }),
    });
  },
  engine(pbx, { clock, secret = USER.secret, logger }) {
    const lines = [...pbx.model.exchange.office.extensions.keys()];
    const { host, port } = pbx;
    return freeswitchEngine({
      ...{ host, port, secret, lines, remoteControl: lines, clock },
      ...(logger === undefined ? {} : { logger }),
    });
  },
};

const sip: SwitchKind = {
  kind: 'sip',
  variants: ['asterisk', 'freeswitch', 'kamailio'],
  port: 9022,
  start({ scenario, clock, variant, host, port, secret = USER.secret, logger }) {
    return createSipSimulator({
      ...officeConfigOf(scenario),
      clock,
      secret,
      password: secret,
      dialect: variant as DialectName,
      ...(host === undefined ? {} : { host }),
      ...(port === undefined ? {} : { port }),
      ...(logger === undefined ? {} : { logger }),
    });
  },
  engine(pbx, { clock, variant, secret = USER.secret, logger }) {
    const lines = [...pbx.model.exchange.office.extensions.keys()];
    const { host, port } = pbx;
    // Asterisk has no domain of its own and shows its address.
    const domain = variant === 'asterisk' ? '127.0.0.1' : 'pbx.test';
    return sipEngine({
      ...{ host, port, secret, domain, password: secret, lines, clock },
      ...(logger === undefined ? {} : { logger }),
    });
  },
};

/** All kinds of switches that are simulated. */
export const SWITCH_KINDS: readonly SwitchKind[] = [asterisk, freeswitch, sip];

/** The kind and variant of a name such as `asterisk` or `asterisk@16`. Throws `cli.usage`. */
export function switchNamed(name: string): { readonly kind: SwitchKind; readonly variant: string } {
  const [kindName = '', variant] = name.split('@');
  const kind = SWITCH_KINDS.find((one) => one.kind === kindName);
  const names = SWITCH_KINDS.flatMap((one) => [one.kind, ...one.variants.map((each) => `${one.kind}@${each}`)]);
  if (kind === undefined || (variant !== undefined && !kind.variants.includes(variant)))
    throw new OffhookError('cli.usage', `There is no simulated switch ${name}.`, {
      field: 'against',
      remedy: `Choose one of ${names.join(', ')}.`,
    });
  return { kind, variant: variant ?? kind.variants[0]! };
}
