/**
 * One AMI message: an event, a response or the greeting. Headers are looked up by name without regard to case, values come
 * as the switch wrote them (see `unescape.ts`). Looking up is lazy: a message that nobody asks costs nothing to read.
 */
export interface AmiMessage {
  /** `event`: `name` is the Event header. `response`: `name` is the Response header. `greeting`: the whole line. */
  readonly kind: 'event' | 'response' | 'greeting';
  readonly name: string;
  /** The first value of a header; `undefined` when it is absent. */
  get(header: string): string | undefined;
  /** All values of a header, in order. */
  all(header: string): readonly string[];
  /** The message as it came, without its final empty line: for logs, recordings and the visualizer. */
  readonly text: string;
}
