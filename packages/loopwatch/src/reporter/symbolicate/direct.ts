/**
 * Stacks led to their sources in the thread that asks, for a command that looks once: what the pool does,
 * without a pool. An entry of its own, which only loads where a file has a source map.
 */
import type { Stacks } from '../../shared/mapped-scripts.js';
import type { Frame } from '../../shared/record.js';
import type { Code } from '../../shared/source-context.js';
import { type Sources, Symbolicator } from './symbolicator.js';
import answer from './worker.js';

/** Gives the frames of a stack in their sources, and adds to `code` what is around them. Innermost first. */
export type ReadFrames = (frames: readonly Frame[], code: Code) => Promise<readonly Frame[]>;

/** @param mapInMemory the map that the thread which runs the files has of one; never rejects */
export function framesReader(mapInMemory: Sources['mapInMemory']): ReadFrames {
  const symbolicator = new Symbolicator({
    ask: async (question) => answer(question),
    mapInMemory,
    // The frames stay as they are.
    failed: () => {},
  });
  return async (frames, code) => {
    const stacks: Stacks = {
      culprit: null,
      samples: { count: 1, stacks: [{ count: 1, frames }] },
      previousProcess: false,
    };
    const { samples } = await symbolicator.lead(stacks, code);
    return samples.stacks[0]?.frames ?? frames;
  };
}
