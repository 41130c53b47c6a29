/** What people read of a block on a terminal: its lines of code, its cause. */
import type { BlockRecord } from '../record/record.js';
import type { ContextOf } from '../sources/source-context.js';

/** Lines of code shown on each side of the culprit's. */
const AROUND = 2;

/** What a cause means, for someone who reads the word for the first time. */
const CAUSES: Record<BlockRecord['cause'], string> = {
  javascript: 'JavaScript ran without giving way',
  native: 'a native call computed without giving way',
  'sync-io': 'a synchronous call waited in the system',
  gc: 'garbage collection',
  'module-load': 'modules were loaded',
  unknown: 'not known',
};

/**
 * The lines around the culprit's, which is marked; none where they are not known.
 *
 * @param contextOf finds them
 */
export function codeText(
  { culprit }: Pick<BlockRecord, 'culprit'>,
  contextOf: ContextOf,
): string[] {
  const context = culprit === null ? null : contextOf(culprit.file, culprit.line);
  if (culprit?.line == null || context === null) return [];
  const before = context.before.slice(-AROUND);
  const lines = [...before, context.line, ...context.after.slice(0, AROUND)];
  const first = culprit.line - before.length;
  const width = String(first + lines.length).length;
  return lines.map((text, index) => {
    const number = first + index;
    const mark = number === culprit.line ? '>' : ' ';
    return `  ${mark} ${String(number).padStart(width)} | ${text}`;
  });
}

/** The cause in words, and how certain its line is. */
export function causeText({ culprit, cause }: Pick<BlockRecord, 'culprit' | 'cause'>): string {
  const isCaller = culprit?.precision === 'caller' && cause !== 'javascript';
  return `${CAUSES[cause]}${isCaller ? ' (in this function, at or before this line)' : ''}`;
}
