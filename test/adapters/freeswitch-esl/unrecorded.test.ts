import { expect, test } from 'vitest';
import { Exchange } from './exchange.ts';

const FIRST = { variable_current_application: 'bridge' };
const RANG = 'alerting:connected null:null';
const TALKED = 'alerting:connected connected:connected null:null';

const history = (to: string) => ({ variable_transfer_history: `1795366414:x:bl_xfer:${to}/default/XML` });

test('a group that rings one after the other: who did not answer has missed it, who did has the group', async () => {
  const pbx = new Exchange();
  const caller = pbx.trunkCalls('+442079460201');
  const first = pbx.callsPhone(caller, '1001', '2001');
  pbx.rings(first);
  pbx.tell('CHANNEL_PROGRESS', caller, {
    ...FIRST,
    'Caller-Destination-Number': '2001',
    variable_current_application_data: 'user/1001@pbx.test|user/1002@pbx.test',
  });
  pbx.wait(3_000).ends(first, 'NO_ANSWER');
  const second = pbx.callsPhone(caller, '1002', '2001');
  pbx.rings(second).wait().connects(caller, second).wait().leaves(caller).ends(second);
  const told = await pbx.calls();
  expect(told['1001']).toMatchObject([
    { states: RANG, cause: 'noanswer', endedBy: 'pbx', missed: true, group: '2001' },
  ]);
  expect(told['1001']?.[0]).not.toHaveProperty('divertedTo');
  expect(told['1002']).toMatchObject([{ states: TALKED, dialled: '+442079460201', group: '2001', endedBy: 'remote' }]);
  expect(told['1002']?.[0]).not.toHaveProperty('divertedFrom');
});

test('a call through a loopback channel is one call, and its early bridge is no answer', async () => {
  const pbx = new Exchange();
  const caller = pbx.trunkCalls('+442079460202');
  const [a, b] = pbx.loopback(caller, '1001');
  const phone = pbx.callsPhone(b, '1001');
  pbx.rings(phone).bridges(caller, a).wait();
  pbx.answers(phone).answers(b).bridges(b, phone).answers(a).answers(caller).wait(300);
  pbx.ends(a, 'NORMAL_UNSPECIFIED').ends(b, 'NORMAL_UNSPECIFIED').bridges(caller, phone);
  pbx.wait().leaves(phone).ends(caller);
  const told = await pbx.calls();
  expect(Object.keys(told)).toEqual(['1001']);
  expect(told['1001']).toMatchObject([
    { states: TALKED, remote: { number: '+447700900123', name: 'Jane Doe' }, endedBy: 'local', cause: 'normal' },
  ]);
});

test('a fifo queue calls its agents for the caller who waits', async () => {
  const pbx = new Exchange();
  const caller = pbx.trunkCalls('+442079460310');
  pbx.answers(caller);
  pbx.event({
    'Event-Name': 'CUSTOM',
    'Event-Subclass': 'fifo::info',
    'Unique-ID': caller.uuid,
    'FIFO-Name': '3100',
    'FIFO-Action': 'push',
  });
  pbx.wait();
  const lost = pbx.originates('1004', { variable_fifo_bridge_uuid: caller.uuid, variable_fifo_name: '3100' });
  const agent = pbx.originates('1005', { 'Caller-Caller-ID-Number': '+447700900123', variable_fifo_name: '3100' });
  pbx.rings(lost).rings(agent).wait().answers(agent).ends(lost, 'LOSE_RACE').bridges(agent, caller);
  pbx.wait().leaves(caller).ends(agent);
  const told = await pbx.calls();
  expect(told['1004']).toMatchObject([{ states: RANG, cause: 'answered-elsewhere', missed: false, queue: '3100' }]);
  expect(told['1005']).toMatchObject([{ states: TALKED, queue: '3100', remote: { number: '+447700900123' } }]);
});

