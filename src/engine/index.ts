/** `offhook/engine`: the headless engine, for programs that embed it. */
export { createEngine } from './create-engine.ts';
export type { Engine, EngineOptions, LineConfig, LogOptions, Recogniser } from './engine.ts';
