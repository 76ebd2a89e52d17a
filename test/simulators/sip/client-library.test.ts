import Srf from 'drachtio-srf';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSipSimulator, type SipSimulator } from '../../../simulators/index.ts';
import { DIALECTS } from '../../../simulators/sip/dialect.ts';
import { until } from './until.ts';

/** The library's own types lack much of what it does. */
// biome-ignore lint/suspicious/noExplicitAny: see above
type Untyped = any;

const DOMAIN = 'pbx.test';
const SDP =
  'v=0\r\no=cti 1 1 IN IP4 127.0.50.2\r\ns=-\r\nc=IN IP4 127.0.50.2\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\na=sendrecv\r\n';

let pbx: SipSimulator;
let srf: Untyped;

afterEach(async () => {
  srf.disconnect();
  await pbx.stop();
});

async function connect(secret = 'cymru'): Promise<Untyped[]> {
  srf = new (Srf as Untyped)();
  srf.on('error', () => {});
  const connected = new Promise<Untyped[]>((resolve) => srf.once('connect', (...told: Untyped[]) => resolve(told)));
  srf.connect({ host: '127.0.0.1', port: pbx.port, secret });
  return await connected;
}

function register(number: string, password = 'secret', expires = 120): Promise<Untyped> {
  const own = `<sip:${number}@${DOMAIN}>`;
  return new Promise((resolve, reject) => {
    const headers = { From: own, To: own, Contact: `<sip:${number}-cti@127.0.50.2:5060>;expires=${expires}` };
    const auth = { username: number, password };
    srf.request(`sip:${DOMAIN}`, { method: 'REGISTER', headers, auth }, (error: unknown, request: Untyped) => {
      if (error) reject(error);
      else request.on('response', (response: Untyped) => response.status >= 200 && resolve(response));
    });
  });
}

/** Subscribes, and keeps what is told. */
function subscribe(number: string, as: string): Promise<{ readonly dialog: Untyped; readonly told: Untyped[] }> {
  const told: Untyped[] = [];
  const headers = {
    Event: 'dialog',
    Accept: 'application/dialog-info+xml',
    Expires: '300',
    Contact: '<sip:watcher@localhost>',
    From: `<sip:${as}@${DOMAIN}>`,
    To: `<sip:${number}@${DOMAIN}>`,
  };
  const options = { method: 'SUBSCRIBE', headers, auth: { username: as, password: 'secret' } };
  return new Promise((resolve, reject) => {
    srf.createUAC(`sip:${number}@${DOMAIN}`, options, {}, (error: unknown, dialog: Untyped) => {
      if (error) return reject(error);
      dialog.on('notify', (request: Untyped, response: Untyped) => {
        response.send(200);
        told.push(request);
      });
      resolve({ dialog, told });
    });
  });
}

const statesOf = (told: readonly Untyped[]): string[] =>
  told.flatMap(({ body }) => [...String(body).matchAll(/<state>(\w+)</g)].map(([, state]) => state!.toLowerCase()));

