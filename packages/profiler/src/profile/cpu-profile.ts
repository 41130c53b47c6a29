/** A CPU profile as V8 makes it, and what can be read from it. Times are in µs of `process.hrtime`. */
import type { Profiler } from 'node:inspector';

export type CpuProfile = Profiler.Profile;
export type ProfileNode = Profiler.ProfileNode;

/** A moment at which the thread was seen, and how long that stands for. */
export interface Seen {
  /** The node that it was seen in. */
  readonly id: number;
  readonly atUs: number;
  readonly forUs: number;
}

/** What was seen from `startUs` to `endUs`: each sample stands for the time until the next one. */
export function seenBetween(profile: CpuProfile, startUs: number, endUs: number): Seen[] {
  const { samples = [], timeDeltas = [] } = profile;
  let atUs = profile.startTime;
  const all = samples.map((id, index) => {
    atUs += timeDeltas[index] ?? 0;
    return { id, atUs };
  });
  // V8 may write a sample that was taken by itself before one that was taken by a signal.
  const within = all
    .filter((one) => one.atUs >= startUs && one.atUs <= endUs)
    .sort((a, b) => a.atUs - b.atUs);
  return within.map(({ id, atUs: ownUs }, index) => {
    // The first also stands for the time before it: a sample from before it saw another turn.
    const fromUs = index === 0 ? startUs : ownUs;
    return { id, atUs: ownUs, forUs: (within[index + 1]?.atUs ?? endUs) - fromUs };
  });
}

/** The nodes of a profile by their ids, with the way from each to the root. */
export class Tree {
  readonly #nodes = new Map<number, ProfileNode>();
  readonly #parents = new Map<number, number>();

  constructor({ nodes }: CpuProfile) {
    for (const node of nodes) {
      this.#nodes.set(node.id, node);
      for (const child of node.children ?? []) this.#parents.set(child, node.id);
    }
  }

  node(id: number): ProfileNode | undefined {
    return this.#nodes.get(id);
  }

  /** The stack of a node, innermost first, with V8's root as the last. */
  stack(id: number): ProfileNode[] {
    const found: ProfileNode[] = [];
    for (let at: number | undefined = id; at !== undefined; at = this.#parents.get(at)) {
      const node = this.#nodes.get(at);
      if (node === undefined) break;
      found.push(node);
    }
    return found;
  }
}

/** Whether a node is V8's own: `(root)`, `(program)`, `(idle)`, `(garbage collector)`. */
export function isMeta({ callFrame: { functionName, url } }: ProfileNode): boolean {
  return url === '' && functionName.startsWith('(');
}

export function isGarbageCollector({ callFrame }: ProfileNode): boolean {
  return callFrame.url === '' && callFrame.functionName === '(garbage collector)';
}
