/** What the tests use of asterisk-manager 0.2.0, which comes without types. */
declare module 'asterisk-manager' {
  import type { EventEmitter } from 'node:events';

  type Fields = Readonly<Record<string, unknown>>;

  class Manager extends EventEmitter {
    constructor(port: number, host: string, username: string, password: string, events: boolean);
    action(fields: Fields, callback?: (error: Fields | null, response: Fields) => void): string;
    disconnect(callback?: () => void): void;
    isConnected(): boolean;
    /** Connects again after a loss, with waits that grow. */
    keepConnected(): void;
  }

  export default Manager;
}
