/**
 * Stacks led to their sources in the thread that asks, for a command that looks once: what the pool does,
 * without a pool. An entry of its own, which only loads where a file has a source map.
 */
import type { Stacks } from '../../shared/sources/mapped-scripts.js';
import type { Code } from '../../shared/sources/source-context.js';
import { type Sources, Symbolicator } from './symbolicator.js';
import answer from './worker.js';

/** Leads stacks to their sources, and adds to `code` what is around their places. */
export type ReadStacks = (stacks: Stacks, code: Code) => Promise<Stacks>;

/** @param mapInMemory the map that the thread which runs the files has of one; never rejects */
export function stacksReader(mapInMemory: Sources['mapInMemory']): ReadStacks {
  const symbolicator = new Symbolicator({
    ask: async (question) => answer(question),
    mapInMemory,
    // The frames stay as they are.
    failed: () => {},
  });
  return (stacks, code) => symbolicator.lead(stacks, code);
}
