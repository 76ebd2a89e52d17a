import type { Exchange } from '../model/exchange.ts';
import type { AsteriskVersion } from './event-context.ts';

/** Makes an exchange behave as a release of Asterisk does, where releases and switches differ. */
export function imitateRelease(exchange: Exchange, version: AsteriskVersion): void {
  exchange.unknownNumbers = 'refused';
  if (version === '16')
    exchange.causes = { serviceLeft: 16, originationUnanswered: 0, deflected: 127, afterDeflection: 0 };
}
