/** What a caller is told who was not put through, by Q.850 cause (RFC 3398 8.2.6.1). */
const STATUS_OF_CAUSE: Readonly<Record<number, number>> = {
  1: 404,
  2: 404,
  3: 404,
  17: 486,
  18: 408,
  19: 480,
  20: 480,
  21: 403,
  22: 410,
  27: 502,
  28: 484,
  34: 503,
  38: 500,
  42: 503,
  44: 503,
};

/** Q.850 causes of the SIP statuses that telephones refuse with (RFC 3398 7.2.4.1). */
const CAUSE_OF_STATUS: Readonly<Record<number, number>> = {
  404: 1,
  408: 18,
  480: 19,
  486: 17,
  487: 127,
  503: 34,
  600: 17,
  603: 21,
  604: 1,
};

/** The SIP status that a caller is refused with for a Q.850 cause. */
export const statusOfCause = (cause: number): number | undefined => STATUS_OF_CAUSE[cause];

/** The Q.850 cause of a SIP status; 127 (interworking) for those that have none. */
export const causeOfStatus = (status: number): number => CAUSE_OF_STATUS[status] ?? 127;
