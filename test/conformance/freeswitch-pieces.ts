import { EslDecoder } from '../../src/adapters/freeswitch-esl/framing.ts';
import type { ListedChannel } from '../../src/adapters/freeswitch-esl/snapshot.ts';
import { type FORMS, framesOf, readsOf } from '../support/freeswitch-recordings.ts';
import type { Piece } from '../support/freeswitch-replay.ts';

/** A recorded scenario, in the reads in which it came. */
export function piecesOf(name: string, form: (typeof FORMS)[number]): Piece[] {
  return withList(name, readsOf(`scenarios/${name}.${form}`));
}

/** A client that joins late asks what there is: the other connection of that recording did. */
export function withList(name: string, pieces: readonly Piece[]): Piece[] {
  if (name !== 'join-mid-call') return [...pieces];
  const decoder = new EslDecoder();
  const answers = framesOf(`scenarios/${name}.control`).flatMap(({ timeMs, bytes }) =>
    decoder.push(bytes).map((frame) => ({ timeMs, body: frame.body })),
  );
  const list = answers.findLast(({ body }) => body.includes('"initial_dest"'));
  if (list === undefined) throw new Error('no list of channels in the recording');
  const { rows } = JSON.parse(list.body) as { rows: ListedChannel['row'][] };
  const listed: Piece = { timeMs: list.timeMs, channels: rows.map((row) => ({ row })) };
  return [...pieces, listed].sort((a, b) => a.timeMs - b.timeMs);
}
