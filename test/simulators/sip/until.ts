import { vi } from 'vitest';

/** Waits until something holds; a busy machine has time for it. */
export const until = <T>(look: () => T): Promise<T> => vi.waitFor(look, { timeout: 4_000, interval: 5 });
