/** The end of `loopwatch run`: what was found, in a few lines. */

import { location, sentence } from '../../shared/record/record.js';
import { plain } from '../../shared/text/plain-text.js';
import { formatDuration } from '../terminal/duration.js';
import { table } from '../terminal/table.js';
import type { Found, Tally } from './tally.js';

/** Culprits shown. */
const MOST_CULPRITS = 10;

/** What one culprit cost. */
interface CulpritSum {
  readonly culprit: string;
  count: number;
  totalMs: number;
  worstMs: number;
}

/** The sum, as `--json` gives it. */
export interface Summary {
  /** How many processes were watched. */
  readonly processes: number;
  readonly blocks: number;
  readonly hangs: number;
  readonly blockedMs: number;
  readonly ranMs: number;
  /** In a sentence. */
  readonly worst: string | null;
  /** The costliest first. */
  readonly culprits: readonly CulpritSum[];
}

function culpritOf({ culprit }: Found): string {
  if (culprit === null) return '(unknown)';
  const where = location(culprit);
  return `${culprit.function ?? '(anonymous)'}${where === null ? '' : ` (${where})`}`;
}

function culpritsOf(blocks: readonly Found[]): CulpritSum[] {
  const sums = new Map<string, CulpritSum>();
  for (const block of blocks) {
    const culprit = culpritOf(block);
    const sum = sums.get(culprit) ?? { culprit, count: 0, totalMs: 0, worstMs: 0 };
    sum.count++;
    sum.totalMs += block.durationMs;
    sum.worstMs = Math.max(sum.worstMs, block.durationMs);
    sums.set(culprit, sum);
  }
  return [...sums.values()].sort((a, b) => b.totalMs - a.totalMs);
}

export function summaryOf({ processes, blocks }: Tally, ranMs: number): Summary {
  const [worst] = [...blocks].sort((a, b) => b.durationMs - a.durationMs);
  return {
    processes: processes.length,
    blocks: blocks.length,
    hangs: blocks.filter(({ kind }) => kind === 'hang').length,
    blockedMs: blocks.reduce((sum, { durationMs }) => sum + durationMs, 0),
    ranMs,
    worst: worst === undefined ? null : sentence({ ...worst, samples: { count: 0, stacks: [] } }),
    culprits: culpritsOf(blocks),
  };
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** Lines for a person. */
export function summaryText(summary: Summary): string {
  const { processes, blocks, hangs, blockedMs, ranMs, worst, culprits } = summary;
  const ran = formatDuration(ranMs);
  if (processes === 0)
    return `nothing was watched: the command started no Node.js program in ${ran}`;
  const where = processes === 1 ? ran : `${ran} of ${processes} processes`;
  if (blocks === 0) return `no blocks in ${where}`;
  const kinds = hangs === 0 ? '' : `, ${counted(hangs, 'hang')} among them`;
  const rows = culprits.slice(0, MOST_CULPRITS).map(({ culprit, count, totalMs, worstMs }) => {
    return [
      `  ${plain(culprit)}`,
      `${count}x`,
      formatDuration(totalMs),
      `worst ${formatDuration(worstMs)}`,
    ];
  });
  const more = culprits.length - rows.length;
  return [
    `${counted(blocks, 'block')}${kinds}, ${formatDuration(blockedMs)} in all, in ${where}`,
    `  worst: ${plain(worst ?? '')}`,
    table(rows),
    ...(more > 0 ? [`  and ${counted(more, 'culprit')} more`] : []),
  ].join('\n');
}
