/** What a frame is called in a picture of stacks. */
import type { BlockRecord, Frame } from '../record/record.js';

/** The function, or what stands for one that has no name. */
export function frameName(frame: Frame): string {
  return frame.function ?? '(anonymous)';
}

/** How much of a record's duration each of its samples answers for, in ms. */
export function sampleMs({ durationMs, samples }: BlockRecord): number {
  // Not samples.count: that counts also those whose stack was not kept.
  const shown = samples.stacks.reduce((sum, { count }) => sum + count, 0);
  return shown === 0 ? 0 : durationMs / shown;
}
