import { describe, expect, it } from 'vitest';
import { callOf, FakeEngine } from './fake-engine.ts';
import { Client, http, open } from './support.ts';

describe('the metrics', () => {
  it('count calls, lines, links, events, subscribers and commands', async () => {
    const engine = new FakeEngine();
    const gateway = await open({ engine });
    const client = await Client.connect(gateway);
    await client.call('subscribe');
    engine.setLink('pbx', 'up');
    engine.setLine('1001', 'alerting');
    engine.setCall(callOf('a', ['1001']), 'delivered');
    engine.setCall(callOf('b', ['1001'], 'cleared'), 'callCleared');
    await client.call('holdCall', { connection: 'a' });
    engine.result = { ok: false, code: 'made-up.by-a-switch', message: 'x' };
    await client.call('holdCall', { connection: 'a' });
    await http(gateway, 'GET', '/nothing');
    const { text, headers } = await http(gateway, 'GET', '/metrics');
    expect(headers['content-type']).toMatch(/^text\/plain/);
    for (const sample of [
      'offhook_calls{state="connected"} 1',
      'offhook_calls{state="alerting"} 0',
      'offhook_lines{state="alerting"} 1',
      'offhook_links{state="up"} 1',
      'offhook_events_total{type="org.offhook.call.delivered"} 1',
      'offhook_events_total{type="org.offhook.line.changed"} 1',
      'offhook_event_delivery_seconds_count 4',
      'offhook_subscribers{transport="websocket"} 1',
      'offhook_snapshots_total{reason="subscribed"} 1',
      'offhook_commands_total{command="holdCall",result="ok"} 1',
      'offhook_commands_total{command="holdCall",result="other"} 1',
      'offhook_requests_refused_total{code="gateway.not-found"} 1',
    ]) {
      expect(text).toContain(`${sample}\n`);
    }
  });

  it('hold nothing that a caller chose', async () => {
    const engine = new FakeEngine();
    const gateway = await open({ engine });
    const client = await Client.connect(gateway);
    engine.setLine('55501');
    engine.setCall(callOf('call-55502', ['55501', '+4955503']));
    await client.call('makeCall', { device: '55501', number: '55504' });
    await client.call('method-55505');
    await http(gateway, 'GET', '/path-55506');
    const { text } = await http(gateway, 'GET', '/metrics');
    expect(text).not.toContain('5550');
    const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    for (let i = 0; i < 50; i++) engine.setCall(callOf(`call-${i}`, [`${i}`]));
    const later = (await http(gateway, 'GET', '/metrics')).text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(later).toHaveLength(samples.length);
  });
});
