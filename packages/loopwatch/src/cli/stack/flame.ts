/** The samples of one thread added up. */
import { addStack, type FlameNode, flameRoot } from '../../shared/export/flame-tree.js';
import type { Frame, ThreadInfo } from '../../shared/record/record.js';

/** A stack with what it stands for. */
export interface FoldedSamples {
  /** Innermost first; empty: no JavaScript ran. */
  readonly frames: readonly Frame[];
  count: number;
  ms: number;
}

/** Adds samples up. */
export class Flame {
  readonly thread: ThreadInfo;
  readonly root: FlameNode = flameRoot();
  readonly #folded = new Map<string, FoldedSamples>();

  constructor(thread: ThreadInfo) {
    this.thread = thread;
  }

  /** @param ms the time that this stack stands for */
  add(frames: readonly Frame[], ms: number): void {
    addStack(this.root, frames, ms);
    const key = JSON.stringify(frames);
    const folded = this.#folded.get(key);
    if (folded === undefined) this.#folded.set(key, { frames, count: 1, ms });
    else {
      folded.count++;
      folded.ms += ms;
    }
  }

  /** The distinct stacks, heaviest first. */
  folded(): FoldedSamples[] {
    return [...this.#folded.values()].sort((a, b) => b.ms - a.ms);
  }

  get samples(): number {
    return this.folded().reduce((sum, { count }) => sum + count, 0);
  }

  /** Time in which no JavaScript ran. */
  get idleMs(): number {
    const busy = [...this.root.children.values()].reduce((sum, { ms }) => sum + ms, 0);
    return this.root.ms - busy;
  }
}
