/** `offhook`: the engine, and the vocabulary that it speaks. */
export type { Adapter, AdapterContext } from './adapters/port.ts';
export * from './domain/index.ts';
export * from './engine/index.ts';
