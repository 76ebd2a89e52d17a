import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ModelEvent } from '../../simulators/model/events.ts';
import type { Leg } from '../../simulators/model/leg.ts';
import { createModelPbx, type ModelPbx } from '../../simulators/model/model-pbx.ts';
import type { OfficeConfig } from '../../simulators/model/office.ts';
import type { PlacedCall } from '../../simulators/model/people.ts';
import { SimulatedClock } from '../../src/domain/clock.ts';

let clock: SimulatedClock;
let pbx: ModelPbx;
let events: ModelEvent[];

function open(config: OfficeConfig = {}): void {
  pbx?.exchange.close();
  clock = new SimulatedClock(1_795_368_848_000);
  pbx = createModelPbx(clock, config);
  events = [];
  pbx.exchange.subscribe((event) => events.push(event));
}

beforeEach(() => open());
afterEach(() => {
  pbx.exchange.close();
  expect(clock.pendingTimers).toBe(0);
});

const phone = (number: string) => pbx.people.phone(number);
const told = (type: ModelEvent['type']): number => events.filter((event) => event.type === type).length;
const talksWith = (leg: Leg): (string | undefined)[] => leg.bridge?.peers(leg).map(({ device }) => device) ?? [];

/** Carol talks with 1001. */
function talking(): PlacedCall {
  const call = pbx.people.call({ from: '+442079460991', name: 'Carol', to: '+442079460101' });
  clock.advance(100);
  phone('1001').answer();
  clock.advance(100);
  return call;
}

describe('a telephone that is called', () => {
  it('sends its call elsewhere while it rings, as often as others do so, too', () => {
    const call = pbx.people.call({ from: '+442079460991', name: 'Carol', to: '+442079460101' });
    clock.advance(100);
    phone('1001').deflect('1002');
    clock.advance(100);
    expect([phone('1001').legs, phone('1002').isRinging]).toEqual([[], true]);
    phone('1002').deflect('1003');
    clock.advance(100);
    phone('1003').answer();
    clock.advance(200);
    expect(talksWith(call.leg)).toEqual(['1003']);
    expect(call.leg.redirection).toMatchObject({
      from: { number: '1001' },
      to: { number: '1002' },
      reason: 'deflection',
    });
  });

  it('is refused when the number does not exist, and so is the caller', () => {
    const call = pbx.people.call({ from: '+442079460991', name: 'Carol', to: '+442079460101' });
    clock.advance(100);
    phone('1001').deflect('4711');
    clock.advance(15_000);
    expect(call.isOver).toBe(true);
    expect(pbx.exchange.legs.size).toBe(0);
  });

  it('sends audio before it rings', () => {
    phone('1001').habits.earlyMedia = 'before-ringing';
    pbx.people.call({ from: '+442079460991', name: 'Carol', to: '+442079460101' });
    clock.advance(4);
    expect([told('dialProgress'), phone('1001').legs[0]!.state]).toEqual([1, 'down']);
    clock.advance(4);
    expect([told('dialProgress'), phone('1001').legs[0]!.state]).toEqual([2, 'ringing']);
  });

  it('that is forwarded in a circle ends the call', () => {
    const { forwarding } = pbx.exchange.phoneBook;
    forwarding.all.set('1001', '1002').set('1002', '1001');
    const call = pbx.people.call({ from: '+442079460991', name: 'Carol', to: '+442079460101' });
    clock.advance(60_000);
    expect([call.isOver, pbx.exchange.legs.size]).toEqual([true, 0]);
  });

  it('may be called by itself', () => {
    const call = pbx.people.call({ from: '1001', to: '1001' });
    clock.advance(100);
    const own = phone('1001').legs.find((leg) => leg !== call.leg)!;
    phone('1001').answer({ leg: phone('1001').nameOf(own)! });
    clock.advance(100);
    expect(talksWith(call.leg)).toEqual(['1001']);
    call.hangup();
    clock.advance(100);
    expect(phone('1001').legs).toEqual([]);
  });
});

