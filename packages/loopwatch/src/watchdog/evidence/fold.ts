/** The samples of one block: equal stacks are one entry with a count. */
import { frameOf, functionKey, type RawFrame } from '../../shared/record/frames.js';
import type { Frame } from '../../shared/record/record.js';

/** Distinct stacks kept for a block. A hang in a recursive search could otherwise grow for ever. */
const MOST_STACKS = 64;

/** A distinct stack with what it stands for. */
export interface Folded {
  /** Innermost first, as they were found. */
  readonly frames: readonly Frame[];
  /** For each frame, what is the same for all frames of its function. */
  readonly keys: readonly string[];
  /** The innermost frame had only just been entered: it was called next and did not block. */
  readonly atEntry: boolean;
  count: number;
  /** How much of the block this stack answers for, in ms. */
  weightMs: number;
  /** The part of it that was only seen when a native call had returned. */
  lateMs: number;
}

function heaviestFirst(stacks: Folded[]): Folded[] {
  return stacks.sort((a, b) => b.weightMs - a.weightMs);
}

/** The share of the time of all stacks that some of it makes up; 0 without any. */
export function shareOf(stacks: readonly Folded[], of: (folded: Folded) => number): number {
  const whole = stacks.reduce((sum, { weightMs }) => sum + weightMs, 0);
  return whole === 0 ? 0 : stacks.reduce((sum, folded) => sum + of(folded), 0) / whole;
}

/** Collects samples in bounded memory. */
export class Fold {
  readonly #stacks = new Map<string, Folded>();
  #count = 0;
  #first: { readonly folded: Folded; readonly weightMs: number } | null = null;

  /** All samples, those included whose stack was not kept. */
  get count(): number {
    return this.#count;
  }

  /**
   * @param weightMs the time this sample answers for
   * @param late whether it landed only when something uninterruptible had returned
   */
  add(raw: readonly RawFrame[], atEntry: boolean, weightMs: number, late: boolean): void {
    this.#count++;
    const key = `${late && atEntry}${JSON.stringify(raw)}`;
    let folded = this.#stacks.get(key);
    if (folded === undefined) {
      if (this.#stacks.size === MOST_STACKS) return;
      const frames = raw.map(frameOf);
      const keys = raw.map(functionKey);
      folded = { frames, keys, atEntry: late && atEntry, count: 0, weightMs: 0, lateMs: 0 };
      this.#stacks.set(key, folded);
    }
    if (this.#count === 1) this.#first = { folded, weightMs };
    folded.count++;
    folded.weightMs += weightMs;
    if (late) folded.lateMs += weightMs;
  }

  /** The distinct stacks, heaviest first. */
  stacks(): Folded[] {
    return heaviestFirst([...this.#stacks.values()]);
  }

  /** The same of the time after the first sample, or of that one as long as there is no other. */
  stacksAfterFirst(): Folded[] {
    const first = this.#first;
    const rest = [...this.#stacks.values()].map((folded) =>
      folded === first?.folded ? { ...folded, weightMs: folded.weightMs - first.weightMs } : folded,
    );
    const after = rest.filter(({ weightMs }) => weightMs > 0);
    return after.length === 0 ? this.stacks() : heaviestFirst(after);
  }
}
