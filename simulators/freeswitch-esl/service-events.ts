import { randomUUID } from 'node:crypto';
import type { Bridge } from '../model/bridge.ts';
import type { Leg } from '../model/leg.ts';
import { portOf } from './arrivals.ts';
import { introduce, noteRouting, part, reroute } from './bridging.ts';
import { type EventRenderers, tellAnswer } from './call-events.ts';
import type { Channel } from './channel.ts';
import type { EslContext } from './context.ts';
import { causeOfEnd, tellHangup } from './endings.ts';
import { HOLD_MUSIC, startAudio, stopPlaying } from './playback.ts';
import type { Extras } from './teller.ts';

type Fields = NonNullable<Extras['first']>;

/** The name of the parking lot. */
export const LOT = 'lot';

/** Parking places, as mod_valet_parking tells of them, and registrations. */
export function parkingEvents(context: EslContext): EventRenderers {
  const { channels, teller, x, domain } = context;
  const info = (channel: Channel, space: string, action: string, more: Fields = []): void =>
    teller.custom('valet_parking::info', {
      channel,
      first: [['Valet-Lot-Name', LOT], ['Valet-Extension', space], ['Action', action], ...more],
    });
  return {
    parked({ parked: { leg, space } }) {
      const channel = channels.of(leg);
      if (!channel) return;
      const { first, last } = x.office.parking;
      part(context, channel);
      teller.execute(channel, 'valet_park', `${LOT} auto in ${first} ${last}`);
      channel.set('valet_lot_extension', space);
      info(channel, space, 'hold');
      startAudio(context, channel, HOLD_MUSIC);
    },
    unparked({ parked: { leg, space }, retriever }) {
      const [channel, by] = [channels.of(leg), channels.of(retriever)];
      if (!channel || !by) return;
      info(channel, space, 'bridge', [['Bridge-To-UUID', by.uuid]]);
      introduce(context, channel, by);
      teller.executed(by, 'valet_park');
      stopPlaying(context, channel);
      info(channel, space, 'exit');
      teller.executed(channel, 'valet_park');
    },
    parkingTimedOut({ parked: { leg, space, parker } }) {
      const channel = channels.of(leg);
      if (!channel) return;
      stopPlaying(context, channel);
      info(channel, space, 'exit');
      teller.executed(channel, 'valet_park');
      noteRouting(context, channel, parker);
      reroute(context, channel);
    },
    parkingAbandoned({ parked: { leg, space } }) {
      const channel = channels.of(leg);
      if (!channel) return;
      if (leg.ended) tellHangup(context, channel, causeOfEnd(channel));
      stopPlaying(context, channel);
      info(channel, space, 'exit');
    },
    bridgeEntered({ bridge }) {
      if (bridge.kind !== 'basic' || bridge.legs.length !== 2) return;
      // Who takes a parked call is answered when the two hear each other.
      for (const leg of bridge.legs) {
        const channel = channels.of(leg);
        if (channel && leg.step?.kind === 'retrieve' && channel.times.answered === 0) tellAnswer(context, channel);
      }
    },
    registration({ number, registered }) {
      const who: Fields = [
        ['profile-name', 'internal'],
        ['from-user', number],
        ['from-host', domain],
        ['contact', `"" <sip:${number}@127.0.0.1:${portOf(number)}>`],
        ['call-id', randomUUID()],
      ];
      const where: Fields = [
        ['network-ip', '127.0.0.1'],
        ['network-port', String(portOf(number))],
        ['username', number],
        ['realm', domain],
        ['user-agent', 'offhook'],
      ];
      const status: Fields = [
        ['rpid', 'unknown'],
        ['status', 'Registered(UDP)'],
        ['expires', '3600'],
        ['to-user', number],
        ['to-host', domain],
      ];
      if (registered) teller.custom('sofia::register', { last: [...who, ...status, ...where] });
      else teller.custom('sofia::unregister', { last: [...who, ['rpid', 'unknown'], ...where, ['expires', '0']] });
    },
  };
}

/** Something about a conference, or about one who takes part in it. */
export function tellConference(
  { teller, domain }: EslContext,
  bridge: Bridge,
  action: string,
  channel?: Channel,
  size = bridge.legs.length,
): void {
  const first: Fields = [
    ['Conference-Name', bridge.name ?? ''],
    ['Conference-Domain', domain],
    ['Conference-Size', String(size)],
    ['Conference-Ghosts', '0'],
    ['Conference-Profile-Name', 'default'],
    ['Conference-Unique-ID', bridge.id],
  ];
  if (!channel) {
    teller.custom('conference::maintenance', { first, last: [['Action', action]] });
    return;
  }
  const last: Fields = [
    ['Hear', 'true'],
    ['Speak', action === 'mute-member' ? 'false' : 'true'],
    ['Talking', 'false'],
    ['Member-ID', channel.memberId],
    ['Member-Type', 'member'],
    ['Member-Ghost', 'false'],
    ['Action', action],
  ];
  teller.custom('conference::maintenance', { channel, variables: false, first, last });
}

/** Conference rooms. Whoever has been there longest has the floor. */
export function conferenceEvents(context: EslContext): EventRenderers {
  const { channels, teller, x } = context;
  const floor = new WeakMap<Bridge, Leg>();
  let lastId = 0;
  const giveFloor = (bridge: Bridge): void => {
    const [next] = bridge.legs;
    const channel = next && channels.of(next);
    if (!channel || floor.get(bridge) === next) return;
    floor.set(bridge, next);
    tellConference(context, bridge, 'floor-change', channel);
  };
  return {
    conferenceStarted: ({ bridge }) => tellConference(context, bridge, 'conference-create', undefined, 0),
    conferenceEnded: ({ bridge }) => tellConference(context, bridge, 'conference-destroy', undefined, 0),
    conferenceJoined({ bridge, leg }) {
      const channel = channels.of(leg);
      if (!channel) return;
      channel.memberId = String(++lastId);
      if (channel.application?.name !== 'conference')
        teller.execute(channel, 'conference', `${bridge.name ?? ''}@default`);
      tellConference(context, bridge, 'add-member', channel);
      giveFloor(bridge);
    },
    conferenceLeft({ bridge, leg }) {
      const channel = channels.of(leg);
      if (!channel) return;
      if (leg.ended) tellHangup(context, channel, causeOfEnd(channel));
      if (floor.get(bridge) === leg) {
        tellConference(context, bridge, 'floor-change');
        x.soon(() => giveFloor(bridge));
      }
      tellConference(context, bridge, 'del-member', channel, bridge.legs.filter((other) => other !== leg).length);
      teller.executed(channel, 'conference');
    },
  };
}
