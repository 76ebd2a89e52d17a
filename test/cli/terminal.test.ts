import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { systemClock } from '../../src/domain/clock.ts';
import { folder, until } from './harness.ts';

/** A terminal of 80 columns with a keyboard. */
function terminal(env: Record<string, string>) {
  let out = '';
  const keyboard = Object.assign(new EventEmitter(), {
    isTTY: true,
    raw: false,
    setRawMode(raw: boolean) {
      this.raw = raw;
    },
    resume() {},
    pause() {},
  });
  const stdout = {
    write: (text: string) => {
      out += text;
    },
    isTTY: true,
    columns: 80,
    rows: 24,
  };
  const io = { stdout, stderr: stdout, stdin: keyboard, env, clock: systemClock, stop: new AbortController().signal };
  return { io, keyboard, out: () => out, press: (key: string) => keyboard.emit('data', Buffer.from(key)) };
}

it('on a terminal: draws on the alternate screen, obeys keys, and gives the terminal back', async () => {
  const { io, keyboard, out, press } = terminal({ XDG_RUNTIME_DIR: folder(), TERM: 'xterm', NO_COLOR: '1' });
  const done = main(['demo', '--port', '0'], io);
  await until(() => out().includes('Carol Customer'));
  expect(keyboard.raw).toBe(true);
  press('d');
  await until(() => out().includes('is asked to lift the handset'));
  press('\u001b[A');
  press('q');
  expect(await done).toBe(0);
  expect(out().startsWith('\u001b[?1049h\u001b[?25l')).toBe(true);
  expect(out().endsWith('\u001b[?25h\u001b[?1049l')).toBe(true);
  expect(keyboard.raw).toBe(false);
  expect(keyboard.listenerCount('data')).toBe(0);
  // NO_COLOR: resets only.
  expect(
    out()
      .match(/\u001b\[[0-9;]*m/g)
      ?.every((code) => code === '\u001b[0m'),
  ).toBe(true);
}, 15_000);
