import { type EslEvent, type EventFormat, headerOf } from './event.ts';

/** Every event that can be asked for by name. */
const EVENT_NAMES: ReadonlySet<string> = new Set([
  'ALL',
  'CUSTOM',
  ...['CHANNEL_CREATE', 'CHANNEL_DESTROY', 'CHANNEL_STATE', 'CHANNEL_CALLSTATE', 'CHANNEL_ANSWER', 'CHANNEL_HANGUP'],
  ...['CHANNEL_HANGUP_COMPLETE', 'CHANNEL_EXECUTE', 'CHANNEL_EXECUTE_COMPLETE', 'CHANNEL_HOLD', 'CHANNEL_UNHOLD'],
  ...['CHANNEL_BRIDGE', 'CHANNEL_UNBRIDGE', 'CHANNEL_PROGRESS', 'CHANNEL_PROGRESS_MEDIA', 'CHANNEL_OUTGOING'],
  ...['CHANNEL_PARK', 'CHANNEL_UNPARK', 'CHANNEL_APPLICATION', 'CHANNEL_ORIGINATE', 'CHANNEL_UUID', 'CHANNEL_DATA'],
  ...['API', 'LOG', 'INBOUND_CHAN', 'OUTBOUND_CHAN', 'STARTUP', 'SHUTDOWN', 'PUBLISH', 'UNPUBLISH', 'TALK', 'NOTALK'],
  ...['SESSION_CRASH', 'MODULE_LOAD', 'MODULE_UNLOAD', 'DTMF', 'MESSAGE', 'PRESENCE_IN', 'NOTIFY_IN', 'PRESENCE_OUT'],
  ...['PRESENCE_PROBE', 'MESSAGE_WAITING', 'MESSAGE_QUERY', 'ROSTER', 'CODEC', 'BACKGROUND_JOB', 'DETECTED_SPEECH'],
  ...['DETECTED_TONE', 'PRIVATE_COMMAND', 'HEARTBEAT', 'TRAP', 'ADD_SCHEDULE', 'DEL_SCHEDULE', 'EXE_SCHEDULE'],
  ...['RE_SCHEDULE', 'RELOADXML', 'NOTIFY', 'PHONE_FEATURE', 'PHONE_FEATURE_SUBSCRIBE', 'SEND_MESSAGE', 'RECV_MESSAGE'],
  ...['REQUEST_PARAMS', 'GENERAL', 'COMMAND', 'SESSION_HEARTBEAT', 'CLIENT_DISCONNECTED', 'SERVER_DISCONNECTED'],
  ...['SEND_INFO', 'RECV_INFO', 'RECV_RTCP_MESSAGE', 'CALL_SECURE', 'NAT', 'RECORD_START', 'RECORD_STOP'],
  ...['PLAYBACK_START', 'PLAYBACK_STOP', 'CALL_UPDATE', 'FAILURE', 'SOCKET_DATA', 'MEDIA_BUG_START', 'MEDIA_BUG_STOP'],
  ...['CONFERENCE_DATA_QUERY', 'CONFERENCE_DATA', 'CALL_SETUP_REQ', 'CALL_SETUP_RESULT', 'CALL_DETAIL', 'DEVICE_STATE'],
]);

const FORMATS: readonly string[] = ['plain', 'json', 'xml'] satisfies EventFormat[];

/** The most names, subclasses and filters that a connection may have. */
const MAX_ENTRIES = 1_000;

/** What one connection listens to. */
export class Subscription {
  readonly #names = new Set<string>();
  readonly #subclasses = new Set<string>();
  readonly #filters = new Map<string, Set<string>>();
  /** The one session whose events are told, whatever their names (`myevents`). */
  mine: string | undefined;
  format: EventFormat = 'plain';

  get isEmpty(): boolean {
    return this.#names.size === 0 && this.#subclasses.size === 0 && this.mine === undefined;
  }

  /** Takes a format, if it is one. */
  use(format: string): boolean {
    const known = FORMATS.includes(format.toLowerCase());
    if (known) this.format = format.toLowerCase() as EventFormat;
    return known;
  }

  /** `event [plain|json|xml] NAME... [CUSTOM SUBCLASS...]`. False: no name in it is known. */
  add(words: readonly string[]): boolean {
    const [first = ''] = words;
    const named = this.use(first);
    return this.#each(named ? words.slice(1) : words, (name, subclass) => {
      if (subclass === undefined) this.#names.add(name);
      else if (this.#subclasses.size < MAX_ENTRIES) this.#subclasses.add(subclass);
    });
  }

  /** `nixevent NAME...`. False: no name in it is known. */
  remove(words: readonly string[]): boolean {
    return this.#each(words, (name, subclass) => {
      if (subclass !== undefined) this.#subclasses.delete(subclass);
      else if (name === 'ALL') this.clear();
      else {
        if (this.#names.delete('ALL')) for (const other of EVENT_NAMES) if (other !== 'ALL') this.#names.add(other);
        this.#names.delete(name);
      }
    });
  }

  /** `noevents`. */
  clear(): void {
    this.#names.clear();
    this.#subclasses.clear();
    this.mine = undefined;
  }

  /** `filter HEADER VALUE`: of the events listened to, only those with one of the values. */
  addFilter(header: string, value: string): void {
    const values = this.#filters.get(header) ?? new Set();
    if (this.#filters.size < MAX_ENTRIES && values.size < MAX_ENTRIES) this.#filters.set(header, values.add(value));
  }

  /** `filter delete HEADER [VALUE]`. */
  removeFilter(header: string, value: string): void {
    if (header === 'all' || value === '') this.#filters.delete(header);
    if (header === 'all') this.#filters.clear();
    else this.#filters.get(header)?.delete(value);
    if (this.#filters.get(header)?.size === 0) this.#filters.delete(header);
  }

  /** Whether an event is told. */
  wants(event: EslEvent): boolean {
    return this.#listensTo(event) && this.#passes(event);
  }

  #listensTo(event: EslEvent): boolean {
    if (this.mine !== undefined && headerOf(event, 'Unique-ID') === this.mine) return true;
    const name = headerOf(event, 'Event-Name');
    if (this.#names.has('ALL')) return true;
    if (name !== 'CUSTOM') return this.#names.has(name);
    return this.#subclasses.has(headerOf(event, 'Event-Subclass'));
  }

  #passes(event: EslEvent): boolean {
    if (this.#filters.size === 0) return true;
    return [...this.#filters].some(([header, values]) => values.has(headerOf(event, header)));
  }

  /** A name after CUSTOM is a subclass; unknown names are passed over. */
  #each(words: readonly string[], use: (name: string, subclass?: string) => void): boolean {
    let custom = false;
    let known = 0;
    for (const word of words) {
      const name = word.toUpperCase();
      if (custom) use('CUSTOM', word);
      else if (name === 'CUSTOM') custom = true;
      else if (EVENT_NAMES.has(name)) use(name);
      else continue;
      known++;
    }
    return known > 0;
  }
}
