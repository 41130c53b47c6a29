/** What a test fails with that has blocked the loop. */

import { hintOf } from '../../shared/advice/hint.js';
import { type BlockRecord, location } from '../../shared/record/record.js';
import { sourceContext } from '../../shared/sources/source-file.js';
import { causeText, codeText } from '../../shared/text/block-text.js';
import { plain } from '../../shared/text/plain-text.js';

/** The event loop was blocked for longer than the test's limit. */
export class BlockedError extends Error {
  override readonly name = 'BlockedError';
  readonly code = 'LOOPWATCH_E_BLOCKED';
  /** The block; null where all that is known is a server's answer. */
  readonly block: BlockRecord | null;

  constructor(message: string, block: BlockRecord | null) {
    super(message);
    this.block = block;
    const { function: name = null, file = null, line = null, column } = block?.culprit ?? {};
    // What points at a line shall point at the one that blocked.
    if (file !== null && line !== null) {
      const at = `${file}:${line}:${column ?? 1}`;
      this.stack = `${this.name}: ${message}\n    at ${name === null ? at : `${name} (${at})`}`;
    }
  }
}

/** `312 ms (limit 50 ms) in render (src/report.ts:88)`, with the code, the cause and the hint below. */
export function blockedText(record: BlockRecord, blockedMs: number, limitMs: number): string {
  const { culprit } = record;
  const where = location(culprit);
  const names = [
    culprit === null ? null : `in ${culprit.function ?? '(anonymous)'}`,
    where === null ? null : `(${where})`,
    culprit?.package == null ? null : `[${culprit.package}]`,
  ];
  const head = [`${Math.round(blockedMs)} ms (limit ${limitMs} ms)`, ...names];
  const hint = hintOf(record, sourceContext);
  return [
    plain(head.filter((part) => part !== null).join(' ')),
    ...codeText(record, sourceContext).map(plain),
    `  cause  ${causeText(record)}`,
    ...(hint === null ? [] : [`  hint   ${hint}`]),
  ].join('\n');
}

/** `GET /report/7 blocked its server's event loop for 300 ms (limit 50 ms)`. */
export function serverBlockedText(request: string, blockedMs: number, limitMs: number): string {
  return `${plain(request)} blocked its server's event loop for ${blockedMs} ms (limit ${limitMs} ms)`;
}
