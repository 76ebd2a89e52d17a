import type { DeviceState } from '../model/events.ts';
import type { Exchange } from '../model/exchange.ts';
import type { Identity, Leg } from '../model/leg.ts';
import type { Dialect } from './dialect.ts';
import { type LampBody, type LampChanged, type Lamps, xml } from './lamps.ts';
import { escapedUser } from './message.ts';

/** What a hint's state is as a dialog's (res_pjsip_exten_state). A telephone that is called during a call is in use. */
const STATES: Readonly<Record<DeviceState, 'terminated' | 'early' | 'confirmed'>> = {
  unknown: 'terminated',
  notInUse: 'terminated',
  unavailable: 'terminated',
  inUse: 'confirmed',
  busy: 'confirmed',
  onHold: 'confirmed',
  ringInUse: 'confirmed',
  ringing: 'early',
};

/** Asterisk's hints: one pseudo dialog for each device, which has the device's state and the number as its id. */
export class AsteriskLamps implements Lamps {
  readonly versionsAll = false;
  readonly endsWithBody = true;
  readonly firstVersion = 0;
  readonly stop: () => void;
  readonly #x: Exchange;
  readonly #dialect: Dialect;
  /** A device that rings while it is in use is shown as ringing (`notify_early_inuse_ringing`). */
  readonly #showsWaiting: boolean;
  readonly #told = new Map<string, DeviceState>();

  constructor(x: Exchange, dialect: Dialect, showsWaiting: boolean, changed: LampChanged) {
    this.#x = x;
    this.#dialect = dialect;
    this.#showsWaiting = showsWaiting;
    const tell = (number: string, state: DeviceState): void => {
      if (!x.office.extensions.has(number)) return;
      this.#told.set(number, state);
      changed(number, this.#bodyIn(number, state));
    };
    this.stop = x.subscribe((event) => {
      if (event.type === 'deviceState') tell(event.device, event.state);
      if (event.type !== 'legEnded' || event.leg.state !== 'ring') return;
      const { device } = event.leg;
      if (device === undefined || !this.#isIdle(device)) return;
      // A call that came to nothing at once was a use of the device nevertheless.
      tell(device, 'inUse');
      tell(device, 'notInUse');
    });
  }

  /** It was told as idle last, and is. */
  #isIdle(number: string): boolean {
    return (this.#told.get(number) ?? 'notInUse') === 'notInUse' && this.#x.devices.state(number) === 'notInUse';
  }

  bodyOf(number: string): LampBody {
    return this.#bodyIn(number, this.#x.devices.state(number));
  }

  #bodyIn(number: string, device: DeviceState): LampBody {
    const state = device === 'ringInUse' && this.#showsWaiting ? 'early' : STATES[device];
    const { host, port } = this.#dialect.address;
    const own = `sip:${escapedUser(number)}@${host}:${port}`;
    const ringing = state === 'early' ? this.#ringingAt(number) : undefined;
    const dialog = ringing
      ? this.#ringing(ringing, own)
      : [` <dialog id="${xml(number)}">`, `  <state>${state}</state>`];
    const held = device === 'onHold' ? heldBy(own) : [];
    return (version) =>
      [
        '<?xml version="1.0" encoding="UTF-8"?>',
        `<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="${version}" state="full" entity="${xml(own)}">`,
        ...dialog,
        ...held,
        ' </dialog>',
        '</dialog-info>',
        '',
      ].join('\n');
  }

  #ringingAt(number: string): Leg | undefined {
    return this.#x.devices.legsOf(number).find(({ state }) => state === 'ringing');
  }

  #ringing({ connected, caller, line }: Leg, own: string): string[] {
    const number = line.kind === 'phone' ? line.number : '';
    const remote = this.#uriOf(connected);
    return [
      ` <dialog id="${xml(number)}" direction="recipient">`,
      '  <remote>',
      `   ${this.#identity(connected)}`,
      `   <target uri="${xml(remote)}" />`,
      '  </remote>',
      '  <local>',
      `   ${this.#identity({ number, name: caller.name })}`,
      `   <target uri="${xml(own)}" />`,
      '  </local>',
      '  <state>early</state>',
    ];
  }

  #identity(identity: Identity): string {
    const name = identity.withheld ? 'Anonymous' : identity.name;
    const display = name === null ? '' : ` display="${xml(name)}"`;
    return `<identity${display}>${xml(this.#uriOf(identity))}</identity>`;
  }

  #uriOf({ number, withheld }: Identity): string {
    if (number === null || withheld) return 'sip:anonymous@anonymous.invalid';
    return `sip:${escapedUser(number)}@${this.#dialect.domain}`;
  }
}

/** The device is held: nothing of it is rendered to the other (RFC 4235 4.2, RFC 3840). */
const heldBy = (own: string): string[] => [
  '  <local>',
  `   <target uri="${xml(own)}">`,
  '    <param pname="+sip.rendering" pvalue="no" />',
  '   </target>',
  '  </local>',
];
