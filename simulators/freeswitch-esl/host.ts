import type { EslEvent } from './event.ts';

/** What the sessions of an event socket need of their switch. */
export interface EslHost {
  /** Runs an API command and tells that it was run; calls back with what it prints, perhaps at once. */
  api(command: string, args: string, done: (text: string) => void): void;
  /** A message to a session (`sendmsg`); the text of the reply, without `Reply-Text`. */
  sendMessage(uuid: string, headers: ReadonlyMap<string, string>): string;
  /** Fires an event. */
  fire(event: EslEvent): void;
  /** The headers that every event has, after its name. `name`: of what. */
  baseHeaders(name: string): EslEvent['headers'];
  /** Whether a session is there. */
  hasSession(uuid: string): boolean;
  /** An identifier that is like no other. */
  newUuid(): string;
}

/** Who may use the event socket. */
export interface EslAccess {
  readonly password: string;
  /** Passwords of the users who may sign in with `userauth USER@DOMAIN:PASSWORD`, by `user@domain`. */
  readonly users: ReadonlyMap<string, string>;
  /** Whether clients of an address are let in. */
  readonly admits: (address: string) => boolean;
}
