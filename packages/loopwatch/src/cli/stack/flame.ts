/** The samples of one thread added up: which functions, called by which, took how much of the time. */
import type { Frame, ThreadInfo } from '../../shared/record.js';

/** One function under its callers. */
export interface FlameNode {
  /** Null for the whole. */
  readonly frame: Frame | null;
  /** Time in it and in what it called. */
  ms: number;
  readonly children: Map<string, FlameNode>;
}

/** A stack with what it stands for. */
export interface FoldedSamples {
  /** Innermost first; empty: no JavaScript ran. */
  readonly frames: readonly Frame[];
  count: number;
  ms: number;
}

/** Frames that are the same function. */
function keyOf({ function: name, file, line }: Frame): string {
  return `${name ?? `:${line}`}\n${file}`;
}

/** Adds samples up. */
export class Flame {
  readonly thread: ThreadInfo;
  readonly root: FlameNode = { frame: null, ms: 0, children: new Map() };
  readonly #folded = new Map<string, FoldedSamples>();

  constructor(thread: ThreadInfo) {
    this.thread = thread;
  }

  /** @param ms the time that this stack stands for */
  add(frames: readonly Frame[], ms: number): void {
    let node = this.root;
    node.ms += ms;
    for (const frame of [...frames].reverse()) {
      const key = keyOf(frame);
      let child = node.children.get(key);
      if (child === undefined) {
        child = { frame, ms: 0, children: new Map() };
        node.children.set(key, child);
      }
      child.ms += ms;
      node = child;
    }
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
