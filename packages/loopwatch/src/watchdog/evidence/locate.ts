/** Finds the file that a function's text is in: V8 says where in a script it begins, not in which. */
import { readFileSync } from 'node:fs';
import type { CallbackInfo } from '../../shared/messages/messages.js';
import { isInApp, plainFile } from '../../shared/record/frames.js';

/** How far before the parameters, where V8 says that a function begins, its text may begin. */
const HEAD_LENGTH = 200;

/** Files longer than this are bundles, which take too long to read here. */
const LONGEST_FILE = 4 * 1024 * 1024;

/** The offset of a position in a text, or -1. */
function offsetOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let left = line - 1; left > 0; left--) {
    start = text.indexOf('\n', start) + 1;
    if (start === 0) return -1;
  }
  return start + column - 1;
}

/** Whether a file's text has the function at that very place. */
export function holds(text: string, { source, line, column }: CallbackInfo): boolean {
  const at = offsetOf(text, line, column);
  if (at < 0) return false;
  const found = text.lastIndexOf(source, at);
  return found !== -1 && at - found <= HEAD_LENGTH;
}

/** The first of the likely files that holds the function; null when none does. */
export function fileOf(callback: CallbackInfo): string | null {
  for (const name of callback.files) {
    const file = plainFile(name);
    if (file === null || !isInApp(file)) continue;
    try {
      const text = readFileSync(file, 'utf8');
      if (text.length <= LONGEST_FILE && holds(text, callback)) return file;
    } catch {
      // `-e`, standard input, a file that is gone since it was loaded.
    }
  }
  return null;
}
