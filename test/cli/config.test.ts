import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkConfig } from '../../src/cli/config/load.ts';
import { configJsonSchema } from '../../src/cli/config/schema.ts';
import { OffhookError } from '../../src/domain/error.ts';
import { suggest } from '../../src/domain/suggest.ts';
import { folder, run } from './harness.ts';

const LINK = `links:
  - type: asterisk-ami
    host: pbx.example.org
    username: offhook
    secret: s3cret-of-the-test
`;

/** The error that a text gets; fails where it gets none. */
function refused(text: string, env: Record<string, string> = {}): OffhookError {
  try {
    checkConfig(text, 'offhook.yaml', env);
  } catch (error) {
    if (error instanceof OffhookError) return error;
    throw error;
  }
  throw new Error('the configuration was taken');
}

describe('a configuration that is wrong', () => {
  it.each([
    ['an unknown key', LINK.replace('username', 'usrname'), 'links[0].usrname', 4, 'Did you mean "username"?'],
    ['an unknown key at the top', `${LINK}gatway: {}\n`, 'gatway', 6, 'Did you mean "gateway"?'],
    [
      'an unknown key deep down',
      `${LINK}gateway:\n  tokens:\n    - name: a\n      tokn: x\n`,
      'gateway.tokens[0].tokn',
      9,
      'token',
    ],
    ['a missing host', LINK.replace(/ +host.*\n/, ''), 'links[0].host', 2, 'Add "host: ..."'],
    ['a wrong type', LINK.replace('pbx.example.org', '5'), 'links[0].host', 3, 'Put it in quotes: host: "5"'],
    ['a port that is a text', `${LINK}gateway:\n  port: "x"\n`, 'gateway.port', 7, 'without quotes'],
    ['an extension without quotes', `${LINK}lines:\n  - device: 1001\n`, 'lines[0].device', 7, 'device: "1001"'],
    ['a value where a list belongs', `${LINK}lines: 1001\n`, 'lines', 6, 'beginning with "- "'],
    ['a missing secret', LINK.replace(/ +secret.*\n/, ''), 'links[0].secret', 2, 'secretFile'],
    ['a secret given twice', `${LINK}    secretFile: x\n`, 'links[0].secret', 5, 'Keep one'],
    ['a secret file that is not there', LINK.replace(/secret:.*/, 'secretFile: nix'), 'links[0].secretFile', 5, 'path'],
    ['an unknown kind of link', LINK.replace('asterisk-ami', 'asterisk'), 'links[0].type', 2, 'config schema'],
    ['a country that there is not', `${LINK}numberingPlan:\n  country: XX\n`, 'numberingPlan.country', 7, 'schema'],
    [
      'an own range upside down',
      `${LINK}numberingPlan:\n  country: GB\n  ownNumbers:\n    - from: "+442079460199"\n      to: "+442079460100"\n`,
      'numberingPlan.ownNumbers[0].to',
      10,
      'schema',
    ],
    ['contacts without a plan', `${LINK}contacts:\n  index: x\n`, 'contacts', 7, 'numberingPlan: { country: GB }'],
    ['no links', 'lines: []\n', 'links', 1, 'Add "links: ..."'],
  ])('%s: the message names path, line and fix', (_, text, field, line, fix) => {
    const error = refused(text);
    expect(error).toMatchObject({ code: 'config.invalid', field });
    expect(error.message).toContain(`offhook.yaml, line ${line}: ${field}:`);
    expect(error.remedy).toContain(fix);
    expect(`${error.message} ${error.remedy}`).not.toContain('s3cret');
  });

  it('is not YAML: the message names the line', () => {
    const error = refused('links:\n  - host: "abc\n');
    expect(error).toMatchObject({ code: 'config.malformed' });
    expect(error.message).toMatch(/offhook\.yaml, line \d: this is not YAML/);
    expect(refused('a: 1\na: 2\n')).toMatchObject({ code: 'config.malformed', field: 'line 2' });
  });

  it('names an environment variable that is not set', () => {
    const error = refused(LINK.replace('s3cret-of-the-test', `\${PBX_SECRET}`));
    expect(error.message).toContain('line 5: links[0].secret: the environment variable PBX_SECRET is not set');
    expect(error.remedy).toContain('export PBX_SECRET=');
  });
});

describe('a configuration that is right', () => {
  it('takes secrets from the environment and from files, and leaves an escaped dollar alone', () => {
    const text = LINK.replace('s3cret-of-the-test', () => `"\${A}-$\${B}"`);
    expect(checkConfig(text, 'x.yaml', { A: 'one' }).config.links[0]?.secret).toBe(`one-\${B}`);
    const where = folder();
    writeFileSync(join(where, 'secret'), 'of a file\n');
    const { config } = checkConfig(LINK.replace(/secret:.*/, 'secretFile: secret'), join(where, 'x.yaml'), {});
    expect(config.links[0]?.secret).toBe('of a file');
  });

  it('is checked by `run --check`, which prints no secret', async () => {
    const file = join(folder(), 'offhook.yaml');
    writeFileSync(file, `${LINK}lines:\n  - device: "1001"\n`);
    const outcome = await run(['run', '--check', '--json', '--config', file]);
    expect(outcome).toMatchObject({ code: 0, json: { ok: true, file, links: 1, lines: 1 } });
    expect(outcome.out).not.toContain('s3cret');
  });

  it('that is not there: exit code 66 and an example', async () => {
    const outcome = await run(['run', '--config', join(folder(), 'nix.yaml')]);
    expect(outcome.code).toBe(66);
    expect(outcome.err).toContain('[config.not-found]');
    expect(outcome.err).toContain('type: asterisk-ami');
  });

  it('that is wrong: exit code 78, the error as JSON', async () => {
    const file = join(folder(), 'offhook.yaml');
    writeFileSync(file, LINK.replace('host', 'hots'));
    const outcome = await run(['run', '--json', '--config', file]);
    expect(outcome).toMatchObject({ code: 78, json: { error: { code: 'config.invalid', field: 'links[0].hots' } } });
  });
});

describe('suggestions', () => {
  it('come for near words only', () => {
    expect(suggest('usrename', ['username', 'host'])).toBe('username');
    expect(suggest('SECRET', ['secret'])).toBe('secret');
    expect(suggest('banana', ['username', 'host'])).toBeUndefined();
  });
});

it('the JSON Schema in the manual is current (offhook config schema > docs/reference/config.schema.json)', async () => {
  await expect(`${JSON.stringify(configJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(
    '../../docs/reference/config.schema.json',
  );
});
