/** A report for people: the sentence, the code, what it cost whom, what to do. */
import { styleText } from 'node:util';
import { plain } from '../../shared/plain-text.js';
import { type BlockRecord, sentence } from '../../shared/record.js';
import type { ContextOf } from '../../shared/source-context.js';
import { hintOf } from '../hint.js';

/** Lines of code shown on each side of the culprit's. */
const AROUND = 2;

/** Whether there are colours is decided by who knows the stream; this thread's stdout is none. */
const ALWAYS = { validateStream: false };

type Style = Parameters<typeof styleText>[0];

/** What a cause means, for someone who reads the word for the first time. */
const CAUSES: Record<BlockRecord['cause'], string> = {
  javascript: 'JavaScript ran without giving way',
  native: 'a native call computed without giving way',
  'sync-io': 'a synchronous call waited in the system',
  gc: 'garbage collection',
  'module-load': 'modules were loaded',
  unknown: 'not known',
};

function codeLines({ culprit }: BlockRecord, contextOf: ContextOf): string[] {
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

function uncertainty({ culprit, cause }: BlockRecord): string {
  if (culprit?.precision !== 'caller') return '';
  return cause === 'javascript' ? '' : ' (in this function, at or before this line)';
}

/**
 * The report as text, ending in a newline.
 *
 * @param context finds the code that is shown
 */
export function pretty(record: BlockRecord, colours: boolean, context: ContextOf): string {
  const paint = (style: Style, text: string) => (colours ? styleText(style, text, ALWAYS) : text);
  const { request, samples } = record;
  const lines = [
    paint(record.kind === 'hang' ? 'red' : 'yellow', `loopwatch: ${plain(sentence(record))}`),
    ...codeLines(record, context).map((line) =>
      paint(line.startsWith('  >') ? 'bold' : 'dim', plain(line)),
    ),
    `  cause    ${CAUSES[record.cause]}${uncertainty(record)}`,
  ];
  if (request !== null) {
    lines.push(`  request  ${plain([request.method, request.path].filter(Boolean).join(' '))}`);
  }
  const hint = hintOf(record, context);
  if (hint !== null) lines.push(paint('green', `  hint     ${hint}`));
  lines.push(
    paint('dim', `  ${samples.count} samples, started ${record.startedAt}, id ${record.id}`),
  );
  return `${lines.join('\n')}\n`;
}
