/** The lines of code around a frame. */
import { readFileSync, statSync } from 'node:fs';
import type { SourceContext } from './sentry-event.js';

/** Lines shown on each side. */
const AROUND = 5;

/** A bundle is larger than this rarely, and its lines say nothing anyway. */
const MOST_BYTES = 4 * 1024 * 1024;

/** Minified code is one line; the part that fits a page is enough. */
const MOST_COLUMNS = 200;

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

function linesOf(file: string): readonly string[] | null {
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
  const lines = linesOf(file)?.map((text) => text.slice(0, MOST_COLUMNS));
  const text = lines?.[line - 1];
  if (lines === undefined || text === undefined) return null;
  return {
    before: lines.slice(Math.max(0, line - 1 - AROUND), line - 1),
    line: text,
    after: lines.slice(line, line + AROUND),
  };
}
