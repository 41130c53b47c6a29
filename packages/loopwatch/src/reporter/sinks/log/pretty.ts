/** A report for people: the sentence, the code, what it cost whom, what to do. */
import { styleText } from 'node:util';
import { hintOf } from '../../../shared/advice/hint.js';
import { type BlockRecord, sentence } from '../../../shared/record/record.js';
import type { ContextOf } from '../../../shared/sources/source-context.js';
import { causeText, codeText } from '../../../shared/text/block-text.js';
import { plain } from '../../../shared/text/plain-text.js';

/** Whether there are colours is decided by who knows the stream; this thread's stdout is none. */
const ALWAYS = { validateStream: false };

type Style = Parameters<typeof styleText>[0];

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
    ...codeText(record, context).map((line) =>
      paint(line.startsWith('  >') ? 'bold' : 'dim', plain(line)),
    ),
    `  cause    ${causeText(record)}`,
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
