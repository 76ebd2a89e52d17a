import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/domain/clock.ts';
import { FrameSource } from '../../src/gateway/frames.ts';
import { applyEvent, emptyState, RPC_METHODS, type WireEvent, wireEventSchema } from '../../src/gateway/protocol.ts';
import { callOf, FakeEngine } from './fake-engine.ts';

/** Every module that a module imports, directly or not, types left out. */
function reached(file: URL, found = new Set<string>()): Set<string> {
  const source = readFileSync(file, 'utf8');
  for (const [, specifier = ''] of source.matchAll(/^(?:import|export) (?!type )[^;]*? from '([^']+)';/gms)) {
    const next = specifier.startsWith('.') ? new URL(specifier, file) : undefined;
    const name = next === undefined ? specifier : (next.pathname.split('/src/')[1] ?? '');
    if (found.has(name)) continue;
    found.add(name);
    if (next !== undefined) reached(next, found);
  }
  return found;
}

/** An event as it comes out of a frame. */
function sent(engine: FakeEngine, entry = engine.entriesAfter(engine.snapshot().seq - 1)?.[0]): WireEvent {
  const frame = new FrameSource(engine, systemClock).entryFrame(entry!);
  return wireEventSchema.parse(JSON.parse(String(frame.socket)));
}

describe('the protocol module', () => {
  it('brings nothing of the server to a client: the domain, its own wire types, and zod', () => {
    for (const module of reached(new URL('../../src/gateway/protocol.ts', import.meta.url))) {
      expect(module).toMatch(/^(zod|domain\/.*|gateway\/wire\/.*)$/);
    }
  });

  it('reads what the server sends, and keeps nothing of a newer version that it does not know', () => {
    const engine = new FakeEngine();
    engine.setCall({ ...callOf('a', ['1001']), novelty: 1 } as ReturnType<typeof callOf>);
    const event = sent(engine);
    expect(event).toMatchObject({ type: 'org.offhook.call.established', data: { call: { id: 'a' } } });
    expect(JSON.stringify(event)).not.toContain('novelty');
  });

  it('lets a client keep state: a cleared call is dropped, a line replaced', () => {
    const engine = new FakeEngine();
    const state = emptyState();
    engine.setCall(callOf('a', ['1001']));
    applyEvent(state, sent(engine));
    engine.setLine('1001', 'connected');
    applyEvent(state, sent(engine));
    expect([state.calls.size, state.lines.get('1001')?.state]).toEqual([1, 'connected']);
    engine.setCall(callOf('a', ['1001'], 'cleared'), 'callCleared');
    applyEvent(state, sent(engine));
    expect(state.calls.size).toBe(0);
    expect(state.cursor).toMatch(/\.3$/);
  });

  it('is not stopped by a time that is none', () => {
    const engine = new FakeEngine();
    engine.time = Number.MAX_VALUE;
    engine.setLine('1001');
    expect(sent(engine).time).toBe('1970-01-01T00:00:00.000Z');
  });

  it('says of every method what it does', () => {
    for (const { summary } of Object.values(RPC_METHODS)) expect(summary).toMatch(/\S.*[.?]$/s);
  });
});
