import type { Clock } from '../../domain/clock.ts';
import type { Engine } from '../../engine/engine.ts';
import type { DemoPbx } from './exchange.ts';

/** How long the people of the demonstration need to get to a phone that asks to be picked up. */
const LIFT_MS = 1_200;

/** Lifts the handset of phones that click-to-dial rings: somebody asked for that call. Returns how to stop. */
export function liftHandsets(engine: Engine, pbx: DemoPbx, clock: Clock): () => void {
  const asked = new Set<string>();
  const subscription = engine.calls$.subscribe(({ call }) => {
    for (const { id, device, prompted, state } of call.connections) {
      if (prompted !== true || state !== 'initiated' || asked.has(id)) continue;
      asked.add(id);
      clock.setTimer(() => attempt(() => pbx.phone(device).answer()), LIFT_MS);
    }
    if (call.state === 'cleared') for (const { id } of call.connections) asked.delete(id);
  });
  return () => subscription.unsubscribe();
}

/** Picks up or hangs up a phone, as its user would. */
export function useHandset(pbx: DemoPbx, device: string): void {
  attempt(() => {
    const phone = pbx.phone(device);
    if (phone.isRinging) phone.answer();
    else phone.hangup();
  });
}

/** The call may have gone meanwhile. */
function attempt(deed: () => void): void {
  try {
    deed();
  } catch {
    // Nothing rings and nobody talks: nothing to do.
  }
}