test('a telephone that answers 302 has forwarded the call', async () => {
  const pbx = new Exchange();
  const caller = pbx.trunkCalls('+442079460101');
  const phone = pbx.callsPhone(caller, '1001');
  pbx.rings(phone).wait().leaves(phone, 'REDIRECTION_TO_NEW_DESTINATION');
  const next = pbx.callsPhone(caller, '1002', '1001');
  pbx.rings(next).wait().connects(caller, next).wait().leaves(next).ends(caller);
  const told = await pbx.calls();
  expect(told['1001']).toMatchObject([
    { states: RANG, cause: 'forwarded', endedBy: 'local', divertedTo: { number: '1002' } },
  ]);
  expect(told['1002']).toMatchObject([
    { states: TALKED, dialled: '+442079460101', divertedFrom: { number: '1001', reason: 'deflected' } },
  ]);
});

test('a client that sends a ringing call elsewhere has deflected it', async () => {
  const pbx = new Exchange();
  const caller = pbx.trunkCalls('+442079460101');
  const phone = pbx.callsPhone(caller, '1001');
  pbx.rings(phone).wait().ends(phone, 'ORIGINATOR_CANCEL').tell('CHANNEL_EXECUTE', caller, history('1002'));
  const next = pbx.callsPhone(caller, '1002');
  pbx.rings(next).wait().connects(caller, next).wait().leaves(caller).ends(next);
  const told = await pbx.calls();
  expect(told['1001']).toMatchObject([
    { states: RANG, cause: 'deflected', endedBy: 'client', missed: false, divertedTo: { number: '1002' } },
  ]);
  expect(told['1002']).toMatchObject([{ states: TALKED, divertedFrom: { number: '1001', reason: 'deflected' } }]);
});

test('forward when busy', async () => {
  const pbx = new Exchange();
  const caller = pbx.trunkCalls('+442079460203');
  const phone = pbx.callsPhone(caller, '1001', '2003');
  pbx.leaves(phone, 'USER_BUSY').tell('CHANNEL_EXECUTE', caller, history('1002'));
  const next = pbx.callsPhone(caller, '1002');
  pbx.rings(next).wait().connects(caller, next).wait().leaves(caller).ends(next);
  const told = await pbx.calls();
  expect(told['1001']).toMatchObject([{ cause: 'forwarded', endedBy: 'local', divertedTo: { number: '1002' } }]);
  expect(told['1002']).toMatchObject([{ states: TALKED, divertedFrom: { number: '1001', reason: 'busy' } }]);
});

test('semi-attended: the consulted phone still rings when the caller is put through to it', async () => {
  const pbx = new Exchange();
  const caller = pbx.trunkCalls('+442079460101');
  const phone = pbx.callsPhone(caller, '1001');
  pbx.rings(phone).wait().connects(caller, phone).wait().holds(phone).wait();
  const consults = pbx.phoneCalls('1001', '1002');
  const asked = pbx.callsPhone(consults, '1002');
  pbx.rings(asked).wait();
  pbx.ends(consults, 'NORMAL_CLEARING', { variable_endpoint_disposition: 'ATTENDED_TRANSFER' });
  pbx.tell('CHANNEL_CALLSTATE', phone, { 'Channel-Call-State': 'UNHELD' }).ends(phone);
  pbx.bridges(caller, asked).wait().answers(asked).wait().leaves(caller).ends(asked);
  const told = await pbx.calls();
  expect(told['1001']).toMatchObject([
    {
      states: 'alerting:connected connected:connected hold:connected null:null',
      cause: 'transferred',
      endedBy: 'local',
      transferredTo: { number: '1002' },
    },
    { states: 'initiated: connected:alerting null:null', cause: 'transferred', consultation: true },
  ]);
  expect(told['1002']).toMatchObject([
    {
      states: 'alerting:connected alerting:connected=+447700900123 connected:connected null:null',
      transferredBy: { number: '1001' },
      endedBy: 'remote',
    },
  ]);
});

