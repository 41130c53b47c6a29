/**
 * How much of a block was the loading of modules: a start-up cost, wherever a test happens to pay it.
 * By its stacks, and not by its cause: runners have loaders of their own, and a test that is called
 * while its file is still being loaded is no part of that.
 */
import { isOwn } from '../../shared/record/frames.js';
import type { BlockRecord, Culprit, FoldedStack, Frame } from '../../shared/record/record.js';

/** By file and function: Node's, Vitest's (vite-node up to 3, Vite's module runner from 4 on), and Jest's. */
const LOADERS: readonly (readonly [RegExp, RegExp])[] = [
  [/^node:internal\/modules\//, /./],
  // Its own modules, which `fetch` for one loads when it is first called: for 20 ms and more.
  [/^node:internal\/bootstrap\/realm$/, /^(?:compileForInternalLoader|requireBuiltin)$/],
  [/[\\/]node_modules[\\/](?:vite-node[\\/]|vite[\\/]dist[\\/]node[\\/]module-runner)/, /./],
  // 29 and 30 name it differently; the same file has the fake timers.
  [/[\\/]node_modules[\\/]jest-runtime[\\/]/, /^(?:_execModule|exec|_?loadModule)$/],
];

/** Whether a module is loaded on top of the test: the gate calls its body. */
function isLoading(frames: readonly Frame[]): boolean {
  for (const { file, function: name, async } of frames) {
    // Who awaits is not at work; a test file may await its tests.
    if (file === null || async) continue;
    if (isOwn(file)) return false;
    if (LOADERS.some(([of, called]) => of.test(file) && called.test(name ?? '?'))) return true;
  }
  return false;
}

/**
 * The record of what was no loading: its heaviest stack says who it was.
 *
 * @returns the record itself where no stack shows any loading
 */
export function withoutLoading(record: BlockRecord): BlockRecord {
  const { culprit, cause, samples } = record;
  const stacks = samples.stacks.filter(({ frames }) => !isLoading(frames));
  if (stacks.length === samples.stacks.length || stacks.length === 0) return record;
  const frame = stacks[0]?.frames.find(({ inApp, async }) => inApp && !async);
  return {
    ...record,
    cause: cause === 'module-load' ? 'javascript' : cause,
    culprit: frame === undefined ? culprit : culpritAt(frame),
    samples: { ...samples, stacks },
  };
}

function culpritAt({ function: name, file, line, column }: Frame): Culprit {
  return { function: name, file, line, column, package: null, precision: 'exact' };
}

/** From 0 to 1; 0 without samples. */
export function loadingShare(stacks: readonly FoldedStack[]): number {
  let whole = 0;
  let loading = 0;
  for (const { ms, count, frames } of stacks) {
    const weight = ms ?? count;
    whole += weight;
    if (isLoading(frames)) loading += weight;
  }
  return whole === 0 ? 0 : loading / whole;
}
