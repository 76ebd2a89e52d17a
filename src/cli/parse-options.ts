import { InvalidArgumentError } from 'commander';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** `10s`, `1.5m`, `500ms`, `2h` in milliseconds; a number alone is seconds. */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text.trim());
  const ms = Number(match?.[1]) * (UNITS[match?.[2] ?? 's'] ?? Number.NaN);
  if (Number.isFinite(ms) && ms > 0 && ms < 2 ** 31) return ms;
  throw new InvalidArgumentError('Write a time such as 10s, 5m or 500ms.');
}

/** A port; 0 takes a free one. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('Write a port from 0 to 65535.');
}

/** `1001,1002` as a list without blanks. */
export function parseList(text: string): string[] {
  const items = text.split(',').map((item) => item.trim());
  if (items.every((item) => item !== '')) return items;
  throw new InvalidArgumentError('Write a list with commas, such as 1001,1002.');
}

/** An ISO 3166-1 alpha-2 code. */
export function parseCountry(text: string): string {
  if (/^[A-Za-z]{2}$/.test(text)) return text.toUpperCase();
  throw new InvalidArgumentError('Write a country as two letters, such as GB.');
}
