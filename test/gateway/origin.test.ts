import { describe, expect, it } from 'vitest';
import { bearer, Client, http, open, refusal, TOKEN } from './support.ts';

describe('a web page', () => {
  it('that is foreign is refused, over WebSocket and HTTP', async () => {
    const gateway = await open();
    const headers = { Origin: 'https://evil.example' };
    expect(await refusal(gateway, headers)).toMatchObject({ status: 403, problem: { code: 'gateway.origin-refused' } });
    const reply = await http(gateway, 'POST', '/v1/connections/a/hold', { headers });
    expect(reply.json).toMatchObject({ status: 403, code: 'gateway.origin-refused' });
    expect(reply.headers['access-control-allow-origin']).toBeUndefined();
  });

  it.each(['null', 'file://', 'http://127.0.0.1', 'http://127.0.0.1:1', ''])(
    'of origin %j is foreign',
    async (Origin) => {
      const gateway = await open();
      expect((await http(gateway, 'GET', '/healthz', { headers: { Origin } })).status).toBe(403);
    },
  );

  it("that is the gateway's own is welcome", async () => {
    const gateway = await open();
    await Client.connect(gateway, { Origin: gateway.url });
    expect(
      (await http(gateway, 'GET', '/healthz', { headers: { Origin: gateway.url, Host: `127.0.0.1:${gateway.port}` } }))
        .status,
    ).toBe(200);
  });

  it('that is allowed may connect, ask and read answers', async () => {
    const origin = 'chrome-extension://abcdefghijklmnop';
    const gateway = await open({ allowedOrigins: [origin] });
    await Client.connect(gateway, { Origin: origin });
    const reply = await http(gateway, 'GET', '/v1/lines', { headers: { Origin: origin } });
    expect(reply.status).toBe(200);
    expect(reply.headers['access-control-allow-origin']).toBe(origin);
    const preflight = await http(gateway, 'OPTIONS', '/v1/calls', {
      headers: { Origin: origin, 'Access-Control-Request-Method': 'POST' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers['access-control-allow-headers']).toMatch(/Authorization/);
  });

  it('is refused even with a token', async () => {
    const gateway = await open({ tokens: [{ token: TOKEN, name: 'tray' }] });
    const { status } = await refusal(gateway, { ...bearer(), Origin: 'https://evil.example' });
    expect(status).toBe(403);
  });
});

describe('the Host header', () => {
  it.each(['evil.example', 'evil.example:80', '127.0.0.1.evil.example', 'localhost@evil.example'])(
    '%j is refused: a name that was rebound to this machine',
    async (Host) => {
      const gateway = await open();
      expect((await http(gateway, 'GET', '/v1/calls', { headers: { Host } })).json).toMatchObject({
        status: 403,
        code: 'gateway.host-refused',
      });
      expect((await refusal(gateway, { Host })).problem.code).toBe('gateway.host-refused');
    },
  );

  it.each(['localhost', 'LOCALHOST:8088', '127.0.0.1', '[::1]:9', 'cti.example.org'])('%s is ours', async (Host) => {
    const gateway = await open({ allowedHosts: ['cti.example.org'] });
    expect((await http(gateway, 'GET', '/v1/calls', { headers: { Host } })).status).toBe(200);
  });
});
