/**
 * The culprit: the function of the application that answers for a block, as a pure function over its
 * samples. By time, over whole stacks, and not by the top frame of one sample, so that the same
 * block names the same culprit each time and its reports can be grouped.
 */
import { packageOf } from '../../shared/record/frames.js';
import { type Culprit, type Frame, NODE } from '../../shared/record/record.js';
import type { Folded } from '../evidence/fold.js';
import { BELONGS, firstCertain, type Owner, ownerOf } from '../evidence/owner.js';

function weigh<K>(weights: Map<K, number>, key: K, weightMs: number): void {
  weights.set(key, (weights.get(key) ?? 0) + weightMs);
}

function heaviest<K>(weights: ReadonlyMap<K, number>): K | undefined {
  let best: K | undefined;
  let most = Number.NEGATIVE_INFINITY;
  for (const [key, weightMs] of weights) {
    if (weightMs <= most) continue;
    best = key;
    most = weightMs;
  }
  return best;
}

/** A function on some of the stacks. */
interface Suspect {
  weightMs: number;
  lateMs: number;
  /** The sum of its distances from the innermost frame, weighted. */
  depth: number;
  /** Its innermost position on each stack, by time. */
  readonly positions: Map<string, number>;
  readonly frames: Map<string, Frame>;
  /** The package that ran below it, by time; null for none. */
  readonly packages: Map<string | null, number>;
}

function suspectsIn(stacks: readonly Folded[], owner: Exclude<Owner, 'node'>): Suspect[] {
  const suspects = new Map<string, Suspect>();
  for (const folded of stacks) {
    const { frames, keys, weightMs, lateMs } = folded;
    const seen = new Set<string>();
    const first = firstCertain(folded);
    const below = frames
      .slice(first)
      .find(({ file }) => file !== null && !file.startsWith('node:'));
    for (let index = first; index < frames.length; index++) {
      const frame = frames[index] as Frame;
      const key = keys[index] as string;
      // Of a recursion, the innermost frame counts.
      if (!BELONGS[owner](frame) || seen.has(key)) continue;
      seen.add(key);
      let suspect = suspects.get(key);
      if (suspect === undefined) {
        suspect = {
          ...{ weightMs: 0, lateMs: 0, depth: 0 },
          ...{ positions: new Map(), frames: new Map(), packages: new Map() },
        };
        suspects.set(key, suspect);
      }
      suspect.weightMs += weightMs;
      suspect.lateMs += lateMs;
      suspect.depth += (index - first) * weightMs;
      const position = `${frame.line}:${frame.column}`;
      weigh(suspect.positions, position, weightMs);
      suspect.frames.set(position, frame);
      weigh(suspect.packages, packageOf(below?.file ?? null), weightMs);
    }
  }
  return [...suspects.values()];
}

/**
 * The function nearest to the work that more than half of the time has in common; where there is no
 * such function, the one with most of it.
 */
function worstOf(suspects: readonly Suspect[], wholeMs: number): Suspect | undefined {
  const common = suspects.filter(({ weightMs }) => weightMs * 2 > wholeMs);
  const depthOf = ({ depth, weightMs }: Suspect) => (weightMs === 0 ? 0 : depth / weightMs);
  if (common.length > 0) return common.sort((a, b) => depthOf(a) - depthOf(b))[0];
  const byWeight = (a: Suspect, b: Suspect) => b.weightMs - a.weightMs || depthOf(a) - depthOf(b);
  return [...suspects].sort(byWeight)[0];
}

/** What there is to say when every stack was Node's own: a culprit by which reports still group. */
const NODE_ITSELF: Culprit = {
  function: NODE,
  file: null,
  line: null,
  column: null,
  package: null,
  precision: 'none',
};

/** The culprit; null without samples. */
export function culpritOf(stacks: readonly Folded[]): Culprit | null {
  if (stacks.length === 0) return null;
  const byOwner = new Map<Owner, number>();
  for (const folded of stacks) weigh(byOwner, ownerOf(folded), folded.weightMs);
  // Node's own time before and after says nothing against what the program did.
  byOwner.delete('node');
  const owner = heaviest(byOwner);
  if (owner === undefined || owner === 'node') return NODE_ITSELF;
  const own = stacks.filter((folded) => ownerOf(folded) === owner);
  const wholeMs = own.reduce((sum, { weightMs }) => sum + weightMs, 0);
  const worst = worstOf(suspectsIn(own, owner), wholeMs);
  const frame = worst?.frames.get(heaviest(worst.positions) ?? '');
  if (worst === undefined || frame === undefined) return NODE_ITSELF;
  const { function: name, file, line, column, async } = frame;
  const precise = !async && worst.lateMs * 2 < worst.weightMs;
  const where = { function: name, file, line, column };
  const inside = packageOf(file) ?? heaviest(worst.packages) ?? null;
  return { ...where, package: inside, precision: precise ? 'exact' : 'caller' };
}
