import { randomBytes } from 'node:crypto';
import type { Engine } from '../engine/engine.ts';
import type { Cursor } from './protocol.ts';

const instances = new WeakMap<Engine, string>();

/** The name of this engine's event log, made up when first asked for: another run of the program has another. */
export function instanceOf(engine: Engine): string {
  let instance = instances.get(engine);
  if (instance === undefined) {
    instance = randomBytes(9).toString('base64url');
    instances.set(engine, instance);
  }
  return instance;
}

/** The cursor behind the entry `seq`. */
export function cursorAt(instance: string, seq: number): Cursor {
  return `${instance}.${seq}`;
}

/** The `seq` of a cursor; `undefined` when it is another engine's, or none at all. */
export function seqOf(instance: string, cursor: Cursor): number | undefined {
  const match = /^([A-Za-z0-9_-]{1,64})\.(0|[1-9][0-9]{0,15})$/.exec(cursor);
  return match?.[1] === instance ? Number(match[2]) : undefined;
}
