/**
 * What the pages show: the HTML report, and the status page. Made on a server of records, bounded and
 * fit to be shown; drawn in a browser by packages/loopwatch/page. All texts are on one line and cut.
 */
import type { Advice } from '../advice/advice.js';
import type { Cause, Kind, UnconfirmedReason } from '../record/record.js';

/** A frame as it is called in a flame graph. */
export interface FrameLabel {
  readonly name: string;
  /** `src/report.ts`, or null where there is no file. */
  readonly place: string | null;
  readonly inApp: boolean;
}

/** A function under its callers: which of the frames, ms in it and in what it called, what it called. */
export type FlameShape = readonly [frame: number, ms: number, called: readonly FlameShape[]];

/** A flame graph: the outermost functions, heaviest first. */
export interface FlamePicture {
  /** The time that all of it stands for. */
  readonly ms: number;
  readonly roots: readonly FlameShape[];
}

/** What is marked on the timeline: one event, or those of one kind that are too close to be told apart. */
export interface TimelineEvent {
  readonly kind: Kind | 'unconfirmed';
  /** When it began, or the longest of them did; ms since 1970. */
  readonly atMs: number;
  /** How long it lasted, or the longest of them did. */
  readonly longestMs: number;
  readonly count: number;
  /** Of the longest. */
  readonly text: string;
  /** The id of the block, where {@link Pictures.blocks} has it. */
  readonly block: string | null;
}

/** Blocks added up. */
export interface Sum {
  readonly count: number;
  readonly totalMs: number;
  readonly longestMs: number;
}

export interface CulpritPicture extends Sum {
  readonly name: string;
  /** `/srv/app/src/report.ts:88` */
  readonly place: string | null;
  readonly package: string | null;
  /** The most frequent first. */
  readonly causes: readonly Cause[];
  /** The routes that it blocked, costliest first. */
  readonly routes: readonly string[];
  /** Which of the advices. */
  readonly advice: number | null;
  readonly flame: FlamePicture;
}

export interface RoutePicture extends Sum {
  /** `GET /report/:id` */
  readonly route: string;
  /** Requests that had to wait meanwhile. */
  readonly delayed: number;
  /** The functions that blocked it, costliest first. */
  readonly culprits: readonly string[];
}

export interface BlockPicture {
  readonly id: string;
  readonly kind: Kind;
  readonly atMs: number;
  readonly durationMs: number;
  readonly ended: boolean;
  readonly cause: Cause;
  /** The record in one sentence. */
  readonly text: string;
  readonly name: string;
  readonly place: string | null;
  readonly route: string | null;
  /** What else is known, in the order to be shown: `['samples', '12']`. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly advice: number | null;
  readonly flame: FlamePicture;
}

export interface ReasonPicture extends Sum {
  readonly reason: UnconfirmedReason;
}

interface Counts {
  readonly blocks: number;
  readonly hangs: number;
  readonly cumulative: number;
  readonly unconfirmed: number;
  readonly delayedRequests: number;
  readonly blockedMs: number;
  readonly longestMs: number;
}

/** All of it. What is left out of a list is in its `more`. */
export interface Pictures {
  /** What was read: a file, a folder, a process. */
  readonly source: string;
  /** From the first event to the last, ms since 1970; null when there was none. */
  readonly period: { readonly fromMs: number; readonly toMs: number } | null;
  /** `process 4711 on web-3, v24.21.0` */
  readonly processes: readonly string[];
  readonly counts: Counts;
  /** The lowest of the blocks' thresholds, in ms. */
  readonly thresholdMs: number | null;
  readonly events: readonly TimelineEvent[];
  readonly culprits: readonly CulpritPicture[];
  readonly routes: readonly RoutePicture[];
  /** In the order of time. */
  readonly blocks: readonly BlockPicture[];
  readonly reasons: readonly ReasonPicture[];
  readonly frames: readonly FrameLabel[];
  readonly advices: readonly Advice[];
  readonly more: {
    readonly processes: number;
    readonly culprits: number;
    readonly routes: number;
    readonly blocks: number;
  };
}
