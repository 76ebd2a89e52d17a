import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { OffhookError } from '../../domain/error.ts';
import { directoryAddress, validateNumberingPlan } from '../../recognition/index.ts';
import { type ConfigDocument, type Path, parseText, pathText, readDocument } from './document.ts';
import { invalidConfig, valueAt } from './problems.ts';
import { type Config, configSchema, type LinkConfig, MINIMAL_CONFIG, type SipLinkConfig } from './schema.ts';
import { substitute } from './substitute.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** A configuration that was checked, with secrets in place and paths that do not depend on the working directory. */
export interface LoadedConfig {
  readonly file: string;
  readonly config: Config;
}

/**
 * Reads and checks a configuration. Throws `config.not-found`, `config.malformed`, `config.invalid`; messages name the
 * path and the line, remedies what to write. Never puts a secret into a message.
 */
export function loadConfig(file: string, env: Env): LoadedConfig {
  const remedy = `The least that it needs:\n${MINIMAL_CONFIG.replace(/^/gm, '  ').trimEnd()}`;
  return checkDocument(readDocument(file, remedy), env);
}

/** The same for a text. `file` is for messages and for paths in it. */
export function checkConfig(text: string, file: string, env: Env): LoadedConfig {
  return checkDocument(parseText(text, file), env);
}

function checkDocument(document: ConfigDocument, env: Env): LoadedConfig {
  const parsed = configSchema.safeParse(substitute(document, env));
  if (!parsed.success) throw invalidConfig(document, parsed.error, (path) => keysAt(path, document.value));
  const config = withPaths(parsed.data, dirname(resolve(document.file)));
  const fail = failer(document);
  const plan = config.numberingPlan;
  if (plan !== undefined) checkPlan(plan, fail);
  for (const key of ['contacts', 'directory'] as const) {
    if (config[key] !== undefined && plan === undefined)
      fail([key], 'needs a numberingPlan', 'Add it: numberingPlan: { country: GB }');
  }
  if (config.directory !== undefined) checkDirectory(config.directory, fail);
  return {
    file: document.file,
    config: {
      ...config,
      links: config.links.map((link, index) => withSecrets(link, index, fail)),
      ...(config.gateway === undefined ? {} : { gateway: gatewayWithTokens(config.gateway, fail) }),
    },
  };
}

type Fail = (path: Path, what: string, fix: string) => never;

function failer(document: ConfigDocument): Fail {
  return (path, what, fix) => {
    const line = document.lineOf(path) ?? 1;
    const message = `${document.file}, line ${line}: ${pathText(path)}: ${what}.`;
    throw new OffhookError('config.invalid', message, { field: pathText(path), remedy: fix });
  };
}

/** Whether the directory's address is one; nothing is asked of it. */
function checkDirectory(directory: NonNullable<Config['directory']>, fail: Fail): void {
  try {
    directoryAddress(directory.url);
  } catch (error) {
    if (!(error instanceof OffhookError)) throw error;
    fail(['directory', 'url'], error.message, error.remedy ?? 'Write it as https://directory.example.');
  }
}

function checkPlan(plan: NonNullable<Config['numberingPlan']>, fail: Fail): void {
  try {
    validateNumberingPlan(plan);
  } catch (error) {
    if (!(error instanceof OffhookError)) throw error;
    const inside = (error.field ?? '').split(/[.[\]]+/).filter((part) => part !== '');
    const path = inside.map((part) => (/^\d+$/.test(part) ? Number(part) : part));
    const what = error.message.replace(/^Numbering plan: \S+ /, '').replace(/[.]$/, '');
    fail(['numberingPlan', ...path], what, error.remedy ?? 'See docs/reference/config.schema.json.');
  }
}

function withPaths(config: Config, folder: string): Config {
  const at = (path: string) => resolve(folder, path);
  return {
    ...config,
    links: config.links.map((link) => ({
      ...link,
      ...(link.secretFile === undefined ? {} : { secretFile: at(link.secretFile) }),
      ...(typeof link.tls !== 'object' || link.tls.caFile === undefined
        ? {}
        : { tls: { ...link.tls, caFile: at(link.tls.caFile) } }),
      ...(link.type === 'sip' ? { accounts: accountsWithPaths(link.accounts, at) } : {}),
    })),
    ...(config.contacts === undefined ? {} : { contacts: { index: at(config.contacts.index) } }),
    ...(config.gateway?.tokens === undefined
      ? {}
      : {
          gateway: {
            ...config.gateway,
            tokens: config.gateway.tokens.map((token) =>
              token.tokenFile === undefined ? token : { ...token, tokenFile: at(token.tokenFile) },
            ),
          },
        }),
  };
}

