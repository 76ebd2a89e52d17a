import { describe, expect, it } from 'vitest';
import { SimulatedClock } from '../../src/domain/clock.ts';
import { COMMAND_TYPES, type Command } from '../../src/domain/command.ts';
import { createEngine } from '../../src/engine/create-engine.ts';
import { answered, event, FakeAdapter, hungUp, incoming, outside, station } from './fake-adapter.ts';

function setUp() {
  const pbx = new FakeAdapter();
  const other = new FakeAdapter('other');
  const engine = createEngine({
    adapters: [pbx, other],
    lines: [
      { device: '1001', link: 'pbx' },
      { device: '2001', link: 'other' },
    ],
    clock: new SimulatedClock(),
  });
  pbx.up();
  pbx.say(...incoming('c', '1001', outside('+31201234567'), 1));
  return { pbx, other, engine };
}

const code = (result: object) => ('code' in result ? result.code : 'ok');

describe('a command', () => {
  it('goes to the adapter of its connection, and its result comes back', async () => {
    const { pbx, engine } = setUp();
    pbx.result = { ok: true, callId: 'c' };
    const command: Command = { type: 'answerCall', connection: 'c:1001' };
    expect(await engine.execute(command)).toEqual({ ok: true, callId: 'c' });
    expect(pbx.commands).toEqual([command]);
  });

  it('goes to the adapter of its line', async () => {
    const { other, engine } = setUp();
    other.linkIs('up', 1);
    expect(code(await engine.execute({ type: 'makeCall', device: '2001', number: '0201234567' }))).toBe('ok');
    expect(other.commands).toHaveLength(1);
  });

  it('is refused while the link is down', async () => {
    const { other, engine } = setUp();
    const result = await engine.execute({ type: 'makeCall', device: '2001', number: '0201234567' });
    expect(result).toMatchObject({ ok: false, code: 'command.link-down' });
    expect(other.commands).toEqual([]);
  });

  it('is refused for a device that is no line', async () => {
    const { engine } = setUp();
    expect(code(await engine.execute({ type: 'makeCall', device: '9', number: '1' }))).toBe('command.unknown-line');
    const pickup = { type: 'directedPickupCall', device: '2001', connection: 'c:1001' } as const;
    expect(code(await engine.execute(pickup))).toBe('command.unknown-line');
  });

  it('is refused for a connection that there is not', async () => {
    const { engine } = setUp();
    expect(code(await engine.execute({ type: 'holdCall', connection: 'x' }))).toBe('command.unknown-connection');
  });

  it('is refused with the reason where the link cannot do it', async () => {
    const { pbx, engine } = setUp();
    pbx.capabilities = { ...pbx.capabilities, answerCall: { support: 'no', note: 'The phone has no way to be told.' } };
    expect(await engine.execute({ type: 'answerCall', connection: 'c:1001' })).toMatchObject({
      code: 'command.unsupported',
      message: 'The phone has no way to be told.',
    });
    pbx.capabilities = { ...pbx.capabilities, answerCall: { support: 'conditional' } };
    expect(code(await engine.execute({ type: 'answerCall', connection: 'c:1001' }))).toBe('ok');
  });

  it('is refused in a state in which it makes no sense', async () => {
    const { pbx, engine } = setUp();
    const run = async (command: Command) => code(await engine.execute(command));
    expect(await run({ type: 'retrieveCall', connection: 'c:1001' })).toBe('command.wrong-state');
    expect(await run({ type: 'holdCall', connection: 'c:1001' })).toBe('command.wrong-state');
    pbx.say(answered('c', '1001', 20));
    expect(await run({ type: 'answerCall', connection: 'c:1001' })).toBe('command.wrong-state');
    expect(await run({ type: 'holdCall', connection: 'c:1001' })).toBe('ok');
    pbx.say(event('held', 'c', 30, [{ id: 'c:1001', device: '1001', state: 'hold' }]));
    expect(await run({ type: 'retrieveCall', connection: 'c:1001' })).toBe('ok');
    pbx.say(...hungUp('c', '1001', 40));
    expect(await run({ type: 'clearConnection', connection: 'c:1001' })).toBe('command.wrong-state');
  });

  it('to transfer looks at both connections', async () => {
    const { pbx, engine } = setUp();
    pbx.say(answered('c', '1001', 20), event('held', 'c', 30, [{ id: 'c:1001', device: '1001', state: 'hold' }]));
    const transfer = { type: 'transferCall', connection: 'c:1001', consultation: 'd:1001' } as const;
    expect(code(await engine.execute(transfer))).toBe('command.unknown-connection');
    const own = { id: 'd:1001', device: '1001', party: station('1001'), direction: 'out' } as const;
    pbx.say(event('originated', 'd', 40, [{ ...own, state: 'connected' }]));
    expect(code(await engine.execute(transfer))).toBe('ok');
    pbx.say(event('connectionCleared', 'd', 50, [{ ...own, state: 'null' }]));
    expect(code(await engine.execute(transfer))).toBe('command.wrong-state');
  });

  it.each([
    ['nothing', undefined],
    ['no object', 'answerCall'],
    ['an unknown service', { type: 'explode' }],
    ['a prototype name', { type: 'constructor' }],
    ['no connection', { type: 'answerCall' }],
    ['an empty number', { type: 'makeCall', device: '1001', number: '' }],
    ['a number that is no text', { type: 'makeCall', device: '1001', number: 5 }],
    ['a line feed', { type: 'makeCall', device: '1001', number: '1\r\nAction: Originate' }],
    ['a null byte', { type: 'parkCall', connection: 'c:1001', place: '7\u00001' }],
  ])('that has %s is malformed', async (_, command) => {
    const { pbx, engine } = setUp();
    expect(code(await engine.execute(command as Command))).toBe('command.invalid-argument');
    expect(pbx.commands).toEqual([]);
  });

  it('never rejects, even if the adapter does', async () => {
    const { pbx, engine } = setUp();
    pbx.execute = () => Promise.reject(new Error('boom'));
    expect(code(await engine.execute({ type: 'answerCall', connection: 'c:1001' }))).toBe('internal');
    pbx.execute = () => {
      throw new Error('boom');
    };
    expect(code(await engine.execute({ type: 'answerCall', connection: 'c:1001' }))).toBe('internal');
  });

  it('is refused after the engine has stopped', async () => {
    const { engine } = setUp();
    await engine.stop();
    expect(code(await engine.execute({ type: 'answerCall', connection: 'c:1001' }))).toBe('command.link-down');
  });

  it('of every type is known', async () => {
    const { engine } = setUp();
    for (const type of COMMAND_TYPES) {
      const all = { type, device: '1001', connection: 'c:1001', number: '1', digits: '1' } as unknown as Command;
      expect(code(await engine.execute(all)), type).not.toBe('command.invalid-argument');
    }
  });
});