describe.each(DIALECTS)('drachtio-srf, unchanged, with %s behind the server', (dialect) => {
  beforeEach(async () => {
    pbx = await createSipSimulator({ dialect });
  });

  it('connects with the right secret', async () => {
    const address = 'tcp/127.0.50.2:5060,udp/127.0.50.2:5060';
    expect(await connect()).toEqual([null, address, 'v0.9.10', address]);
    expect(pbx.loggedIn).toEqual(['app']);
  });

  it('is told of a wrong secret', async () => {
    const [error] = await connect('wrong');
    expect(error).toMatchObject({ message: 'failed to authenticate to server' });
  });

  it('registers with digest, and not with a wrong password', async () => {
    await connect();
    expect((await register('1002', 'nonsense')).status).toBe(dialect === 'freeswitch' ? 403 : 401);
    expect((await register('1002')).status).toBe(200);
    const over = await register('1002', 'secret', 0);
    expect(over.status).toBe(200);
    expect(over.get('Contact')).not.toContain('1002-cti');
  });

  it('is told what a line does from the answer to SUBSCRIBE on, and at last that it is over', async () => {
    await connect();
    const { dialog, told } = await subscribe('1002', '1001');
    await until(() => expect(told).toHaveLength(1));
    const call = pbx.call({ from: '+442079460991', name: 'Carol <"&> Customer', to: '+442079460102' });
    await until(() => expect(statesOf(told)).toContain('early'));
    if (dialect !== 'kamailio') expect(told.at(-1).body).toContain('Carol &lt;&quot;&amp;&gt; Customer');
    pbx.phone('1002').answer();
    await until(() => expect(statesOf(told)).toContain('confirmed'));
    call.hangup();
    await until(() => expect(statesOf(told).at(-1)).toBe('terminated'));
    await dialog.request({ method: 'SUBSCRIBE', headers: { Event: 'dialog', Expires: '0' }, auth: AUTH });
    await until(() => expect(told.at(-1).get('Subscription-State')).toMatch(/^terminated/));
  });

  it('is offered the calls of a line that it registered for, and told why it is not any more', async () => {
    await connect();
    const invites: Untyped[] = [];
    const cancels: Untyped[] = [];
    srf.invite((request: Untyped, response: Untyped) => {
      invites.push(request);
      request.on('cancel', (cancel: Untyped) => cancels.push(cancel));
      response.send(180);
    });
    await register('1002');
    const call = pbx.call({ from: '1001', to: '1002' });
    await until(() => expect(invites).toHaveLength(1));
    expect(invites[0]).toMatchObject({ callingNumber: '1001', receivedOn: '127.0.50.2:5060' });
    pbx.phone('1002').answer();
    await until(() => expect(cancels).toHaveLength(1));
    expect(cancels[0].get('Reason')).toContain('SIP;cause=200;text="Call completed elsewhere"');
    call.hangup();
  });

  it('takes a call in the place of the telephone, and gives it up', async () => {
    await connect();
    const dialogs: Untyped[] = [];
    srf.invite(async (request: Untyped, response: Untyped) => {
      dialogs.push(await srf.createUAS(request, response, { localSdp: SDP }));
    });
    await register('1002');
    const call = pbx.call({ from: '1001', to: '1002' });
    await until(() => expect(dialogs).toHaveLength(1));
    expect(call.leg.state).toBe('up');
    await dialogs[0].destroy();
    await until(() => expect(call.isOver).toBe(true));
  });

  it("calls the user's own telephone, and tells it whom to call", async () => {
    await connect();
    const own = `sip:1001@${DOMAIN}`;
    const provisional: number[] = [];
    const calling = srf.createUAC(
      own,
      { localSdp: SDP, headers: { From: `<${own}>`, To: `<${own}>` }, auth: { username: '1001', password: 'secret' } },
      { cbProvisional: (response: Untyped) => provisional.push(response.status) },
    );
    await until(() => expect(pbx.phone('1001').isRinging).toBe(true));
    pbx.phone('1001').answer();
    const dialog = await calling;
    expect(provisional).toEqual([dialect === 'freeswitch' ? 183 : 180]);
    const progress: string[] = [];
    let left = false;
    dialog.on('destroy', () => {
      left = true;
    });
    dialog.on('notify', (request: Untyped, response: Untyped) => {
      response.send(200);
      progress.push(request.body.trim());
    });
    const answer = await dialog.request({ method: 'REFER', headers: { 'Refer-To': `<sip:1003@${DOMAIN}>` } });
    expect(answer.status).toBe(202);
    await until(() => expect(pbx.phone('1003').isRinging).toBe(true));
    pbx.phone('1003').answer();
    await until(() => expect(progress.at(-1)).toBe('SIP/2.0 200 OK'));
    if (dialect === 'freeswitch') await until(() => expect(left).toBe(true));
    else await dialog.destroy();
    expect(pbx.phone('1001').legs.at(-1)?.bridge?.legs).toHaveLength(2);
    pbx.phone('1003').hangup();
    await until(() => expect([...pbx.model.exchange.legs]).toEqual([]));
  });

  it('gives a call up that rings yet', async () => {
    await connect();
    const own = `sip:1001@${DOMAIN}`;
    const options = { localSdp: SDP, headers: { From: `<${own}>`, To: `<${own}>` }, auth: AUTH };
    const calling = srf.createUAC(`sip:1003@${DOMAIN}`, options, {
      cbRequest: (error: unknown, request: Untyped) => {
        if (!error) void until(() => expect(pbx.phone('1003').isRinging).toBe(true)).then(() => request.cancel());
      },
    });
    await expect(calling).rejects.toMatchObject({ status: 487 });
    expect(pbx.phone('1003').isRinging).toBe(false);
  });

  it('is refused what the PBX does not have', async () => {
    await connect();
    const options = { method: 'SUBSCRIBE', headers: { Event: 'presence', Expires: '60' }, auth: AUTH };
    const error = await srf.createUAC(`sip:1002@${DOMAIN}`, options, {}).catch((one: Untyped) => one);
    expect(error.status).toBe(489);
    const call = { localSdp: SDP, headers: { From: `<sip:1001@${DOMAIN}>` }, auth: AUTH };
    await expect(srf.createUAC(`sip:1999@${DOMAIN}`, call)).rejects.toMatchObject({ status: 404 });
  });
});

const AUTH = { username: '1001', password: 'secret' };
