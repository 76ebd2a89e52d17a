import { Conditions } from '../../../simulators/link/conditions.ts';
import type { OfficeConfig } from '../../../simulators/model/office.ts';
import type { CallRequest, PlacedCall } from '../../../simulators/model/people.ts';
import type { Telephone } from '../../../simulators/model/telephone.ts';
import type { DialectName } from '../../../simulators/sip/dialect.ts';
import { asteriskDialect } from '../../../simulators/sip/dialect-asterisk.ts';
import { freeswitchDialect } from '../../../simulators/sip/dialect-freeswitch.ts';
import { kamailioDialect } from '../../../simulators/sip/dialect-kamailio.ts';
import { SipSwitch } from '../../../simulators/sip/switch.ts';
import { SimulatedClock } from '../../../src/domain/clock.ts';
import { TestApp } from './test-app.ts';

/** How a stage is set up. */
export interface StageOptions {
  readonly dialect: DialectName;
  readonly office?: OfficeConfig;
  readonly showsWaiting?: boolean;
  readonly telephonesTakeRefer?: boolean;
}

/** A simulated SIP PBX without sockets, the people around it, and a program. */
export class Stage {
  readonly clock = new SimulatedClock(1_795_363_167_000);
  readonly conditions = new Conditions();
  readonly pbx: SipSwitch;
  readonly app: TestApp;

  constructor({ dialect, office = {}, showsWaiting = false, telephonesTakeRefer = true }: StageOptions) {
    const apps: TestApp[] = [];
    this.pbx = new SipSwitch({
      clock: this.clock,
      conditions: this.conditions,
      office,
      outside: {},
      dialect: dialectOf(dialect),
      address: { host: '127.0.50.2', port: 5060 },
      passwordOf: (number) => (this.pbx.model.exchange.office.extensions.has(number) ? 'secret' : undefined),
      showsWaiting,
      telephonesTakeRefer,
      apps: () => apps,
      fire: (_, __, tell) => tell(),
    });
    this.app = new TestApp(this.pbx.server, this.clock);
    apps.push(this.app);
  }

  wait(ms = 100): void {
    this.clock.advance(ms);
  }

  phone(number: string): Telephone {
    return this.pbx.model.people.phone(number);
  }

  call(request: CallRequest): PlacedCall {
    const call = this.pbx.model.people.call(request);
    this.wait();
    return call;
  }

  close(): void {
    this.pbx.halt();
  }
}

function dialectOf(name: DialectName) {
  if (name === 'asterisk') return asteriskDialect;
  return name === 'freeswitch' ? freeswitchDialect('pbx.test') : kamailioDialect('pbx.test');
}
