import type { Exchange } from '../model/exchange.ts';

/** What the directory has of a user: the variables that channels of the telephone get. None for who is no user. */
export function userVariables(x: Exchange, number: string): readonly (readonly [name: string, value: string])[] {
  const extension = x.office.extensions.get(number);
  if (!extension) return [];
  return [
    ['user_context', 'default'],
    ['effective_caller_id_name', extension.name ?? number],
    ['effective_caller_id_number', number],
  ];
}