function accountsWithPaths(
  accounts: SipLinkConfig['accounts'],
  at: (path: string) => string,
): SipLinkConfig['accounts'] {
  return Object.fromEntries(
    Object.entries(accounts).map(([line, account]) => [
      line,
      account.passwordFile === undefined ? account : { ...account, passwordFile: at(account.passwordFile) },
    ]),
  );
}

function withSecrets(link: LinkConfig, index: number, fail: Fail): LinkConfig {
  const secret = secretOf(link, index, fail);
  if (link.type !== 'sip') return { ...link, secret };
  const accounts = Object.entries(link.accounts).map(([line, { passwordFile, ...account }]) => {
    const path = ['links', index, 'accounts', line, 'password'];
    const { password } = account;
    if (password !== undefined && passwordFile !== undefined)
      fail(path, 'is given twice, also as passwordFile', 'Keep one.');
    if (password !== undefined) return [line, account];
    const fix = `Add "password: \${SIP_PASSWORD_${line}}" and set that variable, or "passwordFile: /path/to/a/file".`;
    if (passwordFile === undefined) return fail(path, 'is missing', fix);
    return [line, { ...account, password: readSecret(passwordFile, [...path.slice(0, -1), 'passwordFile'], fail) }];
  });
  return { ...link, secret, accounts: Object.fromEntries(accounts) };
}

const SECRET_VARIABLES: Readonly<Record<LinkConfig['type'], string>> = {
  'asterisk-ami': 'ASTERISK_SECRET',
  'freeswitch-esl': 'FREESWITCH_SECRET',
  sip: 'DRACHTIO_SECRET',
};

function secretOf({ type, secret, secretFile }: Config['links'][number], index: number, fail: Fail): string {
  const path = ['links', index, 'secret'];
  const variable = SECRET_VARIABLES[type];
  const fix = `Add "secret: \${${variable}}" and set that variable, or "secretFile: /path/to/a/file".`;
  if (secret !== undefined && secretFile !== undefined) fail(path, 'is given twice, also as secretFile', 'Keep one.');
  if (secret !== undefined) return secret;
  if (secretFile === undefined) return fail(path, 'is missing', fix);
  return readSecret(secretFile, ['links', index, 'secretFile'], fail);
}

function gatewayWithTokens(gateway: NonNullable<Config['gateway']>, fail: Fail): NonNullable<Config['gateway']> {
  if (gateway.tokens === undefined) return gateway;
  const tokens = gateway.tokens.map((entry, index) => {
    const path = ['gateway', 'tokens', index];
    const given = [entry.token, entry.tokenFile, entry.tokenHash].filter((each) => each !== undefined);
    if (given.length !== 1) fail(path, 'needs one of token, tokenFile and tokenHash', 'Make one: openssl rand -hex 24');
    if (entry.tokenFile === undefined) return entry;
    const { tokenFile, ...rest } = entry;
    return { ...rest, token: readSecret(tokenFile, [...path, 'tokenFile'], fail) };
  });
  return { ...gateway, tokens };
}

function readSecret(file: string, path: Path, fail: Fail): string {
  let secret: string;
  try {
    secret = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    return fail(
      path,
      `${file} cannot be read (${(error as NodeJS.ErrnoException).code})`,
      'Check the path and who may read it.',
    );
  }
  if (secret === '' || /[\r\n\0]/.test(secret)) {
    return fail(
      path,
      `${file} must hold the secret on one line and nothing else`,
      'Write it again: printf %s SECRET > FILE',
    );
  }
  return secret;
}

/** The settings that can stand at a path. */
function keysAt(path: Path, config: unknown): readonly string[] {
  let schema: unknown = z.toJSONSchema(configSchema, { io: 'input' });
  let value = config;
  for (const part of path) {
    const { properties, items, additionalProperties } = branch(schema, value);
    schema = typeof part === 'number' ? items : (properties?.[part] ?? additionalProperties);
    value = valueAt(value, [part]);
  }
  return Object.keys(branch(schema, value).properties ?? {});
}

interface SchemaNode {
  readonly properties?: Record<string, unknown>;
  readonly items?: unknown;
  readonly additionalProperties?: unknown;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
}

/** Of several forms the one whose `type` the value has, else the first that has settings. */
function branch(schema: unknown, value: unknown): SchemaNode {
  const node = (schema ?? {}) as SchemaNode;
  const forms = (node.oneOf ?? node.anyOf ?? []).filter(({ properties }) => properties !== undefined);
  const type = valueAt(value, ['type']);
  const isOfType = ({ properties }: SchemaNode) => valueAt(properties, ['type', 'const']) === type;
  return forms.find(isOfType) ?? forms[0] ?? node;
}