test('a client joins the parties of two calls; those who had them leave', async () => {
  const pbx = new Exchange();
  const one = pbx.trunkCalls('+442079460101');
  const first = pbx.callsPhone(one, '1001');
  pbx.rings(first).wait().connects(one, first).wait();
  const two = pbx.trunkCalls('+442079460102', '+447700900456', 'John Roe');
  const second = pbx.callsPhone(two, '1002');
  pbx.rings(second).wait().connects(two, second).wait();
  pbx.bridges(one, second).ends(first).ends(two).wait().leaves(one).ends(second);
  const told = await pbx.calls();
  expect(told['1001']).toMatchObject([{ states: TALKED, cause: 'transferred', transferredTo: { number: '1002' } }]);
  expect(told['1002']).toMatchObject([
    { states: 'alerting:connected connected:connected connected:connected=+447700900123 null:null', endedBy: 'remote' },
  ]);
});

test('an own phone that is called for its user and refused', async () => {
  const pbx = new Exchange();
  const own = pbx.originates('1001', { variable_origination_uuid: 'x' });
  pbx.rings(own).wait().leaves(own, 'USER_BUSY');
  expect((await pbx.calls())['1001']).toMatchObject([
    {
      direction: 'out',
      originated: true,
      states: 'initiated: initiated:null null:null',
      cause: 'rejected',
      endedBy: 'local',
    },
  ]);
});

test('an own phone that nobody takes', async () => {
  const pbx = new Exchange();
  const own = pbx.originates('1001');
  pbx.rings(own).wait(20_000).ends(own, 'NO_ANSWER');
  expect((await pbx.calls())['1001']).toMatchObject([{ originated: true, cause: 'noanswer', endedBy: 'pbx' }]);
});

test('a telephone that does not say that it rings has missed the call all the same', async () => {
  const pbx = new Exchange();
  const caller = pbx.trunkCalls('+442079460101');
  const phone = pbx.callsPhone(caller, '1001');
  pbx.wait(5_000).leaves(caller, 'ORIGINATOR_CANCEL').ends(phone, 'ORIGINATOR_CANCEL');
  expect((await pbx.calls())['1001']).toMatchObject([
    { states: RANG, cause: 'cancelled', endedBy: 'remote', missed: true, remote: { number: '+447700900123' } },
  ]);
});

test('an extension that calls an announcement talks with the number that it dialled', async () => {
  const pbx = new Exchange();
  const caller = pbx.phoneCalls('1001', '6000');
  pbx.answers(caller).wait(5_000).leaves(caller);
  expect((await pbx.calls())['1001']).toMatchObject([
    {
      states: 'initiated: connected:connected null:null',
      remote: { number: '6000' },
      endedBy: 'local',
      cause: 'normal',
    },
  ]);
});

test('the far end holds: the line sees the other side on hold', async () => {
  const pbx = new Exchange();
  const caller = pbx.trunkCalls('+442079460101');
  const phone = pbx.callsPhone(caller, '1001');
  pbx.rings(phone).wait().connects(caller, phone).wait().holds(caller).wait();
  pbx.tell('CHANNEL_CALLSTATE', caller, { 'Channel-Call-State': 'UNHELD' });
  pbx.tell('CHANNEL_CALLSTATE', caller, { 'Channel-Call-State': 'ACTIVE' }).wait().leaves(caller).ends(phone);
  expect((await pbx.calls())['1001']).toMatchObject([
    { states: 'alerting:connected connected:connected connected:hold connected:connected null:null' },
  ]);
});

test('a call that is answered on one of an extension’s two telephones is one call', async () => {
  const pbx = new Exchange();
  const caller = pbx.trunkCalls('+442079460101');
  const desk = pbx.callsPhone(caller, '1001');
  const mobile = pbx.callsPhone(caller, '1001');
  pbx.rings(desk).rings(mobile).wait().answers(mobile).ends(desk, 'LOSE_RACE').answers(caller).bridges(caller, mobile);
  pbx.wait().leaves(mobile).ends(caller);
  expect((await pbx.calls())['1001']).toMatchObject([{ states: TALKED, endedBy: 'local', cause: 'normal' }]);
});

