/**
 * Who had most of a block's time, down to the line, as a pure function over its slice.
 *
 * V8 counts ticks by line for the innermost function of each stack only, and over the whole window.
 * So a line is only named where the slice must have most of the function's ticks on it, whatever the
 * rest of the window did; and of a function that had called Node or a dependency, the line comes
 * from elsewhere (loopwatch's own samples) and {@link Blame.callee} says which call it was.
 */
import { type CpuProfile, isMeta, type ProfileNode, Tree } from './cpu-profile.js';
import { isInApp, packageOf, plainFile } from './files.js';
import type { Slice } from './slice.js';

export interface Blame {
  /** Null for a function without a name. */
  readonly function: string | null;
  readonly file: string;
  /** The line that had most of its time, from 1; null where ticks don't tell. */
  readonly line: number | null;
  /** The line on which the function begins, from 1. */
  readonly declaredLine: number;
  /** What it had called that was busy; null when it was busy itself, or in a native function. */
  readonly callee: { readonly function: string | null; readonly file: string } | null;
  /** The package in node_modules that was busy. */
  readonly package: string | null;
  /** Its share of the time that was spent in functions, 0 to 1. */
  readonly share: number;
}

type CallFrame = ProfileNode['callFrame'];

/** A function on some of the stacks. */
interface Suspect {
  readonly frame: CallFrame;
  us: number;
  /** The sum of its distances from the innermost function, weighted. */
  depth: number;
  /** The time in which it was the innermost function. */
  ownUs: number;
  /** Samples of that time by the node they were in. */
  readonly own: Map<number, number>;
  readonly callees: Map<CallFrame, number>;
  readonly packages: Map<string | null, number>;
}

function weigh<K>(weights: Map<K, number>, key: K, by: number): void {
  weights.set(key, (weights.get(key) ?? 0) + by);
}

function heaviest<K>(weights: ReadonlyMap<K, number>): K | undefined {
  return [...weights].sort(([, a], [, b]) => b - a)[0]?.[0];
}

function keyOf({ functionName, url, lineNumber, columnNumber }: CallFrame): string {
  return `${functionName}\n${url}\n${lineNumber}:${columnNumber}`;
}

type Belongs = (file: string) => boolean;

/** The program's own code answers before its dependencies'. */
const OWNERS: readonly Belongs[] = [isInApp, (file) => packageOf(file) !== null];

function suspectsIn(tree: Tree, { seen }: Slice, belongs: Belongs): Suspect[] {
  const suspects = new Map<string, Suspect>();
  for (const { id, forUs } of seen) {
    const stack = tree.stack(id).filter((node) => !isMeta(node));
    // Native functions have no file; V8 counts their ticks at the line that called them.
    const scripts = stack.filter(({ callFrame }) => callFrame.url !== '');
    const busy = scripts.find(({ callFrame }) => !callFrame.url.startsWith('node:'));
    const met = new Set<string>();
    scripts.forEach(({ callFrame }, index) => {
      const key = keyOf(callFrame);
      // Of a recursion, the innermost call counts.
      if (met.has(key) || !belongs(plainFile(callFrame.url))) return;
      met.add(key);
      let suspect = suspects.get(key);
      if (suspect === undefined) {
        suspect = {
          ...{ frame: callFrame, us: 0, depth: 0, ownUs: 0 },
          ...{ own: new Map(), callees: new Map(), packages: new Map() },
        };
        suspects.set(key, suspect);
      }
      suspect.us += forUs;
      suspect.depth += index * forUs;
      weigh(suspect.packages, packageOf(plainFile(busy?.callFrame.url ?? '')), forUs);
      const callee = scripts[index - 1];
      if (callee !== undefined) weigh(suspect.callees, callee.callFrame, forUs);
      else {
        suspect.ownUs += forUs;
        weigh(suspect.own, id, 1);
      }
    });
  }
  return [...suspects.values()];
}

/**
 * The line that most of a function's samples in the slice must have been on. Of a node's ticks on a
 * line, at most as many are not the slice's as the node has hits outside of it.
 */
function lineOf(tree: Tree, { own }: Suspect): number | null {
  const certain = new Map<number, number>();
  let samples = 0;
  for (const [id, count] of own) {
    samples += count;
    const node = tree.node(id);
    const outside = Math.max(0, (node?.hitCount ?? 0) - count);
    for (const { line, ticks } of node?.positionTicks ?? []) {
      weigh(certain, line, Math.min(count, Math.max(0, ticks - outside)));
    }
  }
  const line = heaviest(certain);
  return line !== undefined && (certain.get(line) ?? 0) * 2 > samples ? line : null;
}

function place({ functionName, url }: CallFrame): { function: string | null; file: string } {
  return { function: functionName === '' ? null : functionName, file: plainFile(url) };
}

/**
 * The function nearest to the work that has more than half of the time.
 *
 * @param window the whole profile that the slice was cut from
 * @returns null where none has
 */
export function blame(window: CpuProfile, slice: Slice): Blame | null {
  const tree = new Tree(window);
  const wholeUs = slice.seen.reduce((sum, { id, forUs }) => {
    const node = tree.node(id);
    return node === undefined || isMeta(node) ? sum : sum + forUs;
  }, 0);
  for (const belongs of OWNERS) {
    const common = suspectsIn(tree, slice, belongs).filter(({ us }) => us * 2 > wholeUs);
    const [worst] = common.sort((a, b) => a.depth / a.us - b.depth / b.us);
    if (worst === undefined) continue;
    const isOwn = worst.ownUs * 2 > worst.us;
    const callee = isOwn ? undefined : heaviest(worst.callees);
    const where = place(worst.frame);
    return {
      ...where,
      line: isOwn ? lineOf(tree, worst) : null,
      declaredLine: worst.frame.lineNumber + 1,
      callee: callee === undefined ? null : place(callee),
      package: packageOf(where.file) ?? heaviest(worst.packages) ?? null,
      share: worst.us / wholeUs,
    };
  }
  return null;
}
