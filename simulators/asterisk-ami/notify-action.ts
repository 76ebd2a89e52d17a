import type { Action, ActionContext } from './action.ts';

/** Remote control of telephones (SIP NOTIFY `Event: talk` and `hold`); all telephones of the model obey it. */
export const NOTIFY_ACTIONS: readonly Action[] = [
  {
    name: 'PJSIPNotify',
    classes: ['system'],
    summary: 'Send a NOTIFY to either an endpoint, URI or channel.',
    run: notify,
  },
];

/** Answered when the NOTIFY is sent; the telephone does what it is told a moment later, if it can. */
function notify(context: ActionContext) {
  const { request, pbx, snapshots } = context;
  const channel = request.get('Channel');
  if (channel === '') return context.fail('PJSIPNotify requires either an endpoint name, a SIP URI, or a channel.');
  const leg = snapshots.names.find(pbx.exchange, channel);
  if (!leg) return context.fail(`Unable to find channel ${channel}`);
  context.succeed([['Message', 'NOTIFY sent']]);
  if (leg.line.kind !== 'phone') return;
  const telephone = pbx.people.phone(leg.line.number);
  const which = { leg: telephone.nameOf(leg) ?? '' };
  const event = /^Event=(.*)$/i.exec(request.get('Variable'))?.[1];
  pbx.exchange.after(5, () => {
    if (leg.ended) return;
    if (event === 'hold' && leg.bridge !== undefined && !leg.holding) telephone.hold(which);
    else if (event === 'talk' && leg.holding) telephone.resume(which);
    else if (event === 'talk' && leg.listener !== undefined) telephone.answer(which);
  });
}
