import type { Script, ScriptedSwitch, ScriptMemory, Step, Telephone } from '../../../simulators/index.ts';

interface Caller {
  readonly from: string;
  readonly name?: string;
  readonly withheld?: true;
}

// Contacts of examples/contacts.csv.
const CAROL: Caller = { from: '+442079460991', name: 'CUSTOMER C' };
const DAVE: Caller = { from: '+12025550143', name: 'DAVE DEALER INC' };
const JOERG: Caller = { from: '+493023125042', name: 'Jörg Größe' };
const ZOE: Caller = { from: '+33199001234' };
/** Within the range of Customer & Sons Ltd, but nobody's own number. */
const SOMEBODY_AT_CUSTOMERS: Caller = { from: '+442079460955' };
/** Shared by two contacts. */
const PARTNERS: Caller = { from: '+442079460700' };
// And people whom nobody knows.
const STRANGER: Caller = { from: '+441632960042', name: '"Prize\u0007 Department"' };
const ANONYMOUS: Caller = { from: '+442079460777', withheld: true };

const did = (extension: string): string => `+4420794601${extension.slice(-2)}`;
const SALES = '+442079460302';
const GROUP = '+442079460200';

const call = (waitMs: number, name: string, who: Caller, to: string): Step => ({
  waitMs,
  do: (pbx, memory) => void memory.set(name, pbx.call({ ...who, to })),
});

const hangup = (waitMs: number, name: string): Step => ({ waitMs, do: (_, memory) => end(memory, name) });

const phone = (waitMs: number, number: string, deed: (phone: Telephone) => void): Step => ({
  waitMs,
  do: (pbx) => deed(pbx.phone(number)),
});

/** Whichever of the phones rings is answered. */
const answerAny = (waitMs: number, numbers: readonly string[]): Step => ({
  waitMs,
  do: (pbx) => ringing(pbx, numbers)?.answer(),
});

function ringing(pbx: ScriptedSwitch, numbers: readonly string[]): Telephone | undefined {
  return numbers.map((number) => pbx.phone(number)).find((each) => each.isRinging);
}

function end(memory: ScriptMemory, name: string): void {
  memory.get(name)?.hangup();
  memory.delete(name);
}

/** Reception and accounts: a consultation and transfer, a caller who gives up, a blind transfer. */
const FRONT: readonly Step[] = [
  call(400, 'carol', CAROL, did('1001')),
  phone(1_600, '1001', (reception) => reception.answer()),
  phone(5_000, '1001', (reception) => reception.hold()),
  phone(900, '1001', (reception) => reception.dial('1002', { leg: 'consultation' })),
  phone(2_200, '1002', (alma) => alma.answer()),
  phone(3_500, '1001', (reception) => void reception.attendedTransfer({ into: 'consultation' })),
  hangup(9_000, 'carol'),
  call(2_000, 'anonymous', ANONYMOUS, did('1001')),
  hangup(6_500, 'anonymous'),
  call(2_500, 'stranger', STRANGER, did('1001')),
  phone(3_000, '1001', (reception) => reception.answer()),
  phone(4_000, '1001', (reception) => void reception.refer('1004')),
  phone(3_000, '1004', (wilma) => wilma.answer()),
  hangup(7_000, 'stranger'),
  call(2_000, 'group', ZOE, GROUP),
  phone(3_500, '1002', (alma) => alma.answer()),
  hangup(8_000, 'group'),
  { waitMs: 3_000, do: () => {} },
];

/** The sales queue: two callers at a time, and one who has had enough. */
const QUEUE: readonly Step[] = [
  call(1_100, 'joerg', JOERG, SALES),
  answerAny(2_600, ['1003', '1005']),
  call(3_000, 'dave', DAVE, SALES),
  answerAny(4_000, ['1003', '1005']),
  call(2_500, 'impatient', SOMEBODY_AT_CUSTOMERS, SALES),
  phone(2_000, '1003', (stan) => stan.hold()),
  phone(4_500, '1003', (stan) => stan.resume()),
  hangup(3_500, 'impatient'),
  hangup(3_000, 'joerg'),
  hangup(4_500, 'dave'),
  { waitMs: 4_000, do: () => {} },
];

/** Warehouse and meeting room: a call out, colleagues, a shared number, a refused call, a missed one. */
const BACK: readonly Step[] = [
  call(2_000, 'out', { from: '1004' }, '00493023125000'),
  { waitMs: 3_000, do: (pbx) => pbx.outside('00493023125000').answer() },
  hangup(9_000, 'out'),
  // Unless whoever watches the demonstration has a call there.
  phone(2_500, '1006', (room) => void (room.legs.length === 0 && room.dial('1004', { leg: 'inside' }))),
  phone(2_500, '1004', (wilma) => wilma.answer()),
  phone(7_000, '1006', (room) => room.hangup({ leg: 'inside' })),
  call(2_500, 'partners', PARTNERS, did('1004')),
  phone(3_000, '1004', (wilma) => wilma.answer()),
  phone(2_000, '1004', (wilma) => wilma.dtmf('12#')),
  hangup(6_000, 'partners'),
  call(2_000, 'refused', DAVE, did('1006')),
  phone(2_500, '1006', (room) => room.reject(603)),
  call(3_000, 'missed', SOMEBODY_AT_CUSTOMERS, did('1006')),
  hangup(7_000, 'missed'),
  { waitMs: 3_000, do: () => {} },
];

/** A lively office, over and over: three stories at once, of different lengths, so that no two minutes are the same. */
export const DEMO_SCRIPTS: readonly Script[] = [FRONT, QUEUE, BACK].map((steps) => ({ steps, repeat: true }));
