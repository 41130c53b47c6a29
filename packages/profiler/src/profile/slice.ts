/** The part of a profile that belongs to one block: a profile of its own. */
import {
  type CpuProfile,
  isGarbageCollector,
  type Seen,
  seenBetween,
  Tree,
} from './cpu-profile.js';

/** With fewer samples than these nothing can be said of who had most of the time. */
const FEWEST_SAMPLES = 3;

export interface Slice {
  /** Opens in DevTools, VS Code and speedscope. */
  readonly profile: CpuProfile;
  readonly seen: readonly Seen[];
  /** How much of the time the heap was being collected. */
  readonly gcMs: number;
}

function countById(seen: readonly Seen[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { id } of seen) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

/** The nodes that were seen, with those that called them. */
function nodesOf(tree: Tree, whole: CpuProfile, hits: ReadonlyMap<number, number>) {
  const kept = new Set<number>();
  for (const id of hits.keys()) for (const node of tree.stack(id)) kept.add(node.id);
  return whole.nodes
    .filter(({ id }) => kept.has(id))
    .map(({ children = [], positionTicks, ...node }) => {
      const hitCount = hits.get(node.id) ?? 0;
      // Ticks are counted over the whole window: only where that is all ours are they ours.
      const isAll = positionTicks !== undefined && hitCount > 0 && hitCount >= (node.hitCount ?? 0);
      return {
        ...node,
        hitCount,
        children: children.filter((id) => kept.has(id)),
        ...(isAll ? { positionTicks } : {}),
      };
    });
}

/**
 * Cuts a profile to the time of a block.
 *
 * @returns null when too little was seen of it
 */
export function sliceOf(whole: CpuProfile, startUs: number, endUs: number): Slice | null {
  const seen = seenBetween(whole, startUs, endUs);
  if (seen.length < FEWEST_SAMPLES) return null;
  const tree = new Tree(whole);
  let lastUs = startUs;
  const timeDeltas = seen.map(({ atUs }) => {
    const deltaUs = atUs - lastUs;
    lastUs = atUs;
    return deltaUs;
  });
  const gcUs = seen.reduce((sum, { id, forUs }) => {
    const node = tree.node(id);
    return node !== undefined && isGarbageCollector(node) ? sum + forUs : sum;
  }, 0);
  const profile = {
    nodes: nodesOf(tree, whole, countById(seen)),
    startTime: startUs,
    endTime: endUs,
    samples: seen.map(({ id }) => id),
    timeDeltas,
  };
  return { profile, seen, gcMs: gcUs / 1000 };
}
