import type { EslEvent } from '../../../simulators/freeswitch-esl/event.ts';
import { headerOf } from '../../../simulators/freeswitch-esl/event.ts';
import { EslSwitch } from '../../../simulators/freeswitch-esl/switch.ts';
import { Conditions } from '../../../simulators/link/conditions.ts';
import type { CallRequest, PlacedCall } from '../../../simulators/model/people.ts';
import type { Habits, Telephone } from '../../../simulators/model/telephone.ts';
import { SimulatedClock } from '../../../src/domain/clock.ts';

/** The office of the recordings, as far as it matters. */
const OFFICE = {
  extensions: [
    { number: '1001', name: 'Alice Archer' },
    { number: '1002', name: 'Bob Baker' },
    { number: '1003', name: 'Carol Chen' },
    { number: '1004', name: 'Dave Dubois' },
    { number: '1005', name: 'Erin Evans' },
    { number: '1006', name: 'Frank' },
    { number: '1007', name: 'Grace' },
    { number: '1008', name: 'Heidi Hübner' },
    { number: '1009', name: 'Ivan' },
    { number: '1010', name: 'Judy Jansen', registered: false },
  ],
  groups: [{ did: '200', members: ['1001', '1002', '1003'], ringSeconds: 20 }],
  queues: [{ name: 'support', did: '300', members: ['1004', '1005'], strategy: 'linear' as const }],
  conferences: { '400': '4000' },
  parking: { exten: '5900', first: 5901, last: 5910 },
  ringSeconds: 20,
};

/** A simulated FreeSWITCH without sockets, the people around it, and what it told. */
export class Stage {
  readonly events: EslEvent[] = [];
  readonly clock = new SimulatedClock(1_795_368_848_000);
  readonly pbx: EslSwitch;
  #calls = 0;

  constructor(outside: Partial<Habits> = {}) {
    this.pbx = new EslSwitch({
      clock: this.clock,
      office: OFFICE,
      outside,
      domain: 'pbx.test',
      conditions: new Conditions(),
      fire: (event) => this.events.push(event),
      onEnded: () => {},
      shutDown: () => {},
    });
  }

  wait(ms = 1000): void {
    this.clock.advance(ms);
  }

  phone(number: string): Telephone {
    return this.pbx.model.people.phone(number);
  }

  /** A call from outside to the number with these last digits. */
  outside(did: string, from: Partial<CallRequest> = {}): PlacedCall {
    return this.call({ from: '+447700900123', name: 'Jane Doe', ...from, to: `+442079460${did}` });
  }

  call(request: CallRequest): PlacedCall {
    const call = this.pbx.model.people.call(request);
    this.wait(100);
    return call;
  }

  /** A telephone places a call that is not its first. */
  dial(from: string, to: string): string {
    const name = `more-${this.#calls++}`;
    this.phone(from).dial(to, { leg: name });
    this.wait(100);
    return name;
  }

  /** Runs an API command; what it prints, or what it will. */
  api(command: string): { text: string | undefined } {
    const result: { text: string | undefined } = { text: undefined };
    const [name = '', ...args] = command.split(' ');
    this.pbx.api(name, args.join(' '), (text) => {
      result.text = text;
    });
    return result;
  }

  /** The ids of the channels that there are, the oldest first. */
  get channels(): string[] {
    const made = this.events.filter((event) => headerOf(event, 'Event-Name') === 'CHANNEL_CREATE');
    return made.map((event) => headerOf(event, 'Unique-ID')).filter((uuid) => this.pbx.hasSession(uuid));
  }

  close(): void {
    this.pbx.halt();
  }
}
