/** What stacks say of the loading of modules, as pure functions. */
import type { RequestInfo } from '../../shared/record/record.js';
import { type Folded, shareOf } from './fold.js';

/** Node's own module loading, on the stack of whatever is being loaded. */
export const LOADING = /^node:internal\/modules\//;

/** What runs the main module, in all its forms: a file, `-e`, `-p`, standard input. */
const MAIN = /^node:internal\/(?:modules\/run_main|process\/execution|main\/)/;

function anyFrame(folded: Folded, file: RegExp): boolean {
  return folded.frames.some((frame) => frame.file !== null && file.test(frame.file));
}

/** True when the main module was loaded in this turn: only then does what runs it show. */
export function isStartup(stacks: readonly Folded[]): boolean {
  return stacks.some((folded) => anyFrame(folded, MAIN));
}

/**
 * How long a loop may have waited for events in all and still be starting up, in ms. Loading modules
 * waits for a few files; a program that has started waits for its users.
 */
const STARTING_IDLE_MS = 100;

/** True for modules that the main module loads with `import()` while it is loading itself. */
export function isStillStarting(
  stacks: readonly Folded[],
  request: RequestInfo | null,
  idleMs: number,
): boolean {
  return request === null && idleMs < STARTING_IDLE_MS && isLoading(stacks);
}

/** Whether modules were loaded most of the time. */
export function isLoading(stacks: readonly Folded[]): boolean {
  return shareOf(stacks, (folded) => (anyFrame(folded, LOADING) ? folded.weightMs : 0)) > 0.5;
}
