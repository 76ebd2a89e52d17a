import type { Channel } from './channel.ts';
import type { EslContext } from './context.ts';

/** What a telephone that waits hears. */
export const HOLD_MUSIC = 'tone_stream://%(2000,4000,440,480);loops=-1';

const FILE_TYPE = ['Playback-File-Type', 'tone_stream'] as const;

/** Audio is played to a channel until it stops. */
export function play({ teller }: EslContext, channel: Channel, file: string): void {
  teller.execute(channel, 'playback', file);
  startAudio({ teller }, channel, file);
}

/** Audio that is part of another application. */
export function startAudio({ teller }: Pick<EslContext, 'teller'>, channel: Channel, file: string): void {
  playing.set(channel, file);
  teller.tell('PLAYBACK_START', channel, { last: [FILE_TYPE, ['Playback-File-Path', file]] });
}

const playing = new WeakMap<Channel, string>();

/** Nothing is told if nothing is played. */
export function stopPlaying({ teller }: Pick<EslContext, 'teller'>, channel: Channel): void {
  const file = playing.get(channel);
  if (file === undefined) return;
  playing.delete(channel);
  const last = [FILE_TYPE, ['Playback-File-Path', file], ['Playback-Status', 'break']] as const;
  teller.tell('PLAYBACK_STOP', channel, { last });
  if (channel.application?.name === 'playback') teller.executed(channel, 'playback');
}
