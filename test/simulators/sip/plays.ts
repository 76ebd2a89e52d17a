import type { OfficeConfig } from '../../../simulators/model/office.ts';
import { Stage, type StageOptions } from './stage.ts';
import type { Sent } from './test-app.ts';

/** How a recorded scenario is played. */
export interface Play extends StageOptions {
  readonly steps: (stage: Stage) => void;
}

const ASTERISK: OfficeConfig = {
  extensions: [
    { number: '1001', name: 'Alice Jansen' },
    { number: '1002', name: 'Bob de Vries' },
    { number: '1003', name: 'Chloé Müller' },
    { number: '1006', name: 'Frank' },
  ],
};

const FREESWITCH: OfficeConfig = {
  extensions: [
    { number: '1001', name: 'Alice Archer' },
    { number: '1002', name: 'Bob Baker' },
    { number: '1003', name: 'Carol Chen' },
    { number: '1006', name: 'Frank' },
  ],
};

const KAMAILIO: OfficeConfig = {
  extensions: ['alice', 'bob', 'carol', 'dave', 'watcher'].map((number) => ({ number })),
};

const SDP = [
  'v=0',
  'o=cti 1 1 IN IP4 127.0.50.2',
  's=-',
  'c=IN IP4 127.0.50.2',
  't=0 0',
  'm=audio 40000 RTP/AVP 0 8 101',
  'a=sendrecv',
  '',
].join('\r\n');

/** Watches three numbers while something happens, and stops watching. */
function watched(stage: Stage, host: string, numbers: readonly string[], user: string, steps: () => void): void {
  const { app } = stage;
  const subscribed = numbers.map((number) => {
    const sent = app.subscribe(`sip:${number}@${host}`, `sip:${user}@${host}`, { user });
    stage.wait(20);
    return sent;
  });
  stage.wait(700);
  steps();
  stage.wait(1_800);
  for (const sent of subscribed) {
    app.inDialog(sent, 'SUBSCRIBE', { Event: 'dialog', Expires: '0' }, { user });
    stage.wait(5);
  }
  stage.wait(500);
}

const onAsterisk = (steps: (stage: Stage) => void, showsWaiting = false): Play => ({
  dialect: 'asterisk',
  office: ASTERISK,
  showsWaiting,
  steps: (stage) => watched(stage, '127.0.0.1:5160', ['1001', '1002', '1003'], '1006', () => steps(stage)),
});

const onFreeswitch = (steps: (stage: Stage) => void): Play => ({
  dialect: 'freeswitch',
  office: FREESWITCH,
  steps: (stage) => watched(stage, 'pbx.test', ['1001', '1002', '1003'], '1006', () => steps(stage)),
});

/** `before`: calls that had just ended when somebody began to watch. */
const onKamailio = (steps: (stage: Stage) => void, ...before: readonly (readonly [string, string])[]): Play => ({
  dialect: 'kamailio',
  office: KAMAILIO,
  steps(stage) {
    // What ended ten seconds ago is not listed any more: one of two is forgotten just before a call that is held.
    for (const [from, to] of before) {
      answered(stage, from, to);
      stage.wait(steps === HOLD ? 3_650 : 1_500);
    }
    watched(stage, 'pbx.test', ['alice', 'bob', 'carol'], 'watcher', () => steps(stage));
  },
});

function answered(stage: Stage, from: string, to: string, byCaller = true): void {
  const call = stage.call({ from, to });
  stage.wait(700);
  stage.phone(to).answer();
  stage.wait(1_400);
  if (byCaller) call.hangup();
  else stage.phone(to).hangup();
}

function rejected(stage: Stage, from: string, to: string): void {
  stage.call({ from, to });
  stage.wait(700);
  stage.phone(to).reject(486);
}

function missed(stage: Stage, from: string, to: string): void {
  const call = stage.call({ from, to });
  stage.wait(1_400);
  call.hangup();
}

function held(stage: Stage, from: string, to: string): void {
  const call = stage.call({ from, to });
  stage.wait(400);
  stage.phone(to).answer();
  stage.wait(1_000);
  stage.phone(to).hold();
  stage.wait(1_000);
  stage.phone(to).resume();
  stage.wait(1_000);
  call.hangup();
}

const HOLD = (stage: Stage): void => held(stage, 'alice', 'bob');

