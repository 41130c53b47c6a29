/** The lines of code around a frame, from the file itself. */
import { readFileSync, statSync } from 'node:fs';
import { contextIn, type SourceContext } from './source-context.js';

/** A bundle is larger than this rarely, and its lines say nothing anyway. */
const MOST_BYTES = 4 * 1024 * 1024;

/** Files kept. Blocks come from few places, and files of a running program rarely change. */
const KEPT_FILES = 32;

const cache = new Map<string, readonly string[] | null>();

function read(file: string): readonly string[] | null {
  try {
    const stat = statSync(file);
    if (!stat.isFile() || stat.size > MOST_BYTES) return null;
    return readFileSync(file, 'utf8').split(/\r?\n/);
  } catch {
    return null;
  }
}

/** A file's lines, or null when it can't be read or is too large to be source code. */
export function linesOf(file: string): readonly string[] | null {
  let lines = cache.get(file);
  if (lines === undefined) {
    lines = read(file);
    const oldest = cache.keys().next();
    if (cache.size >= KEPT_FILES && !oldest.done) cache.delete(oldest.value);
    cache.set(file, lines);
  }
  return lines;
}

/** The context of a position, or null when the file can't be read or has no such line. */
export function sourceContext(file: string | null, line: number | null): SourceContext | null {
  if (file === null || line === null) return null;
  const lines = linesOf(file);
  return lines === null ? null : contextIn(lines, line);
}
