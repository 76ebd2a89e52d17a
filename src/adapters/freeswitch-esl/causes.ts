import type { EventCause } from '../../domain/cause.ts';

/**
 * FreeSWITCH's names of causes to ECMA-269 EventCause: those that Q.850 numbers, and its own beyond 500. What is not here is
 * `normalClearing`, as the standard's class for "nothing special".
 */
const BY_NAME: ReadonlyMap<string, EventCause> = new Map(
  Object.entries({
    UNALLOCATED_NUMBER: 'numberUnallocated',
    NO_ROUTE_TRANSIT_NET: 'destNotObtainable',
    NO_ROUTE_DESTINATION: 'destNotObtainable',
    NORMAL_CLEARING: 'normalClearing',
    USER_BUSY: 'busy',
    NO_USER_RESPONSE: 'callNotAnswered',
    NO_ANSWER: 'callNotAnswered',
    SUBSCRIBER_ABSENT: 'destOutOfOrder',
    CALL_REJECTED: 'x-rejected',
    NUMBER_CHANGED: 'numberChanged',
    REDIRECTION_TO_NEW_DESTINATION: 'redirected',
    DESTINATION_OUT_OF_ORDER: 'destOutOfOrder',
    INVALID_NUMBER_FORMAT: 'invalidNumberFormat',
    NORMAL_CIRCUIT_CONGESTION: 'trunksBusy',
    NETWORK_OUT_OF_ORDER: 'networkOutOfOrder',
    NORMAL_TEMPORARY_FAILURE: 'networkOutOfOrder',
    SWITCH_CONGESTION: 'networkCongestion',
    REQUESTED_CHAN_UNAVAIL: 'resourcesNotAvailable',
    RESOURCE_UNAVAIL: 'resourcesNotAvailable',
    FACILITY_NOT_SUBSCRIBED: 'blocked',
    OUTGOING_CALL_BARRED: 'blocked',
    INCOMING_CALL_BARRED: 'blocked',
    BEARERCAPABILITY_NOTAUTH: 'unauthorisedBearerService',
    BEARERCAPABILITY_NOTAVAIL: 'notAvailableBearerService',
    BEARERCAPABILITY_NOTIMPL: 'notSupportedBearerService',
    INCOMPATIBLE_DESTINATION: 'incompatibleDestination',
    RECOVERY_ON_TIMER_EXPIRE: 'timeout',
    PROGRESS_TIMEOUT: 'callNotAnswered',
    ALLOTTED_TIMEOUT: 'callNotAnswered',
    MEDIA_TIMEOUT: 'timeout',
    ORIGINATOR_CANCEL: 'callCancelled',
    LOSE_RACE: 'multipleAlerting',
    PICKED_OFF: 'callPickup',
    BLIND_TRANSFER: 'singleStepTransfer',
    ATTENDED_TRANSFER: 'transfer',
    USER_NOT_REGISTERED: 'destOutOfOrder',
    GATEWAY_DOWN: 'destOutOfOrder',
    INVALID_GATEWAY: 'destNotObtainable',
    INVALID_URL: 'destNotObtainable',
    INVALID_PROFILE: 'destNotObtainable',
    DECLINE: 'x-rejected',
    BUSY_EVERYWHERE: 'busy',
    DOES_NOT_EXIST_ANYWHERE: 'numberUnallocated',
    NOT_ACCEPTABLE: 'incompatibleDestination',
    UNWANTED: 'x-rejected',
    MANAGER_REQUEST: 'x-admin',
    SYSTEM_SHUTDOWN: 'x-admin',
    CRASH: 'x-admin',
  } as const),
);

/** What a hangup cause means. */
export function causeOf(name: string | undefined): EventCause {
  return (name === undefined ? undefined : BY_NAME.get(name)) ?? 'normalClearing';
}

/** Why an attempt failed: a cause that says nothing special is a call that was not answered. */
export function causeOfFailure(name: string | undefined): EventCause {
  const cause = causeOf(name);
  return cause === 'normalClearing' ? 'callNotAnswered' : cause;
}
