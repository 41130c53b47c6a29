/** What a test, or its file, fails with. */
import { isOwn } from '../../shared/record/frames.js';
import type { Answer } from '../server/server-answers.js';
import type { Blocked } from '../verdict/judge.js';
import { blockedText, serverBlockedText } from './blocked-error.js';
import type { Culpable } from './ledger.js';
import { original } from './original-place.js';

/** With its culprit where that was written. A body that has just ended leaves only the gate to be seen. */
export function located({ record, blockedMs }: Blocked): Blocked {
  const { culprit } = record;
  const found = isOwn(culprit?.file ?? null) ? null : original(culprit);
  return { record: { ...record, culprit: found }, blockedMs };
}

export function longest(answers: readonly Answer[]): Answer[] {
  return answers.toSorted((a, b) => b.blockedMs - a.blockedMs);
}

export function failureText(who: string, block: Culpable, limitMs: number): string {
  const { blockedMs } = block;
  return 'request' in block
    ? `loopwatch: ${who}: ${serverBlockedText(block.request, blockedMs, limitMs)}`
    : `loopwatch: ${who} blocked the event loop for ${blockedText(block.record, blockedMs, limitMs)}`;
}
