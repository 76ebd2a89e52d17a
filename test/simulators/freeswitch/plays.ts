import type { Habits } from '../../../simulators/model/telephone.ts';
import type { Stage } from './stage.ts';

/** How a recorded scenario is played on the simulator. */
export interface Play {
  readonly outside?: Partial<Habits>;
  readonly steps: (stage: Stage) => void;
}

const OUTSIDE_NUMBER = '07700900456';

/** An outside caller is answered at 1001, and what comes then. */
const answered = (then: (stage: Stage, call: ReturnType<Stage['outside']>) => void, did = '101'): Play => ({
  steps(stage) {
    const call = stage.outside(did);
    stage.wait();
    stage.phone('1001').answer();
    stage.wait();
    then(stage, call);
  },
});

/** An outside caller with something to show, answered and hung up. */
const shown = (from: Parameters<Stage['outside']>[1]): Play => ({
  steps(stage) {
    const call = stage.outside('101', from);
    stage.wait();
    stage.phone('1001').answer();
    stage.wait();
    call.hangup();
  },
});

const outgoing = (habits: Partial<Habits>, then: (stage: Stage) => void): Play => ({
  outside: habits,
  steps(stage) {
    stage.call({ from: '1001', to: OUTSIDE_NUMBER });
    stage.wait();
    then(stage);
  },
});

