import { randomUUID } from 'node:crypto';
import { ask } from './ask.ts';
import { nameAddr } from './header-values.ts';
import { base, type Dialling, destinationUri, type OwnCall } from './own-call.ts';

/**
 * Click-to-dial by a REFER outside of any call to the line's telephone (RFC 3515): for telephones behind a proxy that obey it.
 * Asterisk and FreeSWITCH do not. What the telephone reports comes outside of any dialog, sometimes before the answer.
 */
export function dialByRefer(dialling: Dialling): OwnCall {
  const { account, number, sender, dialogs, step, ringMs } = dialling;
  const callId = randomUUID();
  const { contact, proxy, auth } = base(dialling);
  let isOver = false;
  let isReferred = false;
  const referred = (): void => {
    if (isReferred || isOver) return;
    isReferred = true;
    step({ name: 'referred' });
  };
  const finish = (tell: () => void): void => {
    if (isOver) return;
    isOver = true;
    dialogs.remove(callId);
    tell();
  };
  const failed = (status: number, reason: string): void => finish(() => step({ name: 'ended', status, reason }));
  dialogs.add(callId, (request, message) => {
    request.respond(request.method === 'NOTIFY' ? 200 : 481);
    const told = /^SIP\/2\.0 (\d{3})\s*([^\r\n]{0,200})/.exec(message.body);
    if (request.method !== 'NOTIFY' || told === null || isOver) return;
    const [status, reason] = [Number(told[1]), told[2] ?? ''];
    referred();
    step({ name: 'progress', status, reason });
    if (status >= 300) failed(status, reason);
    else if (status >= 200) finish(() => step({ name: 'left' }));
  });
  step({ name: 'placed', destination: number });
  const headers = {
    From: nameAddr(account.aor),
    To: nameAddr(account.aor),
    Contact: contact,
    'call-id': callId,
    'Refer-To': `<${destinationUri(dialling)}>`,
    'Referred-By': `<${account.aor}>`,
  };
  const request = { method: 'REFER', uri: account.aor, headers, auth, ...(proxy === undefined ? {} : { proxy }) };
  ask(sender, request, { timeoutMs: ringMs }).then(
    (reply) => {
      if (reply.status < 300) referred();
      else failed(reply.status, reply.message?.reason ?? '');
    },
    (error: Error) => failed(503, error.message),
  );
  return { line: account.line, callId, hangUp: () => finish(() => step({ name: 'left' })) };
}