/** Registers a second device for a line; does something; unregisters. */
const shared = (dialect: StageOptions['dialect'], steps: (stage: Stage) => void, rings = 180): Play => {
  const host = dialect === 'asterisk' ? '127.0.0.1:5160' : 'pbx.test';
  const line = dialect === 'kamailio' ? 'bob' : '1002';
  const office = { asterisk: ASTERISK, freeswitch: FREESWITCH, kamailio: KAMAILIO }[dialect];
  return {
    dialect,
    office,
    steps(stage) {
      stage.app.ringsWith = rings;
      const register = (expires: number): Sent =>
        stage.app.request('REGISTER', `sip:${host}`, {
          user: line,
          headers: {
            From: `<sip:${line}@${host}>`,
            To: `<sip:${line}@${host}>`,
            Contact: `<sip:bob-cti@127.0.50.2:5060>;expires=${expires}`,
          },
        });
      register(120);
      stage.wait(300);
      steps(stage);
      stage.wait(600);
      register(0);
      stage.wait(300);
    },
  };
};

const from = { asterisk: '1001', freeswitch: '1001', kamailio: 'alice' } as const;
const to = { asterisk: '1002', freeswitch: '1002', kamailio: 'bob' } as const;

const elsewhere = (dialect: StageOptions['dialect']): Play =>
  shared(dialect, (stage) => {
    const call = stage.call({ from: from[dialect], to: to[dialect] });
    stage.wait(900);
    stage.phone(to[dialect]).answer();
    stage.wait(1_000);
    call.hangup();
    stage.wait(1_700);
    refuseLate(stage);
  });

const givesUp = (dialect: StageOptions['dialect']): Play =>
  shared(
    dialect,
    (stage) => {
      const call = stage.call({ from: from[dialect], to: to[dialect] });
      stage.wait(900);
      call.hangup();
      stage.wait(1_500);
      refuseLate(stage);
    },
    0,
  );

/** The program answers an INVITE that was taken back. */
function refuseLate({ app }: Stage): void {
  for (const txnId of app.invites.keys()) app.respond(txnId, 487, 'Request Terminated');
}

const answersFirst = (dialect: StageOptions['dialect']): Play =>
  shared(dialect, (stage) => {
    const call = stage.call({ from: from[dialect], to: to[dialect] });
    stage.wait(900);
    for (const txnId of stage.app.invites.keys())
      stage.app.respond(txnId, 200, 'OK', { Contact: '<sip:bob-cti@127.0.50.2:5060>' }, SDP);
    stage.wait(800);
    call.hold();
    stage.wait(800);
    call.resume();
    stage.wait(800);
    call.hangup();
  });

/** The program calls the user's own telephone and then tells it whom to call. */
const clickToDial = (dialect: 'asterisk' | 'freeswitch'): Play => {
  const host = dialect === 'asterisk' ? '127.0.0.1:5160' : 'pbx.test';
  const own = `sip:1002@${host}`;
  return {
    dialect,
    office: dialect === 'asterisk' ? ASTERISK : FREESWITCH,
    steps(stage) {
      const { app } = stage;
      const headers = { From: `<${own}>`, To: `<${own}>`, Contact: '<sip:1002@127.0.50.2:5060>' };
      app.request('REFER', own, { user: '1002', headers: { ...headers, 'Refer-To': `<sip:1001@${host}>` } });
      stage.wait(1_200);
      const invite = app.request('INVITE', own, {
        user: '1002',
        headers: { ...headers, From: `"Call 1001" <${own}>` },
        body: SDP,
      });
      stage.wait(300);
      stage.phone('1002').answer();
      stage.wait(10);
      app.inDialog(invite, 'REFER', {
        'Refer-To': `<sip:1001@${host}>`,
        'Referred-By': `<${own}>`,
        Contact: '<sip:1002@127.0.50.2:5060>',
      });
      stage.wait(20);
      stage.phone('1001').answer();
      stage.wait(1_000);
      if (dialect === 'asterisk') app.inDialog(invite, 'BYE');
      stage.wait(800);
      stage.phone('1001').hangup();
      stage.wait(500);
    },
  };
};

/** The program tells a telephone, outside of any call, to call somebody. */
const referred = (answer: 'answers' | 'rejects', headers: Readonly<Record<string, string>> = {}): Play => ({
  dialect: 'kamailio',
  office: KAMAILIO,
  steps(stage) {
    stage.app.request('REFER', 'sip:dave@pbx.test', {
      headers: {
        From: '<sip:dave@pbx.test>',
        To: '<sip:dave@pbx.test>',
        'Refer-To': '<sip:bob@pbx.test>',
        'Referred-By': '<sip:dave@pbx.test>',
        Contact: '<sip:cti@127.0.50.2:5060>',
        ...headers,
      },
    });
    stage.wait(900);
    if (answer === 'answers') stage.phone('bob').answer();
    else stage.phone('bob').reject(486);
    stage.wait(1_000);
    if (answer === 'answers') stage.phone('bob').hangup();
    stage.wait(800);
  },
});

