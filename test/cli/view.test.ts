import { describe, expect, it } from 'vitest';
import { rowsOf } from '../../src/cli/view/line-view.ts';
import { render, type Scene } from '../../src/cli/view/render.ts';
import { displayWidth, duration, padEnd, sanitise, truncate } from '../../src/cli/view/text.ts';
import { createTheme } from '../../src/cli/view/theme.ts';
import type { Connection, Line, LineCall } from '../../src/domain/call.ts';
import type { Party } from '../../src/domain/device.ts';

const plain = createTheme(false);
const coloured = createTheme(true);

function party(more: Partial<Party> = {}): Party {
  return { device: null, category: 'trunk', number: '+442079460991', name: null, presentation: 'allowed', ...more };
}

function lineCall(more: Partial<LineCall> = {}): LineCall {
  const own: Connection = {
    id: 'c1',
    device: '1001',
    party: party({ category: 'station', device: '1001', number: '1001' }),
    state: 'connected',
    direction: 'in',
    startedAt: 0,
    since: 0,
  };
  return { ...own, callId: 'call', link: 'pbx', remoteState: 'connected', remote: party(), ...more };
}

const line = (device = '1001', label = 'Reception'): Line => ({
  device,
  label,
  link: 'pbx',
  state: 'idle',
  since: 0,
  connections: ['c1'],
});

function scene(more: Partial<Scene> = {}): Scene {
  return {
    title: 'offhook demo',
    address: 'http://127.0.0.1:7780',
    links: [],
    rows: rowsOf(line(), [lineCall()]),
    tales: [],
    missed: 0,
    calls: 1,
    now: 65_000,
    keys: [['q', 'quit']],
    ...more,
  };
}

const known = {
  status: 'known',
  hits: [
    {
      contact: { id: '1', source: 's', name: 'Carol Customer', organisation: 'Customer & Sons Ltd', numbers: [] },
      reason: 'exact',
      confidence: 1,
      matched: '+442079460991',
    },
  ],
} as const;

// What a caller can put into a display name: colours, the window's title, the cursor, the direction of reading.
const HOSTILE = '\u001b[2J\u001b]0;owned\u0007\r\n\u202eevil\u2066 \u0000\u009b31m\ud800 李秀英';

describe('texts on a terminal', () => {
  it('lose everything that a terminal obeys', () => {
    const safe = sanitise(HOSTILE);
    expect(safe).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ud800-\udfff]/);
    expect(safe).toContain('李秀英');
  });

  it('are measured in columns: wide characters two, combining marks none, emoji two', () => {
    expect(displayWidth('abc')).toBe(3);
    expect(displayWidth('李秀英')).toBe(6);
    expect(displayWidth('e\u0301')).toBe(1);
    expect(displayWidth('👩‍👩‍👧')).toBe(2);
    expect(displayWidth('ＡＢ')).toBe(4);
    expect(displayWidth('Łukasz Żak')).toBe(10);
  });

  it('are cut at columns, never through a character', () => {
    expect(truncate('李秀英', 5)).toBe('李秀…');
    expect(truncate('李秀英', 4)).toBe('李…');
    expect(displayWidth(padEnd('李秀英', 4))).toBe(4);
    expect(truncate('abc', 3)).toBe('abc');
    expect(truncate('abc', 0)).toBe('');
  });

  it('tell durations as a clock does', () => {
    expect([0, 7_999, 754_000, 3_723_000].map(duration)).toEqual(['0:00', '0:07', '12:34', '1:02:03']);
  });
});

describe('the picture', () => {
  it('shows who it is and why', () => {
    const rows = rowsOf(line(), [lineCall({ remoteRecognition: known })]);
    const text = render(scene({ rows }), { columns: 120, rows: 20 }, plain).join('\n');
    expect(text).toMatch(
      /1001 +Reception +● talking +1:05 +Carol Customer +\+442079460991 +exact match, Customer & Sons Ltd/,
    );
  });

  it('shows a state by symbol and word, not by colour alone', () => {
    const states: [Partial<LineCall>, string][] = [
      [{ state: 'alerting' }, '▲ ringing'],
      [{ state: 'initiated', direction: 'out' }, '▷ dialling'],
      [{ state: 'connected', direction: 'out', remoteState: 'alerting' }, '▶ calling'],
      [{ state: 'hold' }, '‖ on hold'],
      [{ state: 'connected', remoteState: 'hold' }, '‖ held'],
      [{ state: 'fail' }, '✕ failed'],
    ];
    for (const [facts, shown] of states) {
      const picture = render(scene({ rows: rowsOf(line(), [lineCall(facts)]) }), { columns: 80, rows: 20 }, plain);
      expect(picture.join('\n')).toContain(shown);
    }
    expect(render(scene({ rows: rowsOf(line(), []) }), { columns: 80, rows: 20 }, plain).join('\n')).toContain(
      '○ idle',
    );
  });

  it('says nothing of a withheld number', () => {
    const remote = party({ number: null, presentation: 'restricted' });
    const rows = rowsOf(line(), [lineCall({ remote, remoteRecognition: { status: 'withheld' } })]);
    expect(render(scene({ rows }), { columns: 100, rows: 12 }, plain).join('\n')).toContain('number withheld');
  });

  it.each([
    [40, 12],
    [20, 6],
    [80, 24],
    [120, 40],
    [300, 80],
  ])('fits %i columns and %i rows, whatever callers are named', (columns, rows) => {
    const hostile = party({ name: HOSTILE.repeat(9), number: HOSTILE });
    const many = Array.from({ length: 30 }, (_, index) =>
      rowsOf(line(String(1000 + index), HOSTILE), [lineCall({ remote: hostile, queue: HOSTILE })]),
    ).flat();
    const tale = { time: 0, device: sanitise(HOSTILE), look: many[0]!.look, text: sanitise(HOSTILE.repeat(5)) };
    const links = [{ link: HOSTILE, kind: 'x', state: 'waiting', since: 0, reason: HOSTILE, capabilities: {} }];
    const picture = render(
      scene({ rows: many, tales: [tale, tale], links: links as never, notice: 'hint '.repeat(50) }),
      { columns, rows },
      plain,
    );
    expect(picture.length).toBeLessThanOrEqual(rows);
    for (const drawn of picture) {
      expect(displayWidth(drawn)).toBeLessThanOrEqual(columns);
      expect(drawn).toBe(sanitise(drawn));
    }
    expect(picture.join('\n')).not.toContain('\u001b');
  });

  it('has the same width with colours', () => {
    const size = { columns: 80, rows: 24 };
    const strip = (text: string) => text.replace(/\u001b\[\d+m/g, '');
    expect(render(scene(), size, coloured).map(strip)).toEqual(render(scene(), size, plain));
  });

  it('leaves lines out rather than the keys', () => {
    const rows = Array.from({ length: 50 }, (_, index) => rowsOf(line(String(1000 + index)), [])).flat();
    const picture = render(scene({ rows }), { columns: 60, rows: 14 }, plain);
    expect(picture.at(-1)).toContain('q quit');
    expect(picture.join('\n')).toMatch(/… \d+ more/);
  });
});
