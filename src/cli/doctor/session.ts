import type { NativeAmiOptions } from '../../adapters/asterisk-ami/options.ts';
import type { AmiAnswer, AmiFields } from '../../adapters/asterisk-ami/session.ts';
import { nativeAmiSession } from '../../adapters/asterisk-ami/wire.ts';
import { OffhookError } from '../../domain/error.ts';
import { silentLogger } from '../../domain/logger.ts';
import type { CliIo } from '../io.ts';

/** A link that is up, for questions. */
export interface Examined {
  /** The version of the manager interface, of the greeting. */
  readonly amiVersion: string;
  /** True when FullyBooted was told: the user may read the class `system`. */
  readonly sawFullyBooted: boolean;
  ask(action: string, fields?: AmiFields): Promise<AmiAnswer>;
}

/** How far a connection came before it failed. */
export class ConnectFailure extends OffhookError {
  /** True: something there speaks the manager protocol; the login failed. */
  readonly greeted: boolean;

  constructor(error: OffhookError, greeted: boolean) {
    super(error.code, error.message, { cause: error });
    this.greeted = greeted;
  }
}

/** How long FullyBooted may take; a switch that runs tells it at once. */
const BOOT_TIMEOUT_MS = 1_500;
const ACTION_TIMEOUT_MS = 5_000;

/** Connects, lets `examine` ask, disconnects. Rejects with a {@link ConnectFailure}. */
export async function withLink<T>(
  connect: NativeAmiOptions,
  io: CliIo,
  examine: (link: Examined) => Promise<T>,
): Promise<T> {
  const session = nativeAmiSession({ bootTimeoutMs: BOOT_TIMEOUT_MS, actionTimeoutMs: ACTION_TIMEOUT_MS, ...connect });
  let greeted = false;
  let sawFullyBooted = false;
  let close = () => {};
  try {
    const amiVersion = await new Promise<string>((resolve, reject) => {
      const subscription = session.open({ clock: io.clock, logger: silentLogger }).subscribe((event) => {
        if (event.type === 'authenticating') greeted = true;
        else if (event.type === 'message' && event.message.name === 'FullyBooted') sawFullyBooted = true;
        else if (event.type === 'ready') resolve(event.version);
        else if (event.type === 'waiting' || event.type === 'refused') {
          reject(new ConnectFailure(new OffhookError(event.code, event.reason), greeted));
        }
      });
      close = () => subscription.unsubscribe();
      io.stop.addEventListener('abort', () => reject(new OffhookError('link.stopped', 'Interrupted.')), { once: true });
    });
    return await examine({ amiVersion, sawFullyBooted, ask: (action, fields = {}) => session.send(action, fields) });
  } finally {
    close();
  }
}
