import { Leg } from './leg.ts';
import { emptySession } from './media.ts';
import { type Dialling, destinationUri, type OwnCall, ownPhone } from './own-call.ts';

/**
 * Click-to-dial by a call to the own extension, whose telephone is then asked (REFER in that call) to call the number. Observed to
 * work with Asterisk and FreeSWITCH as they come, and with telephones that obey REFER behind a proxy.
 */
export function dialBySelfInvite(dialling: Dialling): OwnCall {
  const { account, number, ringMs, step } = dialling;
  const target = ownPhone(dialling);
  let isReferred = false;
  let isOver = false;
  // What it reports may come before the answer to the REFER.
  const referred = (): void => {
    if (isReferred || isOver) return;
    isReferred = true;
    step({ name: 'referred' });
  };
  const leave = (): void => {
    isOver = true;
    leg.hangUp();
    step({ name: 'left' });
  };
  const end = (status: number, reason: string): void => {
    if (isOver) return;
    isOver = true;
    // A PBX that has sent the telephone on ends our part of the call itself.
    if (isReferred && status === 0) step({ name: 'left' });
    else step({ name: 'ended', ...(status === 0 ? {} : { status }), reason });
  };
  const leg = new Leg(
    dialling,
    { ...target, offer: emptySession(target.host, 1) },
    {
      ringing: () => step({ name: 'ringing' }),
      answered: () => {
        step({ name: 'answered' });
        leg.refer(destinationUri(dialling), `<${account.aor}>`).then(
          () => referred(),
          (error: Error) => {
            if (isOver) return;
            isOver = true;
            leg.hangUp();
            step({ name: 'ended', status: 501, reason: error.message });
          },
        );
      },
      progress: (status, reason) => {
        if (isOver) return;
        referred();
        step({ name: 'progress', status, reason });
        if (status >= 200 && status < 300) leave();
        else if (status >= 300) {
          isOver = true;
          leg.hangUp();
          step({ name: 'ended', status, reason });
        }
      },
      ended: end,
    },
  );
  step({ name: 'placed', destination: number });
  leg.start(ringMs);
  return {
    line: account.line,
    callId: leg.callId,
    hangUp: () => leg.hangUp(),
    answer: () => leg.event('talk'),
  };
}
