/**
 * What a recording cannot tell, by scenario: the differences that are expected, and why. A gap that no longer shows is an
 * error too: then it must go from this list.
 */
export interface Gap {
  /** Matches the difference as `compareTruth` words it. */
  readonly difference: RegExp;
  readonly reason: string;
}

const NAME_OF_IDLE_STATION: Gap = {
  difference: /divertedFrom: /,
  reason:
    'The name of a station that never had a channel is in no event. A live link asks for it (PJSIPShowEndpoint); a recording cannot be asked.',
};

const BUSY_AFTER_RINGING: Gap = {
  difference: /\.cause: "rejected", not "busy"/,
  reason:
    '486 from a phone that rang is its user pressing the reject key: told as rejected, as in the scenario originate-rejected.',
};

/** The gaps, by scenario name. */
export const GAPS: Readonly<Record<string, readonly Gap[]>> = {
  'forward-all': [NAME_OF_IDLE_STATION],
  'forward-chain': [NAME_OF_IDLE_STATION],
  'forward-unregistered': [NAME_OF_IDLE_STATION],
  'call-waiting-rejected': [BUSY_AFTER_RINGING],
  'five-internal-calls-at-once': [BUSY_AFTER_RINGING],
  'internal-to-self': [BUSY_AFTER_RINGING],
  'originate-destination-declined': [BUSY_AFTER_RINGING],
  'ami-atxfer': [
    {
      difference: /states\[2\]\.t: /,
      reason:
        'Asked for by AMI, the switch feeds itself the digits of the feature code before it holds the call: no event tells when it was asked.',
    },
  ],
  'transfer-attended-code-refused': [
    {
      difference: /\.(states|end|endedBy): /,
      reason:
        'The phone hears a tone for 360 ms after the held caller has gone: told as what it is, a call without anybody at the other end.',
    },
  ],
};
