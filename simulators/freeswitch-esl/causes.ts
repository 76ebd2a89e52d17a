/** Names of Q.850 causes, and of FreeSWITCH's own. */
const NAMES: Readonly<Record<number, string>> = {
  0: 'NONE',
  1: 'UNALLOCATED_NUMBER',
  2: 'NO_ROUTE_TRANSIT_NET',
  3: 'NO_ROUTE_DESTINATION',
  6: 'CHANNEL_UNACCEPTABLE',
  16: 'NORMAL_CLEARING',
  17: 'USER_BUSY',
  18: 'NO_USER_RESPONSE',
  19: 'NO_ANSWER',
  20: 'SUBSCRIBER_ABSENT',
  21: 'CALL_REJECTED',
  22: 'NUMBER_CHANGED',
  23: 'REDIRECTION_TO_NEW_DESTINATION',
  25: 'EXCHANGE_ROUTING_ERROR',
  27: 'DESTINATION_OUT_OF_ORDER',
  28: 'INVALID_NUMBER_FORMAT',
  29: 'FACILITY_REJECTED',
  31: 'NORMAL_UNSPECIFIED',
  34: 'NORMAL_CIRCUIT_CONGESTION',
  38: 'NETWORK_OUT_OF_ORDER',
  41: 'NORMAL_TEMPORARY_FAILURE',
  42: 'SWITCH_CONGESTION',
  44: 'REQUESTED_CHAN_UNAVAIL',
  50: 'FACILITY_NOT_SUBSCRIBED',
  52: 'OUTGOING_CALL_BARRED',
  54: 'INCOMING_CALL_BARRED',
  57: 'BEARERCAPABILITY_NOTAUTH',
  58: 'BEARERCAPABILITY_NOTAVAIL',
  63: 'SERVICE_UNAVAILABLE',
  65: 'BEARERCAPABILITY_NOTIMPL',
  79: 'SERVICE_NOT_IMPLEMENTED',
  88: 'INCOMPATIBLE_DESTINATION',
  102: 'RECOVERY_ON_TIMER_EXPIRE',
  111: 'PROTOCOL_ERROR',
  127: 'INTERWORKING',
  487: 'ORIGINATOR_CANCEL',
  500: 'CRASH',
  501: 'SYSTEM_SHUTDOWN',
  502: 'LOSE_RACE',
  503: 'MANAGER_REQUEST',
  602: 'ALLOTTED_TIMEOUT',
  605: 'PICKED_OFF',
  606: 'USER_NOT_REGISTERED',
  608: 'INVALID_GATEWAY',
};

/** What FreeSWITCH makes of the SIP status that a telephone refuses with. */
const OF_STATUS: Readonly<Record<number, string>> = {
  404: 'UNALLOCATED_NUMBER',
  408: 'RECOVERY_ON_TIMER_EXPIRE',
  410: 'NUMBER_CHANGED',
  480: 'NO_USER_RESPONSE',
  484: 'INVALID_NUMBER_FORMAT',
  486: 'USER_BUSY',
  487: 'ORIGINATOR_CANCEL',
  488: 'INCOMPATIBLE_DESTINATION',
  500: 'NORMAL_TEMPORARY_FAILURE',
  502: 'NETWORK_OUT_OF_ORDER',
  503: 'NORMAL_TEMPORARY_FAILURE',
  504: 'RECOVERY_ON_TIMER_EXPIRE',
  600: 'USER_BUSY',
  603: 'CALL_REJECTED',
  604: 'NO_ROUTE_DESTINATION',
  606: 'INCOMPATIBLE_DESTINATION',
};

const NUMBERS: ReadonlyMap<string, number> = new Map(
  Object.entries(NAMES).map(([number, name]) => [name, Number(number)]),
);

/** The name of a Q.850 cause. */
export const causeName = (cause: number): string => NAMES[cause] ?? 'NORMAL_UNSPECIFIED';

/** The name of what a SIP status means. */
export const statusCause = (status: number): string => OF_STATUS[status] ?? 'NORMAL_UNSPECIFIED';

/** The number of a cause by its name, however it is written, or by its number. `undefined`: there is none. */
export function causeNumber(text: string): number | undefined {
  const number = /^\d{1,3}$/.test(text) ? Number(text) : NUMBERS.get(text.toUpperCase());
  return number !== undefined && NAMES[number] !== undefined ? number : undefined;
}

/** What Q.850 says of a cause, which has no word for FreeSWITCH's own. */
export function q850Of(name: string): number {
  const number = NUMBERS.get(name) ?? 16;
  return number > 127 ? 16 : number;
}

/** What the variable `DIALSTATUS` says of a cause. */
export function dialStatus(cause: string): string {
  const known: Readonly<Record<string, string>> = {
    SUCCESS: 'SUCCESS',
    ORIGINATOR_CANCEL: 'CANCEL',
    USER_BUSY: 'BUSY',
    CALL_REJECTED: 'DONTCALL',
    NO_ANSWER: 'NOANSWER',
  };
  return known[cause] ?? cause;
}
