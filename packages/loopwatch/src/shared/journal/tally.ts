/**
 * The tally: a file into which every watched process under `loopwatch run` writes what it found, so
 * that the command can sum it up whatever the options say of logs.
 */
import { appendFileSync } from 'node:fs';
import type { BlockRecord } from '../record/record.js';

/** The environment variable that names the file; set by `loopwatch run` for its command. */
export const TALLY_VARIABLE = 'LOOPWATCH_RUN_TALLY';

/** One line of it. Stacks are left out. */
export type TallyLine =
  | { readonly type: 'started'; readonly pid: number }
  | { readonly type: 'block'; readonly record: Omit<BlockRecord, 'samples'> };

/** The line for a record. */
export function blockLine({ samples: _, ...record }: BlockRecord): TallyLine {
  return { type: 'block', record };
}

/** Appends a line, in one write: other processes append, too. A failure is nobody's trouble. */
export function appendTally(file: string | null, line: TallyLine): void {
  if (file === null) return;
  try {
    appendFileSync(file, `${JSON.stringify(line)}\n`);
  } catch {
    // The command that made it has ended.
  }
}
