/** How much of a block was garbage collection. */
import type { GcSpan } from '../../shared/memory/gc-spans.js';
import type { BlockRecord } from '../../shared/record/record.js';

/**
 * What the collections between two moments took. A span that reaches over an end counts by the share
 * of it that lies inside.
 */
export function gcBetween(
  spans: readonly GcSpan[],
  fromMs: number,
  toMs: number,
): NonNullable<BlockRecord['gc']> {
  let count = 0;
  let ms = 0;
  for (const span of spans) {
    const insideMs = Math.min(toMs, span.endMs) - Math.max(fromMs, span.startMs);
    const wholeMs = span.endMs - span.startMs;
    if (insideMs < 0 || wholeMs < 0) continue;
    const share = wholeMs === 0 ? 1 : insideMs / wholeMs;
    count += span.count * share;
    ms += span.ms * share;
  }
  return { count: Math.round(count), ms: Math.round(ms * 10) / 10 };
}
