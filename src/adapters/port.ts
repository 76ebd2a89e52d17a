import type { Observable } from 'rxjs';
import type { Clock } from '../domain/clock.ts';
import type { Capabilities, Command, CommandResult } from '../domain/command.ts';
import type { LinkId, MonitoredDevice } from '../domain/device.ts';
import type { AdapterEvent } from '../domain/event.ts';
import type { Logger } from '../domain/logger.ts';

/** What an engine gives to an adapter when it starts it. */
export interface AdapterContext {
  readonly link: LinkId;
  /** The lines of this link. Empty: every station that the PBX shows is a line. */
  readonly lines: readonly MonitoredDevice[];
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * A PBX behind the project's call model.
 *
 * Promises: events are in the order in which they happened per call; a link that is not `up` says so before anything
 * else; after a reconnect the truth is asked for before `up` is told, calls that live on keep their ids, calls that ended
 * meanwhile are cleared with cause `x-unknown`. Nothing that a PBX sends makes the observable fail: it ends only when it is
 * unsubscribed from.
 */
export interface Adapter {
  /** `asterisk-ami`, `freeswitch-esl`, `sip`. */
  readonly kind: string;
  /** The link's name where the program that made it chose one. */
  readonly link?: LinkId;
  readonly capabilities: Capabilities;
  /** Cold: subscribing connects, unsubscribing disconnects and leaves no timer and no socket behind. */
  run(context: AdapterContext): Observable<AdapterEvent>;
  /** Never rejects. `ok` only when the PBX did it. Before `run` and while the link is not up: `command.link-down`. */
  execute(command: Command): Promise<CommandResult>;
}
