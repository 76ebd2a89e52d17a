import type { Position } from '../scenario/scenario.ts';

/** Something that happened while a scenario was played. `t` in milliseconds since the beginning. */
export type TimelineEntry =
  | { readonly t: number; readonly type: 'step'; readonly text: string; readonly position?: Position }
  | { readonly t: number; readonly type: 'mark'; readonly mark: string }
  | { readonly t: number; readonly type: 'fault'; readonly text: string; readonly over: boolean }
  | { readonly t: number; readonly type: 'told'; readonly line: string; readonly text: string }
  | { readonly t: number; readonly type: 'failed'; readonly text: string; readonly position?: Position };
