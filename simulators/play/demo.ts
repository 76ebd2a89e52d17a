import type { Telephone } from '../model/telephone.ts';
import type { Script, ScriptMemory, Step } from './script.ts';

const CAROL = { from: '+442079460991', name: 'Carol Customer' };
const DAVE = { from: '+12025550143', name: 'DAVE DEALER INC' };
const JOERG = { from: '+493023125042', name: 'Jörg Größe' };
const ANONYMOUS = { from: '+442079460777', withheld: true };

/** A call that is placed now and remembered under a name. */
const call = (
  waitMs: number,
  name: string,
  who: { readonly from: string; readonly name?: string },
  to: string,
): Step => ({
  waitMs,
  do: (pbx, memory) => void memory.set(name, pbx.call({ ...who, to })),
});

const hangup = (waitMs: number, name: string): Step => ({ waitMs, do: (_, memory) => end(memory, name) });

const phone = (waitMs: number, number: string, deed: (phone: Telephone) => void): Step => ({
  waitMs,
  do: (pbx) => deed(pbx.phone(number)),
});

function end(memory: ScriptMemory, name: string): void {
  memory.get(name)?.hangup();
  memory.delete(name);
}

/** A customer is answered, put on hold, asked about at a colleague's, and handed over. */
const CONSULTED: readonly Step[] = [
  call(1500, 'carol', CAROL, '+442079460101'),
  phone(3500, '1001', (alice) => alice.answer()),
  phone(6000, '1001', (alice) => alice.hold()),
  phone(800, '1001', (alice) => alice.dial('1002', { leg: 'consultation' })),
  phone(2500, '1002', (bob) => bob.answer()),
  phone(4500, '1001', (alice) => alice.attendedTransfer({ into: 'consultation' })),
  hangup(9000, 'carol'),
];

/** The whole group rings; one takes it, parks the caller, and a colleague takes them from there. */
const PARKED: readonly Step[] = [
  call(2000, 'dave', DAVE, '+442079460200'),
  phone(4000, '1003', (chloe) => chloe.answer()),
  phone(4000, '1003', (chloe) => chloe.park()),
  call(5000, 'retrieval', { from: '1002' }, '701'),
  hangup(6000, 'dave'),
];

/** Two callers in a queue; one agent. */
const QUEUED: readonly Step[] = [
  call(1500, 'first', JOERG, '+442079460302'),
  phone(3000, '1004', (danilo) => danilo.answer()),
  call(2000, 'second', CAROL, '+442079460302'),
  phone(3500, '1005', (eve) => eve.answer()),
  hangup(6000, 'first'),
  hangup(3000, 'second'),
];

/** Somebody gives up; somebody is busy; somebody calls out; two colleagues talk. */
const SMALL: readonly Step[] = [
  call(1500, 'missed', ANONYMOUS, '+442079460101'),
  hangup(7000, 'missed'),
  call(1500, 'out', { from: '1002' }, '00493023125042'),
  { waitMs: 3500, do: (pbx) => pbx.outside('00493023125042').answer() },
  call(1000, 'inside', { from: '1009' }, '1010'),
  phone(2500, '1010', (reception) => reception.answer()),
  phone(5000, '1009', (lukasz) => lukasz.hangup()),
  hangup(3000, 'out'),
  call(1500, 'refused', DAVE, '+442079460103'),
  phone(2500, '1003', (chloe) => chloe.reject(603)),
];

/** A transfer without asking, which the colleague answers. */
const TRANSFERRED: readonly Step[] = [
  call(2000, 'joerg', JOERG, '+442079460110'),
  phone(2500, '1010', (reception) => reception.answer()),
  phone(4000, '1010', (reception) => void reception.refer('1001')),
  phone(3000, '1001', (alice) => alice.answer()),
  phone(8000, '1001', (alice) => alice.hangup()),
];

/** A lively office, for demonstrations: about two minutes of calls, over and over. Uses the default office. */
export const demoScript: Script = {
  steps: [...CONSULTED, ...PARKED, ...QUEUED, ...SMALL, ...TRANSFERRED],
  repeat: true,
};
