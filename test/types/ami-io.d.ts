/** What the tests use of ami-io 1.2.1, which comes without types. */
declare module 'ami-io' {
  import type { EventEmitter } from 'node:events';

  type Fields = Readonly<Record<string, string>>;

  class Client extends EventEmitter {
    constructor(options: {
      host: string;
      port: number;
      login: string;
      password: string;
      encoding?: string;
      logger?: object;
    });
    connect(reconnect?: boolean): void;
    disconnect(): void;
    send(action: object, callback: (error: unknown, response: Fields & { events?: Fields[] }) => void): void;
  }

  class Originate {
    set(name: string, value: unknown): void;
  }

  const AmiIo: {
    Client: typeof Client;
    SilentLogger: new () => object;
    Action: Record<'Ping' | 'Originate' | 'Hangup' | 'CoreShowChannels', new () => Originate>;
  };
  export default AmiIo;
}