test('a parked call that nobody takes comes back to who parked it', async () => {
  const pbx = new Exchange();
  const caller = pbx.trunkCalls('+442079460101');
  const phone = pbx.callsPhone(caller, '1001');
  pbx.rings(phone).wait().connects(caller, phone).wait();
  pbx.ends(phone, 'NORMAL_CLEARING', { variable_endpoint_disposition: 'BLIND_TRANSFER' });
  pbx.unbridges(caller, phone, history('5900'));
  const place = { 'Event-Subclass': 'valet_parking::info', 'Valet-Lot-Name': 'lot', 'Valet-Extension': '5901' };
  pbx
    .tell('CUSTOM', caller, { ...place, Action: 'hold' })
    .wait(20_000)
    .tell('CUSTOM', caller, { ...place, Action: 'exit' });
  const again = pbx.callsPhone(caller, '1001');
  pbx.rings(again).wait().answers(again).bridges(caller, again).wait().leaves(again).ends(caller);
  expect((await pbx.calls())['1001']).toMatchObject([
    { states: TALKED, cause: 'parked', endedBy: 'local', parkedAt: '5901' },
    { states: TALKED, cause: 'normal', endedBy: 'local', returnedFrom: '5901' },
  ]);
});

test('digits that a caller presses are received at the other side', async () => {
  const pbx = new Exchange();
  const caller = pbx.trunkCalls('+442079460101');
  const phone = pbx.callsPhone(caller, '1001');
  pbx.rings(phone).wait().connects(caller, phone).wait();
  for (const digit of '12#') pbx.tell('DTMF', caller, { 'DTMF-Digit': digit });
  pbx.tell('DTMF', phone, { 'DTMF-Digit': '5' }).tell('DTMF', phone, { 'DTMF-Digit': 'x' });
  pbx.wait().leaves(caller).ends(phone);
  expect((await pbx.calls())['1001']).toMatchObject([{ digits: { received: '12#', sent: '5' } }]);
});

test('the agents of a queue that rings at all: who was not first has not missed the call', async () => {
  const pbx = new Exchange();
  const caller = pbx.trunkCalls('+442079460300');
  pbx.answers(caller);
  const info = { 'Event-Name': 'CUSTOM', 'Event-Subclass': 'callcenter::info', 'CC-Queue': 'support@pbx.test' };
  pbx.event({ ...info, 'CC-Action': 'member-queue-start', 'CC-Member-Session-UUID': caller.uuid });
  const one = pbx.originates('1004', { variable_cc_member_session_uuid: caller.uuid });
  const two = pbx.originates('1005', { variable_cc_member_session_uuid: caller.uuid });
  pbx.rings(one).rings(two).wait().answers(two).ends(one, 'ORIGINATOR_CANCEL').wait(80).bridges(caller, two);
  pbx.wait().leaves(two).ends(caller);
  const told = await pbx.calls();
  expect(told['1004']).toMatchObject([{ states: RANG, cause: 'answered-elsewhere', queue: 'support@pbx.test' }]);
  expect(told['1005']).toMatchObject([{ states: TALKED, queue: 'support@pbx.test', endedBy: 'local' }]);
});

