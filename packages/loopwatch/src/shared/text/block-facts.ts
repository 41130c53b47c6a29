/** What is said of a block to those who asked for an answer or look at the console. */
import type { Advice } from '../advice/advice.js';
import type { RawFrame } from '../record/frames.js';

/** What there is to say about one block. */
export interface BlockFacts {
  readonly durationMs: number;
  readonly culprit: {
    readonly function: string | null;
    readonly file: string | null;
    /** Counts from 1, and so does the column. */
    readonly line: number | null;
    readonly column: number | null;
  } | null;
  readonly cause: string;
  readonly method: string | null;
  readonly route: string | null;
  readonly path: string | null;
  readonly requestId: string | null;
  readonly advice: Advice | null;
  /** The code around the culprit's line; empty where it can't be read. */
  readonly lines: readonly CodeLine[];
}

export interface CodeLine {
  readonly number: number;
  readonly text: string;
  readonly isCulprit: boolean;
}

/** What the watched thread itself knows of the block of a request when its answer is due. */
export interface BlamedBlock {
  readonly durationMs: number;
  /** The stack that was last seen, innermost first, but for a function that only began. */
  readonly frames: readonly RawFrame[];
  /** Whether that was after a call that could not be interrupted. */
  readonly isLate: boolean;
  readonly method: string | null;
  readonly route: string | null;
  readonly path: string | null;
  readonly requestId: string;
}

export interface StrictResponse {
  readonly status: 503;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** What is put into answers. Loaded only for modes that want it. */
export interface AnswerPages {
  /**
   * What strict mode answers, nothing of the request being in its headers.
   *
   * @param accept the request's Accept header: HTML for whom it prefers that, else JSON
   */
  strict(block: BlamedBlock, accept: string | undefined): StrictResponse;
  /** HTML to be put before `</body>`. */
  banner(block: BlamedBlock): string;
}

export type LoadPages = () => Promise<AnswerPages>;
