/**
 * Causes of call events: the subset of ECMA-269's EventCause that switches were seen to produce, by name, and this
 * project's extensions (`x-`), which have no number in the standard.
 */
export type EventCause = keyof typeof EVENT_CAUSES;

/** ECMA-269 EventCause numbers. An extension maps to the nearest standard value for use on a CSTA wire. */
export const EVENT_CAUSES = {
  busy: 3,
  callBack: 4,
  callCancelled: 5,
  callForwardImmediate: 6,
  callForwardBusy: 7,
  callForwardNoAnswer: 8,
  callForward: 9,
  callNotAnswered: 10,
  callPickup: 11,
  destNotObtainable: 13,
  doNotDisturb: 14,
  incompatibleDestination: 15,
  networkCongestion: 20,
  newCall: 22,
  noAvailableAgents: 23,
  park: 25,
  overflow: 26,
  recall: 27,
  redirected: 28,
  resourcesNotAvailable: 30,
  transfer: 32,
  trunksBusy: 33,
  blocked: 35,
  consultation: 37,
  distributed: 38,
  enteringDistribution: 42,
  makeCall: 44,
  normalClearing: 48,
  numberChanged: 50,
  singleStepTransfer: 52,
  switchingFunctionTerminated: 54,
  timeout: 56,
  conference: 63,
  destOutOfOrder: 65,
  invalidNumberFormat: 69,
  multipleAlerting: 74,
  networkOutOfOrder: 77,
  normal: 78,
  notAvailableBearerService: 79,
  notSupportedBearerService: 80,
  numberUnallocated: 81,
  queueCleared: 82,
  unauthorisedBearerService: 87,
  /** The called user refused (Q.850 21, SIP 603). The standard has no value for it; nearest: blocked. */
  'x-rejected': 35,
  /** Somebody with control over the switch ended it. Nearest: maintenance. */
  'x-admin': 19,
  /** Ended while nobody was watching: the link was down. Nearest: normal. */
  'x-unknown': 78,
} as const satisfies Record<string, number>;

/** Who ended a connection: the device itself, the far side, the switch, or a CTI client by command. */
export type EndedBy = 'local' | 'remote' | 'pbx' | 'client';
