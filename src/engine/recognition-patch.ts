import type { Call, Connection, ConnectionId } from '../domain/call.ts';
import type { Recognition } from '../domain/contact.ts';
import type { DeviceId, Party } from '../domain/device.ts';
import { OffhookError } from '../domain/error.ts';
import { sameParty } from '../machines/index.ts';
import type { Recogniser } from './engine.ts';

/** What is to be written onto a connection. */
export interface RecognitionPatch {
  readonly connection: ConnectionId;
  readonly recognition: Recognition;
}

/** A look-up that has to be made. */
export interface LookUp {
  readonly connection: ConnectionId;
  readonly party: Party;
}

/** What can be said of a call's parties at once, and what has to be asked. */
export interface FirstImpressions {
  readonly patches: readonly RecognitionPatch[];
  readonly lookUps: readonly LookUp[];
}

/** Nothing to say and nobody to ask for. */
export const NO_IMPRESSIONS: FirstImpressions = { patches: [], lookUps: [] };

const PENDING: Recognition = { status: 'pending' };
const WITHHELD: Recognition = { status: 'withheld' };

/**
 * What can be said at once of the parties of a call that nobody has looked up yet, and who has to be looked up. A party's
 * recognition falls away when its number changes, so that this is one look-up per party and not per event.
 *
 * Looked up are the outside parties of every call, from their first appearance on: while a caller waits in a queue there
 * is time. Stations are looked up when a monitored line is in the call with them. Who withholds the number is not.
 */
export function firstImpressions(
  call: Call,
  recogniser: Recogniser,
  isLine: (device: DeviceId) => boolean,
): FirstImpressions {
  const patches: RecognitionPatch[] = [];
  const lookUps: LookUp[] = [];
  for (const connection of call.connections) {
    if (connection.recognition !== undefined || connection.state === 'null') continue;
    if (!isRemote(call, connection, isLine)) continue;
    const { id, party } = connection;
    if (party.presentation === 'restricted') patches.push({ connection: id, recognition: WITHHELD });
    else if (party.presentation === 'allowed' && party.number !== null) {
      const known = peek(recogniser, party);
      patches.push({ connection: id, recognition: known ?? PENDING });
      if (known === undefined) lookUps.push({ connection: id, party });
    }
  }
  return { patches, lookUps };
}

/** The connections that an event and its first impressions changed. */
export function withPatched(
  changed: readonly ConnectionId[],
  patches: readonly RecognitionPatch[],
): readonly ConnectionId[] {
  if (patches.length === 0) return changed;
  const others = patches.map((patch) => patch.connection).filter((id) => !changed.includes(id));
  return others.length === 0 ? changed : [...changed, ...others];
}

/** Whether a look-up's answer still belongs on a connection: it waits for one, and its party is the one asked for. */
export function stillFits(connection: Connection | undefined, asked: Party): boolean {
  return connection?.recognition?.status === 'pending' && sameParty(connection.party, asked);
}

/** Asks, and makes every failure an answer: `failed` with the error's code, or `recognition.failed`. Never rejects. */
export async function ask(recogniser: Recogniser, party: Party): Promise<Recognition> {
  try {
    return await recogniser.recognise(party);
  } catch (error) {
    return { status: 'failed', code: error instanceof OffhookError ? error.code : 'recognition.failed' };
  }
}

function isRemote(call: Call, connection: Connection, isLine: (device: DeviceId) => boolean): boolean {
  const { category } = connection.party;
  if (category === 'trunk') return true;
  if (category !== 'station') return false;
  for (const other of call.connections) {
    if (other.id !== connection.id && other.state !== 'null' && isLine(other.device)) return true;
  }
  return false;
}

function peek(recogniser: Recogniser, party: Party): Recognition | undefined {
  try {
    const known = recogniser.peek?.(party);
    return known?.status === 'pending' ? undefined : known;
  } catch {
    return undefined;
  }
}
