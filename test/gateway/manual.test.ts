import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../../src/domain/error.ts';
import { RPC_METHODS, WIRE_CALL_EVENTS } from '../../src/gateway/protocol.ts';
import { http, open } from './support.ts';

const manual = readFileSync(new URL('../../docs/reference/gateway.md', import.meta.url), 'utf8');
const quoted = new Set([...manual.matchAll(/`([^`\n]+)`/g)].map(([, text]) => text ?? ''));

describe('docs/reference/gateway.md', () => {
  it('has every error code of the gateway, and none that does not exist', () => {
    for (const code of ERROR_CODES) if (code.startsWith('gateway.')) expect(quoted, code).toContain(code);
    const named = [...quoted].filter((text) => /^(gateway|command)\.[a-z-]+$/.test(text));
    for (const code of named) expect(ERROR_CODES, code).toContain(code);
  });

  it('has every method and every call event', () => {
    for (const method of Object.keys(RPC_METHODS)) expect(quoted, method).toContain(method);
    for (const event of WIRE_CALL_EVENTS) expect(quoted, event).toContain(event);
  });

  it('has every metric, and none that does not exist', async () => {
    const { text } = await http(await open(), 'GET', '/metrics');
    const exposed = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name);
    const named = [...quoted].filter((name) => name.startsWith('offhook_'));
    expect(named.sort()).toEqual(exposed.sort());
  });
});
