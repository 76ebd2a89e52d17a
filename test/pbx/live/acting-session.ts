import { createRequire } from 'node:module';
import { merge, Subject } from 'rxjs';
import type { AmiFields } from '../../../simulators/real-asterisk/index.ts';
import { clientAmiSession } from '../../../src/adapters/asterisk-ami/client-session.ts';
import { ADAPTER_UNWANTED } from '../../../src/adapters/asterisk-ami/index.ts';
import type { AmiSession, AmiSessionEvent } from '../../../src/adapters/asterisk-ami/session.ts';
import { nativeAmiSession } from '../../../src/adapters/asterisk-ami/wire.ts';

/** Where a session goes to, and as whom. */
export interface Destination {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly secret: string;
}

/** A session whose program also sends actions of its own, on the same connection. */
export interface ActingSession {
  readonly session: AmiSession;
  /** Sends the program's action; the engine hears the answer. */
  act(fields: AmiFields): Promise<void>;
  close(): void;
}

/** Our own session. */
export function nativeSession({ host, port, user, secret }: Destination): ActingSession {
  const native = nativeAmiSession({
    host,
    port,
    username: user,
    secret,
    unwanted: ADAPTER_UNWANTED,
    reconnect: { initialMs: 50, maxMs: 500 },
  });
  const answers = new Subject<AmiSessionEvent>();
  return {
    session: {
      open: (context) => merge(native.open(context), answers),
      send: (action, fields, options) => native.send(action, fields, options),
    },
    async act({ Action, ...fields }) {
      const onAnswer = ({ response }: { response: Extract<AmiSessionEvent, { type: 'message' }>['message'] }) =>
        answers.next({ type: 'message', message: response, time: Date.now() });
      await native.send(String(Action), fields, { list: false, onAnswer });
    },
    close() {},
  };
}

interface Manager {
  on(event: string, listener: (...values: unknown[]) => void): unknown;
  removeListener(event: string, listener: (...values: unknown[]) => void): unknown;
  action(action: Record<string, unknown>, callback?: (...values: unknown[]) => void): unknown;
  isConnected(): unknown;
  disconnect(): void;
}

const AsteriskManager = createRequire(import.meta.url)('asterisk-manager') as new (
  port: number,
  host: string,
  user: string,
  secret: string,
  events: boolean,
) => Manager;

/** A program's own asterisk-manager 0.2.0. */
export function outsideSession({ host, port, user, secret }: Destination): ActingSession {
  const manager = new AsteriskManager(port, host, user, secret, true);
  return {
    session: clientAmiSession(manager, { unwanted: ADAPTER_UNWANTED }),
    act: (fields) => new Promise((resolve) => manager.action({ ...fields }, () => resolve())),
    close: () => manager.disconnect(),
  };
}
