import type { ModelPbx } from './model-pbx.ts';

/** Brings into a switch that has restarted what outlives it: which telephones are there and how they are, forwarding, names. */
export function carryOver(before: ModelPbx, after: ModelPbx): void {
  const [old, now] = [before.exchange, after.exchange];
  for (const number of now.office.extensions.keys()) {
    now.devices.setRegistered(number, old.devices.isRegistered(number));
    Object.assign(after.people.phone(number).habits, before.people.phone(number).habits);
  }
  for (const kind of ['all', 'busy', 'noanswer'] as const)
    for (const [number, to] of old.phoneBook.forwarding[kind]) now.phoneBook.forwarding[kind].set(number, to);
  for (const [key, value] of old.phoneBook.entries) now.phoneBook.entries.set(key, value);
}
