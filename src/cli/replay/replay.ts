import { ADAPTER_UNWANTED, asteriskAmi } from '../../adapters/asterisk-ami/index.ts';
import { recordedSession as recordedAmi } from '../../adapters/asterisk-ami/recorded-session.ts';
import { freeswitchEsl } from '../../adapters/freeswitch-esl/index.ts';
import { recordedSession as recordedEsl } from '../../adapters/freeswitch-esl/recorded-session.ts';
import type { Adapter } from '../../adapters/port.ts';
import { type RecordedBytes, readRecording } from '../../adapters/shared/recording.ts';
import { sipAdapter } from '../../adapters/sip/index.ts';
import { recordedSession as recordedSip } from '../../adapters/sip/recorded-session.ts';
import { SimulatedClock } from '../../domain/clock.ts';
import type { DeviceId } from '../../domain/device.ts';
import type { EngineEvent } from '../../domain/journal.ts';
import type { Logger } from '../../domain/logger.ts';
import { CallRecorder } from '../../engine/call-records.ts';
import { createEngine } from '../../engine/index.ts';
import type { RecordedKind } from '../link-options.ts';
import { checkKind } from './check-kind.ts';

export type { RecordedBytes } from '../../adapters/shared/recording.ts';

/** What a replay found. */
export interface ReplayResult {
  readonly recorder: CallRecorder;
  /** Every extension that showed itself or was asked for. */
  readonly devices: readonly DeviceId[];
  readonly events: number;
  /** Events that could not happen, by the call machine's judgement; 0 in a sound translation. */
  readonly illegalEvents: number;
}

/** What a replay may be told. */
export interface ReplayOptions {
  /** What was recorded. Default `asterisk-ami`. */
  readonly pbx?: RecordedKind;
  readonly lines?: readonly DeviceId[];
  readonly logger?: Logger;
  readonly onEvent?: (event: EngineEvent) => void;
}

/** How long after the last byte the clock goes on, so that what waits is told. Milliseconds. */
const AFTERGLOW_MS = 3_000;

/** Plays pieces of a recording through the adapter and the engine, on a clock that follows the recording. */
export async function replay(pieces: Iterable<RecordedBytes>, options: ReplayOptions = {}): Promise<ReplayResult> {
  const clock = new SimulatedClock(0);
  const { session, adapter } = player(options.pbx ?? 'asterisk-ami');
  const recorder = new CallRecorder();
  let events = 0;
  let illegalEvents = 0;
  const devices = new Set<DeviceId>(options.lines ?? []);
  await using engine = createEngine({
    adapters: [adapter],
    lines: (options.lines ?? []).map((device) => ({ device })),
    clock,
    ...(options.logger === undefined ? {} : { logger: options.logger }),
  });
  engine.events$.subscribe((event) => {
    events++;
    options.onEvent?.(event);
    if (event.kind === 'line') devices.add(event.line.device);
    if (event.kind !== 'call') return;
    if (event.event !== 'recognised') recorder.update(event.call, event.resync);
    illegalEvents = Math.max(illegalEvents, event.call.illegalEvents);
  });
  for (const piece of pieces) {
    clock.advanceTo(piece.timeMs);
    session.play(piece.bytes, piece.connection);
  }
  clock.advance(AFTERGLOW_MS);
  return { recorder, devices: [...devices].sort(), events, illegalEvents };
}

function player(pbx: RecordedKind): {
  readonly session: { play(bytes: Uint8Array, connection?: number): void };
  readonly adapter: Adapter;
} {
  if (pbx === 'freeswitch-esl') {
    const session = recordedEsl();
    return { session, adapter: freeswitchEsl({ link: 'replay', session }) };
  }
  if (pbx === 'sip') {
    const session = recordedSip();
    return { session, adapter: sipAdapter({ link: 'replay', recording: session }) };
  }
  const session = recordedAmi({ unwanted: ADAPTER_UNWANTED });
  return { session, adapter: asteriskAmi({ link: 'replay', session }) };
}

/** Plays a recording file. Rejects with `recording.not-found` or `recording.malformed`: damaged, empty, of another PBX. */
export async function replayFile(path: string, options: ReplayOptions = {}): Promise<ReplayResult> {
  const pieces = [...readRecording(path)];
  checkKind(path, pieces, options.pbx ?? 'asterisk-ami');
  return replay(pieces, options);
}
