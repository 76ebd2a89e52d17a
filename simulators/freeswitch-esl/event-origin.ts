import { randomUUID } from 'node:crypto';
import type { EslEvent } from './event.ts';

/** The version that is imitated. */
export const VERSION = '1.10.12-release';

const HOSTNAME = 'pbx';

/** Where in FreeSWITCH's source an event is made: file, function, line. */
const CALL_SITES: Readonly<Record<string, string>> = {
  API: 'switch_loadable_module.c switch_api_execute 2954',
  BACKGROUND_JOB: 'mod_event_socket.c api_exec 1572',
  CALL_UPDATE: 'mod_sofia.c sofia_receive_message 2100',
  CHANNEL_ANSWER: 'switch_channel.c switch_channel_perform_mark_answered 3846',
  CHANNEL_BRIDGE: 'switch_ivr_bridge.c switch_ivr_multi_threaded_bridge 1689',
  CHANNEL_CALLSTATE: 'switch_channel.c switch_channel_perform_set_callstate 301',
  CHANNEL_CREATE: 'switch_core_state_machine.c switch_core_session_run 626',
  CHANNEL_DATA: 'mod_commands.c uuid_dump_function 6468',
  CHANNEL_DESTROY: 'switch_core_session.c switch_core_session_perform_destroy 1584',
  CHANNEL_EXECUTE: 'switch_core_session.c switch_core_session_exec 2944',
  CHANNEL_EXECUTE_COMPLETE: 'switch_core_session.c switch_core_session_exec 2967',
  CHANNEL_HANGUP: 'switch_channel.c switch_channel_perform_hangup 3445',
  CHANNEL_HANGUP_COMPLETE: 'switch_core_state_machine.c switch_core_session_reporting_state 943',
  CHANNEL_HOLD: 'switch_channel.c switch_channel_mark_hold 875',
  CHANNEL_ORIGINATE: 'switch_core_state_machine.c switch_core_session_run 632',
  CHANNEL_OUTGOING: 'switch_core_session.c switch_core_session_outgoing_channel 768',
  CHANNEL_PROGRESS: 'switch_channel.c switch_channel_perform_mark_ring_ready_value 3505',
  CHANNEL_PROGRESS_MEDIA: 'switch_channel.c switch_channel_perform_mark_pre_answered 3560',
  CHANNEL_STATE: 'switch_channel.c switch_channel_perform_set_running_state 2408',
  CHANNEL_UNBRIDGE: 'switch_ivr_bridge.c switch_ivr_multi_threaded_bridge 1879',
  CHANNEL_UNHOLD: 'switch_channel.c switch_channel_mark_hold 875',
  HEARTBEAT: 'switch_core.c send_heartbeat 95',
  PLAYBACK_START: 'switch_ivr_play_say.c switch_ivr_play_file 1646',
  PLAYBACK_STOP: 'switch_ivr_play_say.c switch_ivr_play_file 2020',
  sendevent: 'mod_event_socket.c parse_command 2275',
};

/** Microseconds as the clock of FreeSWITCH has them: it moves on every 20 ms. */
export const micros = (ms: number): number => Math.floor(ms / 20) * 20_000 + 157;

/** A time as FreeSWITCH shows it to people: `2026-11-22 16:48:39`. */
export const stamp = (us: number): string => new Date(us / 1000).toISOString().slice(0, 19).replace('T', ' ');

/** Numbers the events of a switch and gives each its time and place. */
export class EventOrigin {
  readonly coreUuid: string = randomUUID();
  readonly #timeNow: () => number;
  #sequence = 500;

  /** `timeNow`: the time that the switch believes it is, in milliseconds. */
  constructor(timeNow: () => number) {
    this.#timeNow = timeNow;
  }

  /** Microseconds. */
  get now(): number {
    return micros(this.#timeNow());
  }

  /** The headers that every event has after its name. `name`: what is told. */
  headers(name: string): EslEvent['headers'] {
    const { now } = this;
    const [file = '', line = '', number = ''] = (CALL_SITES[name] ?? 'switch_event.c switch_event_fire 1980').split(
      ' ',
    );
    return [
      ['Core-UUID', this.coreUuid],
      ['FreeSWITCH-Hostname', HOSTNAME],
      ['FreeSWITCH-Switchname', HOSTNAME],
      ['FreeSWITCH-IPv4', '127.0.0.1'],
      ['FreeSWITCH-IPv6', '::1'],
      ['Event-Date-Local', stamp(now)],
      ['Event-Date-GMT', new Date(now / 1000).toUTCString()],
      ['Event-Date-Timestamp', String(now)],
      ['Event-Calling-File', file],
      ['Event-Calling-Function', line],
      ['Event-Calling-Line-Number', number],
      ['Event-Sequence', String(this.#sequence++)],
    ];
  }
}
