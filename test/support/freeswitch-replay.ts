import { Observable, type Subscriber } from 'rxjs';
import { EslDecoder } from '../../src/adapters/freeswitch-esl/framing.ts';
import type { EslEvent } from '../../src/adapters/freeswitch-esl/message.ts';
import type { ListedChannel } from '../../src/adapters/freeswitch-esl/snapshot.ts';
import { FreeswitchTranslator } from '../../src/adapters/freeswitch-esl/translate.ts';
import type { Adapter, AdapterContext } from '../../src/adapters/port.ts';
import { SimulatedClock } from '../../src/domain/clock.ts';
import { type Capabilities, COMMAND_TYPES } from '../../src/domain/command.ts';
import type { DeviceId } from '../../src/domain/device.ts';
import type { AdapterEvent, CallEvent } from '../../src/domain/event.ts';
import { CallRecorder } from '../../src/engine/call-records.ts';
import { createEngine } from '../../src/engine/index.ts';
import { truthOf } from '../../src/testing/truth.ts';
import type { TruthEntry } from '../conformance/compare.ts';

const NONE = Object.fromEntries(COMMAND_TYPES.map((type) => [type, { support: 'no' }])) as Capabilities;
const AFTERGLOW_MS = 3_000;

/** Something that is played: bytes of the socket, an event by itself, or a list of channels on a new connection. */
export type Piece = { readonly timeMs: number } & (
  | { readonly bytes: Uint8Array }
  | { readonly event: EslEvent }
  | { readonly channels: readonly ListedChannel[] }
);

/** What a replay found. */
export interface Replayed {
  readonly told: Record<string, TruthEntry[]>;
  readonly illegalEvents: number;
  readonly events: readonly CallEvent[];
  readonly left: FreeswitchTranslator['size'];
  /** How each line sees its calls at the end: own state, the other side's, and who that is. */
  readonly view: Readonly<Record<DeviceId, readonly string[]>>;
}

/** Plays pieces through decoder, translator and engine, on a clock that follows them. */
export async function replay(pieces: Iterable<Piece>): Promise<Replayed> {
  const clock = new SimulatedClock(0);
  const player = new Player();
  const recorder = new CallRecorder();
  const devices = new Set<DeviceId>();
  let illegalEvents = 0;
  await using engine = createEngine({ adapters: [player], lines: [], clock });
  engine.events$.subscribe((event) => {
    if (event.kind === 'line') devices.add(event.line.device);
    if (event.kind !== 'call') return;
    if (event.event !== 'recognised') recorder.update(event.call, event.resync);
    illegalEvents = Math.max(illegalEvents, event.call.illegalEvents);
  });
  for (const piece of pieces) {
    clock.advanceTo(piece.timeMs);
    player.play(piece);
  }
  clock.advance(AFTERGLOW_MS);
  const view = [...devices].sort().map((device) => {
    const calls = engine.lineCalls(device).filter(({ state }) => state !== 'null');
    return [
      device,
      calls.map((call) => `${call.state}:${call.remoteState ?? ''} ${call.remote?.number}`).sort(),
    ] as const;
  });
  const told = truthOf(recorder.records(), [...devices].sort(), { country: 'GB' });
  return {
    told: told as unknown as Record<string, TruthEntry[]>,
    illegalEvents,
    events: player.events,
    left: player.translator.size,
    view: Object.fromEntries(view.filter(([, calls]) => calls.length > 0)),
  };
}

/** An adapter that is fed by hand. */
class Player implements Adapter {
  readonly kind = 'freeswitch-esl';
  readonly link = 'replay';
  readonly capabilities = NONE;
  readonly translator = new FreeswitchTranslator({ link: 'replay' });
  readonly events: CallEvent[] = [];
  readonly #decoder = new EslDecoder();
  #subscriber: Subscriber<AdapterEvent> | undefined;
  #context: AdapterContext | undefined;
  #cancel = () => {};

  run(context: AdapterContext): Observable<AdapterEvent> {
    return new Observable((subscriber) => {
      this.#subscriber = subscriber;
      this.#context = context;
      subscriber.next({ type: 'link', link: 'replay', state: 'up', time: context.clock.now() });
      return () => this.#cancel();
    });
  }

  execute = () => Promise.resolve({ ok: false, code: 'command.link-down', message: 'a recording' } as const);

  play(piece: Piece): void {
    const now = this.#context?.clock.now() ?? 0;
    if ('event' in piece) this.#tell(this.translator.handle(piece.event, now));
    else if ('channels' in piece) {
      this.translator.linkBegins();
      this.#tell(this.translator.snapshot(piece.channels, now));
    } else {
      for (const { event } of this.#decoder.push(piece.bytes)) {
        if (event !== undefined) this.#tell(this.translator.handle(event, now));
      }
      if (this.#decoder.fault !== undefined) throw this.#decoder.fault;
    }
    this.#arm();
  }

  #tell(events: readonly CallEvent[]): void {
    for (const event of events) {
      this.events.push(event);
      this.#subscriber?.next(event);
    }
  }

  #arm(): void {
    this.#cancel();
    const due = this.translator.nextDue;
    const clock = this.#context?.clock;
    if (due === undefined || clock === undefined) return;
    this.#cancel = clock.setTimer(() => {
      this.#tell(this.translator.tick(Math.max(clock.now(), due)));
      this.#arm();
    }, due - clock.now());
  }
}