/** The recorded scenarios that the model can play. */
export const PLAYS: Readonly<Record<string, Play>> = {
  'inbound-answered': answered((_, call) => call.hangup()),
  'inbound-answered-near-hangup': answered((stage) => stage.phone('1001').hangup()),
  'inbound-missed-cancel': {
    steps(stage) {
      const call = stage.outside('101');
      stage.wait();
      call.hangup();
    },
  },
  'inbound-busy': {
    steps(stage) {
      stage.phone('1001').habits.refuses = 486;
      stage.outside('101');
    },
  },
  'inbound-declined': {
    steps(stage) {
      stage.outside('101');
      stage.wait();
      stage.phone('1001').reject(603);
    },
  },
  'inbound-no-answer-timeout': {
    steps(stage) {
      stage.outside('101');
      stage.wait(21_000);
    },
  },
  'inbound-unregistered': { steps: (stage) => void stage.outside('110') },
  'inbound-e164-noname': {
    steps(stage) {
      const call = stage.call({ from: '+442079460999', fromOutside: true, to: '+442079460101' });
      stage.wait();
      stage.phone('1001').answer();
      stage.wait();
      call.hangup();
    },
  },
  'inbound-withheld': shown({ from: '', withheld: true }),
  'inbound-withheld-pai': shown({ withheld: true }),
  'inbound-special-name': shown({ name: "O'Brien, Smith & Sons; a=b <x>" }),
  'inbound-utf8-name': shown({ name: 'Zoë Ørsted Łódź 東京 🙂' }),
  'inbound-sip-uri-caller': shown({ from: 'john.doe', name: 'John Doe' }),
  'internal-call': {
    steps(stage) {
      stage.call({ from: '1001', to: '1002' });
      stage.wait();
      stage.phone('1002').answer();
      stage.wait();
      stage.phone('1002').hangup();
    },
  },
  'outbound-answered': outgoing({}, (stage) => {
    stage.pbx.model.people.outside(OUTSIDE_NUMBER).answer();
    stage.wait();
    stage.pbx.model.people.outside(OUTSIDE_NUMBER).hangup();
  }),
  'outbound-busy': outgoing({ refuses: 486 }, () => {}),
  'outbound-unallocated': outgoing({ refuses: 404 }, () => {}),
  'outbound-cancelled': outgoing({}, (stage) => stage.phone('1001').hangup()),
  'outbound-early-media': outgoing({ earlyMedia: true }, (stage) => {
    stage.pbx.model.people.outside(OUTSIDE_NUMBER).answer();
    stage.wait();
    stage.phone('1001').hangup();
  }),
  'hunt-group-second-answers': {
    steps(stage) {
      const call = stage.outside('200');
      stage.wait();
      stage.phone('1002').answer();
      stage.wait();
      call.hangup();
    },
  },
  'hold-resume-reinvite': answered((stage) => {
    for (let time = 0; time < 2; time++) {
      stage.phone('1001').hold();
      stage.wait();
      stage.phone('1001').resume();
      stage.wait();
    }
    stage.phone('1001').hangup();
  }),
  'hold-by-caller': {
    steps(stage) {
      stage.call({ from: '1001', to: '1002' });
      stage.wait();
      stage.phone('1002').answer();
      stage.wait();
      stage.phone('1001').hold();
      stage.wait();
      stage.phone('1001').resume();
      stage.wait();
      stage.phone('1001').hangup();
    },
  },
  'hold-uuid-hold': answered((stage, call) => {
    const uuid = stage.channels[1];
    stage.api(`uuid_hold ${uuid}`);
    stage.wait();
    stage.api(`uuid_hold off ${uuid}`);
    stage.wait();
    call.hangup();
  }),
  'transfer-blind-refer': answered((stage, call) => {
    stage.phone('1001').refer('1002');
    stage.wait();
    stage.phone('1002').answer();
    stage.wait();
    call.hangup();
  }),
  'transfer-blind-by-caller': {
    steps(stage) {
      stage.call({ from: '1001', to: '1002' });
      stage.wait();
      stage.phone('1002').answer();
      stage.wait();
      stage.phone('1001').refer('1003');
      stage.wait();
      stage.phone('1003').answer();
      stage.wait();
      stage.phone('1003').hangup();
    },
  },
  'transfer-blind-busy': answered((stage) => {
    stage.phone('1002').habits.refuses = 486;
    stage.phone('1001').refer('1002');
  }),
  'transfer-attended-refer': answered((stage, call) => {
    stage.phone('1001').hold();
    stage.wait();
    stage.dial('1001', '1002');
    stage.wait();
    stage.phone('1002').answer();
    stage.wait();
    stage.phone('1001').attendedTransfer();
    stage.wait();
    call.hangup();
  }),
  'transfer-attended-internal': {
    steps(stage) {
      stage.call({ from: '1002', to: '1001' });
      stage.wait();
      stage.phone('1001').answer();
      stage.wait();
      stage.phone('1001').hold();
      stage.wait();
      stage.dial('1001', '1003');
      stage.wait();
      stage.phone('1003').answer();
      stage.wait();
      stage.phone('1001').attendedTransfer();
      stage.wait();
      stage.phone('1003').hangup();
    },
  },
  'transfer-uuid-transfer': answered((stage) => {
    stage.api(`uuid_transfer ${stage.channels[0]} 1002 XML default`);
    stage.wait();
    stage.phone('1002').answer();
    stage.wait();
    stage.phone('1002').hangup();
  }),
  'transfer-uuid-transfer-bleg': answered((stage, call) => {
    stage.api(`uuid_transfer ${stage.channels[1]} -bleg 1002 XML default`);
    stage.wait();
    stage.phone('1002').answer();
    stage.wait();
    call.hangup();
  }),
  'pickup-intercept': {
    steps(stage) {
      const call = stage.outside('101');
      stage.wait();
      stage.phone('1002').pickup('1001');
      stage.wait();
      call.hangup();
    },
  },
  'park-retrieve': answered((stage, call) => {
    stage.phone('1001').park();
    stage.wait();
    stage.call({ from: '1002', to: '5901' });
    stage.wait();
    call.hangup();
  }),
  'queue-callcenter-answered': {
    steps(stage) {
      const call = stage.outside('300');
      stage.wait();
      stage.phone('1004').answer();
      stage.wait();
      call.hangup();
    },
  },
  'queue-callcenter-abandoned': {
    steps(stage) {
      stage.api("callcenter_config agent set status 1004@pbx.test 'Logged Out'");
      stage.api("callcenter_config agent set status 1005@pbx.test 'Logged Out'");
      const call = stage.outside('300');
      stage.wait();
      call.hangup();
      stage.wait();
      stage.api('callcenter_config agent set status 1004@pbx.test Available');
      stage.api('callcenter_config agent set status 1005@pbx.test Available');
    },
  },
  conference: {
    steps(stage) {
      const call = stage.outside('400');
      stage.wait();
      stage.call({ from: '1001', to: '6400' });
      stage.wait();
      stage.call({ from: '1002', to: '6400' });
      stage.wait();
      stage.api('conference 4000 mute 3');
      stage.phone('1001').hangup();
      stage.wait();
      call.hangup();
      stage.wait();
      stage.phone('1002').hangup();
    },
  },
  'originate-click-to-dial': {
    steps(stage) {
      stage.api(
        `originate {origination_uuid=11111111-2222-4333-8444-555555555555,origination_caller_id_name='Click to dial',origination_caller_id_number=07700900456,sip_auto_answer=true}user/1001@pbx.test ${OUTSIDE_NUMBER} XML default`,
      );
      stage.wait();
      stage.pbx.model.people.outside(OUTSIDE_NUMBER).answer();
      stage.wait();
      stage.phone('1001').hangup();
    },
  },
  'originate-internal-bridge': {
    steps(stage) {
      stage.api(
        "originate {origination_caller_id_number=1001,origination_caller_id_name='Alice Archer'}user/1001@pbx.test &bridge(user/1002@pbx.test)",
      );
      stage.wait();
      stage.phone('1001').answer();
      stage.wait();
      stage.phone('1002').answer();
      stage.wait();
      stage.phone('1002').hangup();
    },
  },
  'originate-destination-busy': {
    outside: { refuses: 486 },
    steps(stage) {
      stage.api(`originate user/1001@pbx.test ${OUTSIDE_NUMBER} XML default`);
      stage.wait();
      stage.phone('1001').answer();
    },
  },
  'cti-answer': {
    steps(stage) {
      const call = stage.outside('101');
      stage.wait();
      stage.api(`uuid_phone_event ${stage.channels[1]} talk`);
      stage.wait();
      call.hangup();
    },
  },
  'cti-reject': {
    steps(stage) {
      stage.outside('101');
      stage.wait();
      stage.api(`uuid_kill ${stage.channels[1]} CALL_REJECTED`);
    },
  },
  'hangup-uuid-kill': answered((stage) => void stage.api(`uuid_kill ${stage.channels[1]}`)),
  registration: {
    steps(stage) {
      stage.phone('1010').register();
      stage.wait();
      stage.phone('1010').register(false);
    },
  },
};
