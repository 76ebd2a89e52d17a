import type { Conditions } from '../link/conditions.ts';
import type { ModelPbx } from '../model/model-pbx.ts';
import type { Channel } from './channel.ts';
import type { EslContext } from './context.ts';

/** What API commands work on. */
export interface ApiContext extends EslContext {
  readonly pbx: ModelPbx;
  readonly conditions: Conditions;
  /** Channels that are over, for as long as lists may still have them, with the time when they ended in milliseconds. */
  readonly gone: readonly { readonly channel: Channel; readonly at: number }[];
  /** When the switch started, in milliseconds. */
  readonly startedAt: number;
  /** The most channels that there were at once, and how many there were in all. */
  readonly figures: { peak: number; total: number };
  readonly globals: Map<string, string>;
  /** Runs another command. */
  readonly api: (command: string, args: string, done: (text: string) => void) => void;
  /** Ends the switch; or the event socket alone, which is there again at once. */
  readonly shutDown: (what: 'switch' | 'socket') => void;
}

/** What a command prints, at once; or later, by calling `done`. */
export type ApiCommand = (context: ApiContext, args: string, done: (text: string) => void) => string | undefined;

export const OK = '+OK\n';
export const NO_CHANNEL = '-ERR No such channel!\n';

/** Words that are separated by spaces; quotes keep some together. */
export function words(text: string): string[] {
  return [...text.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? '',
  );
}

/** The number that a user of the directory has: `1001` of `1001@pbx.test` or `user/1001`. */
export const userOf = (text: string): string => text.replace(/^.*\//, '').replace(/@.*$/, '');
