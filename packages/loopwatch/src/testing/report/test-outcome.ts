/** What is said of one test, from its blocks and from the servers that it has asked. */
import { PENDING_REASON } from '../server/server-timing.js';
import type { Judgement } from '../verdict/judge.js';
import type { Run } from '../verdict/run.js';
import { NO_WATCHDOG } from '../verdict/watch.js';
import { located, longest } from './failure-text.js';
import type { Culpable, Outcome } from './ledger.js';

/** @param isUnwatched whether the watchdog was not there all the time: then only a block is certain */
export function outcomeOf(run: Run, judgement: Judgement, isUnwatched: boolean): Outcome {
  const answers = run.countedAnswers();
  const blocks: Culpable[] = [
    ...(judgement.verdict === 'blocked' ? judgement.blocks.map(located) : []),
    ...longest(answers.filter(({ blockedMs }) => blockedMs > run.limitMs)),
  ];
  if (blocks.length > 0) return { verdict: 'blocked', blocks };
  if (isUnwatched) return { verdict: 'unmeasured', reason: NO_WATCHDOG, fails: true };
  if (judgement.verdict === 'unmeasured') {
    const late = `the event loop was late by ${Math.round(judgement.lateMs)} ms`;
    const reason = `${late}, but not by the program: ${judgement.reason}`;
    return { verdict: 'unmeasured', reason, fails: false };
  }
  const pending = answers.find(({ isPending }) => isPending);
  if (pending === undefined) return { verdict: 'clean' };
  return { verdict: 'unmeasured', reason: `${pending.request}: ${PENDING_REASON}`, fails: false };
}