describe('a transfer before the third party answers', () => {
  function ringsFor(): PlacedCall {
    const call = talking();
    phone('1001').hold();
    phone('1001').dial('1002', { leg: 'consult' });
    clock.advance(100);
    expect(phone('1001').attendedTransfer({ into: 'consult' })).toBe(true);
    clock.advance(100);
    expect(phone('1001').legs).toEqual([]);
    return call;
  }

  it('lets the third party ring for the caller, who is then joined with them', () => {
    const call = ringsFor();
    expect([told('transferWhileRinging'), phone('1002').isRinging]).toEqual([1, true]);
    phone('1002').answer();
    clock.advance(100);
    expect(talksWith(call.leg)).toEqual(['1002']);
    expect([call.leg.connected.number, phone('1002').legs[0]!.connected.number]).toEqual(['1002', '+442079460991']);
  });

  it('is over when the caller gives up', () => {
    ringsFor().hangup();
    clock.advance(100);
    expect(phone('1002').legs).toEqual([]);
    expect(pbx.exchange.legs.size).toBe(0);
  });

  it('is over when nobody answers', () => {
    const call = ringsFor();
    clock.advance(30_000);
    expect([call.isOver, pbx.exchange.legs.size]).toEqual([true, 0]);
  });

  it('is refused when nothing rings and nobody talks', () => {
    talking();
    phone('1001').hold();
    phone('1001').dial('6711', { leg: 'consult' });
    clock.advance(5);
    expect(phone('1001').attendedTransfer({ into: 'consult' })).toBe(false);
  });
});

describe('telephones that transfer by the keys of the exchange', () => {
  beforeEach(() => open({ transfers: 'feature-code' }));

  it('transfer without asking', () => {
    const call = talking();
    expect(phone('1001').refer('1002')).toBe(true);
    clock.advance(1500);
    expect([told('blindTransfer'), phone('1001').legs.length, phone('1002').isRinging]).toEqual([1, 0, true]);
    phone('1002').answer();
    clock.advance(100);
    expect(talksWith(call.leg)).toEqual(['1002']);
  });

  it('consult within the call, and join the others by hanging up', () => {
    const call = talking();
    phone('1001').hold();
    phone('1001').dial('1002', { leg: 'consult' });
    clock.advance(1500);
    expect([phone('1001').legs.length, phone('1002').isRinging]).toEqual([1, true]);
    phone('1002').answer();
    clock.advance(500);
    expect(phone('1001').attendedTransfer({ into: 'consult' })).toBe(true);
    clock.advance(500);
    expect(phone('1001').legs).toEqual([]);
    expect([call.isOver, phone('1002').legs.length]).toEqual([false, 1]);
    call.hangup();
    clock.advance(500);
    expect(pbx.exchange.legs.size).toBe(0);
  });

  it('park', () => {
    talking();
    expect(phone('1001').park()).toBe(true);
    clock.advance(1000);
    expect(told('parked')).toBe(1);
  });

  it('dial as others do when they have no call', () => {
    phone('1001').dial('1002');
    clock.advance(100);
    expect(phone('1002').isRinging).toBe(true);
    expect(told('digit')).toBe(0);
  });
});

describe('a number that does not exist', () => {
  it('is no goal of a transfer: the call goes on', () => {
    const call = talking();
    expect(phone('1001').refer('4711')).toBe(false);
    phone('1001').dtmf('#14711');
    clock.advance(1200);
    expect(call.leg.music).toBe(true);
    clock.advance(4000);
    expect([talksWith(call.leg), call.leg.music]).toEqual([['1001'], false]);
  });

  it('ends a leg, or is refused before there is one', () => {
    pbx.people.call({ from: '1001', to: '4711' });
    clock.advance(100);
    expect([told('legCreated'), told('legEnded')]).toEqual([1, 1]);
    pbx.exchange.unknownNumbers = 'refused';
    const call = pbx.people.call({ from: '1001', to: '4711' });
    expect([call.isOver, call.leg.status, phone('1001').legs]).toEqual([true, 404, []]);
    expect(told('legCreated')).toBe(1);
  });
});

describe('keys during a call', () => {
  it('are heard by the other party unless they belong to a code', () => {
    talking();
    phone('1001').dtmf('5#1');
    clock.advance(2000);
    const sent = events.filter(
      (event) => event.type === 'digit' && event.direction === 'sent' && event.phase === 'end',
    );
    expect(sent.map((event) => event.type === 'digit' && event.digit)).toEqual(['5']);
  });
});
