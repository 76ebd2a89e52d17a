import { OffhookError } from '../../domain/error.ts';
import { type ConfigDocument, type Path, pathText } from './document.ts';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Puts the values of environment variables in the place of `${NAME}` in all texts; `$${` stands for `${`. Throws
 * `config.invalid`, which names the path, for a variable that is not set.
 */
export function substitute(document: ConfigDocument, env: Env): unknown {
  const walk = (value: unknown, path: Path): unknown => {
    if (typeof value === 'string') return expand(value, path);
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...path, index]));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, [...path, key])]));
  };
  const expand = (text: string, path: Path): string =>
    text.replace(/\$(\$\{)|\$\{([^}]*)\}/g, (_, literal: string | undefined, name: string | undefined) => {
      if (literal !== undefined) return literal;
      const value = env[name ?? ''];
      if (value !== undefined && value !== '') return value;
      throw unset(document, path, name ?? '');
    });
  return walk(document.value, []);
}

function unset(document: ConfigDocument, path: Path, name: string): OffhookError {
  const where = `${document.file}, line ${document.lineOf(path) ?? '?'}`;
  const isName = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
  const what = isName ? `the environment variable ${name} is not set` : `"\${${name}}" names no environment variable`;
  return new OffhookError('config.invalid', `${where}: ${pathText(path)}: ${what}.`, {
    field: pathText(path),
    remedy: isName
      ? `Set it before you start offhook: export ${name}=...`
      : `Write \${NAME} for the value of a variable, or $\${ for the characters themselves.`,
  });
}
