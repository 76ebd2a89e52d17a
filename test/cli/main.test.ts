import { describe, expect, it } from 'vitest';
import { EXIT_MEANINGS, exitCodeOf } from '../../src/cli/exit-codes.ts';
import { createLogger } from '../../src/cli/logger.ts';
import { createProgram } from '../../src/cli/program.ts';
import { cliReference } from '../../src/cli/reference.ts';
import { printJson } from '../../src/cli/verb.ts';
import { ERROR_CODES, OffhookError } from '../../src/domain/error.ts';
import { run, start } from './harness.ts';

describe('the command line', () => {
  it('without a verb, or with a wrong one: 64 and what to do', async () => {
    expect(await run([])).toMatchObject({ code: 64 });
    const wrong = await run(['dail', '1001']);
    expect(wrong.code).toBe(64);
    expect(wrong.err).toMatch(/^offhook: .*\[cli\.usage\]\n {2}.*dial/);
    expect(await run(['dial', '1001', '--json'])).toMatchObject({ code: 64, json: { error: { code: 'cli.usage' } } });
    expect(await run(['watch', '--lines', '1001,,2'])).toMatchObject({ code: 64 });
    expect(await run(['demo', '--for', 'soon'])).toMatchObject({ code: 64 });
    expect(await run(['demo', '--colour'])).toMatchObject({ code: 64 });
  });

  it('help and version: 0, on stdout', async () => {
    for (const argv of [['--help'], ['help', 'dial'], ['contacts', 'import', '--help'], ['--version']]) {
      const { code, out, err } = await run(argv);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out).not.toBe('');
    }
  });

  it('an error in JSON goes to stdout; --debug adds the stack on stderr', async () => {
    const { out, err } = await run(['replay', 'nix', '--json', '--debug']);
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'recording.not-found', message: expect.any(String) } });
    expect(err).toContain('at ');
  });

  it('every error code has a documented exit code', () => {
    for (const code of ERROR_CODES) {
      const exit = exitCodeOf(new OffhookError(code, 'x'));
      expect(EXIT_MEANINGS).toHaveProperty(String(exit));
      expect(exit === 70).toBe(code === 'internal');
    }
    expect(exitCodeOf(new Error('x'))).toBe(70);
  });

  it('is described in docs/reference/cli.md as it is (offhook reference > docs/reference/cli.md)', async () => {
    const program = createProgram({ io: start(['--version']).io, exitWith() {} });
    await expect(cliReference(program)).toMatchFileSnapshot('../../docs/reference/cli.md');
  });

  it('every verb has --json', () => {
    const program = createProgram({ io: start(['--version']).io, exitWith() {} });
    const visit = (command: typeof program): void => {
      if (command.commands.length === 0) expect(command.options.map(({ long }) => long)).toContain('--json');
      for (const child of command.commands) visit(child as typeof program);
    };
    visit(program);
  });
});

it('JSON is safe on a terminal, too, and still the same', () => {
  let text = '';
  const { io } = start(['--version']);
  const stdout = {
    write(chunk: string) {
      text += chunk;
    },
  };
  const value = { name: '\u001b[31m\u009b2J\u202eevil Łukasz 李' };
  printJson({ ...io, stdout }, value);
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  expect(JSON.parse(text)).toEqual(value);
});

it('the log holds no secret', () => {
  let text = '';
  const logger = createLogger(
    {
      write: (line) => {
        text += line;
      },
    },
    'debug',
  );
  logger.info({ secret: 'abc123', connect: { secret: 'abc123', host: 'pbx' }, a: { b: { token: 'abc123' } } }, 'hello');
  expect(JSON.parse(text)).toMatchObject({ level: 'info', msg: 'hello', secret: '***', connect: { host: 'pbx' } });
  expect(text).not.toContain('abc123');
});

it('simulate asterisk: says where it is, and stops', async () => {
  const outcome = await run(['simulate', 'asterisk', '--port', '0', '--for', '100ms', '--json']);
  expect(outcome).toMatchObject({ code: 0, json: { type: 'ready', host: '127.0.0.1', username: 'offhook' } });
});

it('simulate sip: says where it is and what is behind it, and stops', async () => {
  const outcome = await run(['simulate', 'sip', '--port', '0', '--dialect', 'kamailio', '--for', '100ms', '--json']);
  expect(outcome).toMatchObject({ code: 0, json: { type: 'ready', host: '127.0.0.1', dialect: 'kamailio' } });
});

it('simulate freeswitch: says where it is, and stops', async () => {
  const outcome = await run(['simulate', 'freeswitch', '--port', '0', '--for', '100ms', '--json']);
  expect(outcome).toMatchObject({ code: 0, json: { type: 'ready', host: '127.0.0.1' } });
});
