/** What the status page shows of the present. */
import type { Pictures } from './pictures.js';

/**
 * - `beating`: the loop turns
 * - `late`: its beat is overdue, by more than the threshold: a block, perhaps
 * - `hung`: it was blocked for `hangMs`, and still is
 */
export type LoopState = 'starting' | 'beating' | 'late' | 'hung' | 'exiting';

/** The state of the main thread's loop. Durations are in ms. */
export interface Now {
  readonly state: LoopState;
  /** Since its latest beat. */
  readonly beatAgeMs: number;
  readonly pid: number;
  /** Over the latest minute; null before there were beats. */
  readonly delay: {
    readonly p50Ms: number | null;
    readonly p99Ms: number | null;
    readonly maxMs: number | null;
  };
  /** The longest delay of each second of that minute, the present one last; null where nothing is known. */
  readonly delays: readonly (number | null)[];
}

/** An event of `/events`: what is sent each second, and what is sent when something has changed. */
export type LiveEvent =
  | { readonly type: 'now'; readonly now: Now }
  | { readonly type: 'pictures'; readonly pictures: Pictures }
  /** What the loop does, while it is late; null when it turns again. */
  | { readonly type: 'turn'; readonly turn: Pictures | null };
