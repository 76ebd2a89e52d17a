/**
 * One frame of an event socket: what stands between two header blocks. Looking up is lazy: what nobody asks for is not
 * decoded.
 */
export interface EslFrame {
  /** The Content-Type: `command/reply`, `api/response`, `auth/request`, `text/event-json`, `text/disconnect-notice`. */
  readonly type: string;
  /** The first value of a header of the frame itself, whatever its case; `undefined` when it is absent. */
  get(header: string): string | undefined;
  /** What followed the header block, as UTF-8 text (invalid bytes become U+FFFD): an answer, the words of a notice. */
  readonly body: string;
  /** The event that the frame carries, if it carries one. */
  readonly event: EslEvent | undefined;
}

/**
 * One event. Headers are looked up by their exact names, values come decoded (see `unescape.ts`). Of headers that are there
 * twice the first counts: the last one of a COMMAND event is wrong about its name.
 */
export interface EslEvent {
  /** `CHANNEL_ANSWER`; `CUSTOM` for all that have a subclass. */
  readonly name: string;
  /** Of `CUSTOM`: `callcenter::info`; otherwise `''`. */
  readonly subclass: string;
  /** The value of a header, of a multiple value its first; `undefined` when the header is absent. */
  get(header: string): string | undefined;
  /** All values of a header: several where it is an `ARRAY::` or a JSON array, else one or none. */
  all(header: string): readonly string[];
  /** What the event carries besides its headers: the result of a background job; `''` without. */
  readonly body: string;
  /** The event as it came, as UTF-8 text (invalid bytes become U+FFFD), for logs and for the visualizer. */
  readonly text: string;
}