/** The recordings that the model can play. */
export const PLAYS: Readonly<Record<string, Play>> = {
  '01-register': {
    dialect: 'kamailio',
    office: { extensions: [{ number: 'alice', registered: false }] },
    steps({ app, clock }) {
      const register = (password: string, expires: number): void => {
        app.request('REGISTER', 'sip:pbx.test', {
          user: 'alice',
          password,
          headers: {
            From: '<sip:alice@pbx.test>',
            To: '<sip:alice@pbx.test>',
            Contact: `<sip:alice@127.0.50.2:5060>;expires=${expires}`,
          },
        });
        clock.advance(20);
      };
      register('secret', 120);
      register('wrong', 120);
      register('secret', 0);
    },
  },
  '02-subscribe-dialog': {
    dialect: 'kamailio',
    office: KAMAILIO,
    steps(stage) {
      const { app } = stage;
      const bob = app.subscribe('sip:bob@pbx.test', 'sip:watcher@pbx.test');
      stage.wait(5);
      app.subscribe('sip:alice@pbx.test', 'sip:watcher@pbx.test');
      stage.wait(1_500);
      answered(stage, 'alice', 'bob');
      stage.wait(2_000);
      app.inDialog(bob, 'SUBSCRIBE', { Event: 'dialog', Accept: 'application/dialog-info+xml', Expires: '300' });
      stage.wait(800);
      app.inDialog(bob, 'SUBSCRIBE', { Event: 'dialog', Expires: '0' });
      stage.wait(1_000);
    },
  },
  '03-kam-inbound-answered': onKamailio((stage) => answered(stage, 'alice', 'bob')),
  '03-kam-inbound-answered-callee-hangs-up': onKamailio(
    (stage) => answered(stage, 'alice', 'bob', false),
    ['alice', 'bob'],
  ),
  '03-kam-busy-reject': onKamailio((stage) => rejected(stage, 'alice', 'bob'), ['alice', 'bob']),
  '03-kam-missed': onKamailio((stage) => missed(stage, 'alice', 'bob'), ['alice', 'bob']),
  '03-kam-outbound': onKamailio((stage) => answered(stage, 'bob', 'alice', true), ['alice', 'bob'], ['alice', 'carol']),
  '03-kam-not-found': onKamailio(
    (stage) => void stage.call({ from: 'bob', to: 'nobody' }),
    ['carol', 'bob'],
    ['alice', 'bob'],
  ),
  '03-kam-hold': onKamailio(HOLD, ['alice', 'bob'], ['alice', 'bob']),
  '04-shared-line-answered-elsewhere': elsewhere('kamailio'),
  '04-shared-line-caller-cancels': givesUp('kamailio'),
  '04-shared-line-cti-answers-first': answersFirst('kamailio'),
  '05-refer-baresip': {
    dialect: 'kamailio',
    office: KAMAILIO,
    telephonesTakeRefer: false,
    steps(stage) {
      const own = '<sip:alice@pbx.test>';
      const headers = { From: own, To: own, 'Refer-To': '<sip:bob@pbx.test>', Contact: '<sip:cti@127.0.50.2:5060>' };
      stage.app.request('REFER', 'sip:alice@pbx.test', { headers });
    },
  },
  '06-click-to-dial-refer-answered': referred('answers'),
  '06-click-to-dial-refer-busy': referred('rejects'),
  '06-click-to-dial-refer-norefersub': referred('answers', { 'Refer-Sub': 'false' }),
  '13-ast22-inbound-answered': onAsterisk((stage) => answered(stage, '1001', '1002')),
  '13-ast22-inbound-answered-callee-hangs-up': onAsterisk((stage) => answered(stage, '1001', '1002', false)),
  '13-ast22-busy-reject': onAsterisk((stage) => rejected(stage, '1001', '1002')),
  '13-ast22-hold': onAsterisk((stage) => held(stage, '1001', '1002')),
  '13-ast22-outbound': onAsterisk((stage) => answered(stage, '1002', '1001')),
  '13-ast22-not-found': onAsterisk((stage) => void stage.call({ from: '1002', to: '1999' })),
  '13-ast22-blind-transfer': onAsterisk((stage) => {
    stage.call({ from: '1001', to: '1002' });
    stage.wait(400);
    stage.phone('1002').answer();
    stage.wait(1_000);
    stage.phone('1002').refer('1003');
    stage.wait(800);
    stage.phone('1003').answer();
    stage.wait(1_200);
    stage.phone('1003').hangup();
  }),
  '14-ast22-shared-line-answered-elsewhere': elsewhere('asterisk'),
  '14-ast22-shared-line-caller-cancels': givesUp('asterisk'),
  '14-ast22-shared-line-cti-answers-first': answersFirst('asterisk'),
  '15-ast22iur-call-waiting': onAsterisk((stage) => {
    const first = stage.call({ from: '1001', to: '1002' });
    stage.wait(400);
    stage.phone('1002').answer();
    stage.wait(1_000);
    const second = stage.call({ from: '1003', to: '1002' });
    stage.wait(1_100);
    second.hangup();
    stage.wait(1_000);
    first.hangup();
  }, true),
  '16-fs1-inbound-answered': onFreeswitch((stage) => answered(stage, '1001', '1002')),
  '16-fs1-inbound-answered-callee-hangs-up': onFreeswitch((stage) => answered(stage, '1001', '1002', false)),
  '16-fs1-busy-reject': onFreeswitch((stage) => rejected(stage, '1001', '1002')),
  '16-fs1-missed': onFreeswitch((stage) => missed(stage, '1001', '1002')),
  '16-fs1-outbound': onFreeswitch((stage) => answered(stage, '1002', '1001')),
  '16-fs1-not-found': onFreeswitch((stage) => void stage.call({ from: '1002', to: '1999' })),
  '17-fs1-shared-line-cti-answers-first': answersFirst('freeswitch'),
  '17-fs1-shared-line-phone-rejects-486': shared(
    'freeswitch',
    (stage) => {
      const call = stage.call({ from: '1001', to: '1002' });
      stage.wait(900);
      stage.phone('1002').reject(486);
      stage.wait(2_000);
      call.hangup();
      stage.wait(1_500);
      refuseLate(stage);
    },
    0,
  ),
  '19-click-to-dial-3pcc-flow4': {
    dialect: 'kamailio',
    office: KAMAILIO,
    steps(stage) {
      const { app } = stage;
      const contact = { Contact: '<sip:cti@127.0.50.2:5060>' };
      const phone = app.request('INVITE', 'sip:alice@pbx.test', {
        headers: { ...contact, From: '"Call bob" <sip:bob@pbx.test>', To: '<sip:alice@pbx.test>' },
      });
      stage.wait(400);
      stage.phone('alice').answer();
      stage.wait(10);
      const destination = app.request('INVITE', 'sip:bob@pbx.test', {
        headers: { ...contact, From: '<sip:alice@pbx.test>', To: '<sip:bob@pbx.test>' },
        body: phone.responses.at(-1)?.body ?? '',
      });
      stage.wait(300);
      stage.phone('bob').answer();
      stage.wait(5);
      app.inDialog(phone, 'INVITE', contact, { body: destination.responses.at(-1)?.body ?? '' });
      stage.wait(600);
      for (const one of [phone, destination]) app.inDialog(one, 'BYE');
      stage.wait();
    },
  },
  '20-click-to-dial-invite-then-refer': {
    dialect: 'kamailio',
    office: KAMAILIO,
    steps(stage) {
      const { app } = stage;
      const invite = app.request('INVITE', 'sip:alice@pbx.test', {
        headers: {
          From: '"Call bob" <sip:bob@pbx.test>',
          To: '<sip:alice@pbx.test>',
          Contact: '<sip:cti@127.0.50.2:5060>',
        },
        body: SDP.replace('sendrecv', 'inactive'),
      });
      stage.wait(300);
      stage.phone('alice').answer();
      stage.wait(10);
      app.inDialog(invite, 'REFER', { 'Refer-To': '<sip:bob@pbx.test>', 'Referred-By': '<sip:alice@pbx.test>' });
      stage.wait(600);
      stage.phone('bob').answer();
      stage.wait(500);
      app.inDialog(invite, 'BYE');
      stage.wait(900);
      stage.phone('bob').hangup();
    },
  },
  '21-click-to-dial-self-invite-refer-ast22': clickToDial('asterisk'),
  '21-click-to-dial-self-invite-refer-fs1': clickToDial('freeswitch'),
};

/** Plays a recorded scenario; what the program and the server said to each other. */
export function play(name: string): Stage['app']['log'] {
  const { steps, ...options } = PLAYS[name]!;
  const stage = new Stage(options);
  steps(stage);
  stage.wait();
  stage.close();
  return stage.app.log;
}
