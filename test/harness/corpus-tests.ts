/** The tests of the corpus: one for each scenario, in the files whose part it is. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { attempt } from './attempt.js';
import { scenarios } from './corpus.js';
import { judge, verdict } from './judge.js';
import { type Part, partOf } from './scenario.js';

/** @param concurrency how many processes at once: one where they compute */
export function testCorpus(part: Part, concurrency = 1): void {
  for (const [title, isBlock] of [
    ['what blocks is reported once, and rightly', true],
    ['what does not block is not reported', false],
  ] as const) {
    const ours = scenarios
      .filter((scenario) => partOf(scenario) === part)
      .filter(({ block }) => (block !== undefined) === isBlock);
    if (ours.length === 0) continue;
    describe(title, { concurrency }, () => {
      for (const scenario of ours) {
        test(scenario.name, async (t) => {
          const outcome = await attempt(t, scenario);
          const { stdout, stderr } = outcome.ended;
          const { rightness, errorMs } = verdict(scenario, outcome);
          t.diagnostic(
            `${rightness ?? 'silent'}, ${errorMs ?? 0} ms off, ${outcome.disturbed} again`,
          );
          assert.deepEqual(judge(scenario, outcome), [], `${stdout}\n${stderr}`);
        });
      }
    });
  }
}
