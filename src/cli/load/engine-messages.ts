/** What the process of the engine is told to do. */
export type ToEngine =
  | {
      readonly type: 'start';
      readonly host: string;
      readonly port: number;
      readonly username: string;
      readonly secret: string;
      /** How many lines the office has that load is put on. */
      readonly lines: number;
    }
  /** `collect`: free what nobody needs first, where the process was started with `--expose-gc`. */
  | { readonly type: 'sample'; readonly collect: boolean };

/** How the process of the engine does. */
export interface EngineSample {
  /** Processor time since its beginning. Milliseconds. */
  readonly cpuMs: number;
  /** Bytes. */
  readonly heapUsed: number;
  readonly rss: number;
  readonly linkUp: boolean;
  /** Lines that have a call, by what the engine says. */
  readonly busyLines: number;
}

/** What the process of the engine says. */
export type FromEngine =
  | { readonly type: 'ready'; readonly url: string; readonly token: string }
  | { readonly type: 'failed'; readonly message: string }
  | ({ readonly type: 'sample' } & EngineSample);
