/** Records as collapsed stacks, the text that flame graph tools read (Brendan Gregg's `flamegraph.pl`). */

import type { BlockRecord, Frame } from '../record/record.js';
import { plain } from '../text/plain-text.js';
import { frameName, sampleMs } from './frame-name.js';

/** `renderReport (/srv/app/src/report.ts:88)`, without what the format needs for itself. */
function frameText(frame: Frame): string {
  const { file, line } = frame;
  const where = file === null ? '' : ` (${line === null ? file : `${file}:${line}`})`;
  return plain(`${frameName(frame)}${where}`)
    .replaceAll(';', ':')
    .replaceAll('\t', ' ');
}

/**
 * One line for each distinct stack, outermost frame first: `a;b;c 412`, where the number is whole
 * milliseconds of blocked time. Stacks that several records share are one line; those of less than
 * half a millisecond are left out.
 *
 * @returns the lines with their line breaks, in the order of first appearance; '' for no stacks
 */
export function foldedStacks(records: readonly BlockRecord[]): string {
  const weights = new Map<string, number>();
  for (const record of records) {
    const each = sampleMs(record);
    for (const { count, frames } of record.samples.stacks) {
      if (frames.length === 0) continue;
      const key = frames.map(frameText).reverse().join(';');
      weights.set(key, (weights.get(key) ?? 0) + count * each);
    }
  }
  return [...weights]
    .map(([stack, ms]) => [stack, Math.round(ms)] as const)
    .filter(([, ms]) => ms > 0)
    .map(([stack, ms]) => `${stack} ${ms}\n`)
    .join('');
}