test('an agent who does not answer has missed the call; the caller waits on', async () => {
  const pbx = new Exchange();
  const caller = pbx.phoneCalls('1001', '3000');
  pbx.answers(caller).tell('CHANNEL_EXECUTE', caller, { Application: 'callcenter' });
  const info = { 'Event-Name': 'CUSTOM', 'Event-Subclass': 'callcenter::info', 'CC-Queue': 'support@pbx.test' };
  pbx.event({ ...info, 'CC-Action': 'member-queue-start', 'CC-Member-Session-UUID': caller.uuid });
  const agent = pbx.originates('1004', { variable_cc_member_session_uuid: caller.uuid });
  pbx.rings(agent).wait(10_000).ends(agent, 'NO_ANSWER').wait().leaves(caller);
  const told = await pbx.calls();
  expect(told['1004']).toMatchObject([{ states: RANG, cause: 'noanswer', missed: true, remote: { number: '1001' } }]);
  expect(told['1001']).toMatchObject([
    { states: 'initiated: connected:queued null:null', endedBy: 'local', dialled: '3000', remote: { number: '3000' } },
  ]);
});

test('a group’s ringing call is picked up: all of the group hear who has it', async () => {
  const pbx = new Exchange();
  const caller = pbx.trunkCalls('+442079460200');
  const one = pbx.callsPhone(caller, '1001', '2000');
  const two = pbx.callsPhone(caller, '1002', '2000');
  pbx.rings(one).rings(two).wait();
  const picker = pbx.phoneCalls('1003', '**1001');
  pbx.answers(picker).tell('CHANNEL_EXECUTE', picker, { Application: 'intercept' }).answers(caller).wait(500);
  pbx.ends(one, 'PICKED_OFF').ends(two, 'PICKED_OFF').bridges(picker, caller).wait().leaves(caller).ends(picker);
  const told = await pbx.calls();
  expect(told['1003']).toMatchObject([
    {
      direction: 'in',
      states: 'initiated: connected:connected null:null',
      dialled: '**1001',
      pickedUpFrom: { number: '1001' },
    },
  ]);
  expect(told['1001']).toMatchObject([
    { states: RANG, cause: 'picked-up', missed: false, pickedUpBy: { number: '1003' } },
  ]);
  expect(told['1002']).toMatchObject([{ states: RANG, cause: 'picked-up', missed: false }]);
});

test('an announcement that is over ends the call: nobody else did', async () => {
  const pbx = new Exchange();
  const caller = pbx.phoneCalls('1001', '6000');
  pbx.answers(caller).wait(5_000).ends(caller);
  expect((await pbx.calls())['1001']).toMatchObject([{ endedBy: 'pbx', cause: 'normal' }]);
});

test('an extension that nobody answers in time', async () => {
  const pbx = new Exchange();
  const caller = pbx.phoneCalls('1001', '1002');
  const phone = pbx.callsPhone(caller, '1002');
  pbx.rings(phone).wait(20_000).ends(phone, 'NO_ANSWER');
  pbx.ends(caller, 'NORMAL_CLEARING', { variable_originate_disposition: 'NO_ANSWER' });
  const told = await pbx.calls();
  expect(told['1001']).toMatchObject([
    {
      states: 'initiated: connected:alerting connected:fail null:null',
      cause: 'noanswer',
      endedBy: 'pbx',
      remote: { number: '1002' },
    },
  ]);
  expect(told['1002']).toMatchObject([{ states: RANG, cause: 'noanswer', endedBy: 'pbx', missed: true }]);
});

test('a channel may have the id of one that is gone', async () => {
  const pbx = new Exchange();
  for (const device of ['1001', '1002', '1001']) {
    const headers = {
      'Channel-Name': 'sofia/internal/x',
      'Call-Direction': 'outbound',
      'Channel-Presence-ID': `${device}@x`,
    };
    const same = { uuid: 'chosen', headers };
    pbx.tell('CHANNEL_OUTGOING', same).tell('CHANNEL_CREATE', same).rings(same).wait().leaves(same, 'CALL_REJECTED');
    pbx.wait(5_000);
  }
  const told = await pbx.calls();
  expect(told['1001']).toMatchObject([{ cause: 'rejected' }, { cause: 'rejected' }]);
  expect(told['1002']).toMatchObject([{ cause: 'rejected' }]);
});
