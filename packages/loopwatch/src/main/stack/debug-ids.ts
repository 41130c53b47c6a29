/**
 * The debug ids that Sentry's bundler plugins, or `sentry-cli sourcemaps inject`, put into built files:
 * each runs `_sentryDebugIds[new Error().stack] = id` when it is loaded.
 */
import { plainFile, type RawFrame } from '../../shared/record/frames.js';
import type { DebugIds } from '../../shared/sentry/sentry.js';

/** By the stack of the file's top level. */
type Registered = Readonly<Record<string, unknown>>;

/** The file of a stack's innermost frame: `    at FUNCTION (FILE:LINE:COLUMN)`, or without parentheses. */
function fileOf(stack: string): string | null {
  const [, file] = /^\s+at (?:.*?\()?(.+?):\d+:\d+\)?$/m.exec(stack) ?? [];
  return file === undefined ? null : plainFile(file);
}

/** Reads them as far as there are new ones: a program may have hundreds. */
export class DebugIdReader {
  readonly #known = new Map<string, string>();
  #read = 0;

  /** The ids of the files that a stack runs through; null when none of them has one. */
  of(frames: readonly RawFrame[]): DebugIds | null {
    const { _sentryDebugIds: registered } = globalThis as { _sentryDebugIds?: Registered };
    if (typeof registered !== 'object' || registered === null) return null;
    const stacks = Object.keys(registered);
    for (const stack of stacks.slice(this.#read)) {
      const file = fileOf(stack);
      const id = registered[stack];
      if (file !== null && typeof id === 'string') this.#known.set(file, id);
    }
    this.#read = stacks.length;
    const found: Record<string, string> = {};
    for (const [, file] of frames) {
      const path = plainFile(file);
      const id = path === null ? undefined : this.#known.get(path);
      if (path !== null && id !== undefined) found[path] = id;
    }
    return Object.keys(found).length === 0 ? null : found;
  }
}
