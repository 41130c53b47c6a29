/** What a file of tests fails with: what no test of it can fail with. */

import type { Answer } from '../server/server-answers.js';
import { type Finding, leftovers } from '../verdict/judge.js';
import type { Run } from '../verdict/run.js';
import { failureText, located } from './failure-text.js';
import type { Culpable, Ledger } from './ledger.js';

/** An answer that came when the verdict on its test was there already. */
export interface LateAnswer {
  readonly run: Run;
  readonly answer: Answer;
}

/** A file whose tests are over. */
interface Ended {
  readonly findings: readonly Finding[];
  readonly runs: readonly Run[];
  readonly late: readonly LateAnswer[];
  readonly limitMs: number;
  /** Why it may block, or null. */
  readonly allowed: string | null;
}

/** Keeps what is wrong with a file until its end. */
export class FileFailures {
  readonly #ledger: Ledger;
  #texts: string[] = [];

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** A block that is told of already, in a test whose runner is content when it fails. */
  addOf({ name, limitMs }: Run, block: Culpable): void {
    this.#texts.push(failureText(`'${name}' (a test that is to fail)`, block, limitMs));
  }

  /** What nobody can be blamed for, and what tests that are over had left behind. */
  addLeft({ findings, runs, late, limitMs, allowed }: Ended): void {
    const entry = { name: null, file: runs.at(-1)?.file ?? null, allowed };
    const add = (block: Culpable, ofMs: number, leftBy: string | null) => {
      const said = { verdict: 'blocked', blocks: [block] } as const;
      if (this.#ledger.add({ ...entry, limitMs: ofMs }, said) === null) return;
      const who = leftBy === null ? 'this file' : `what '${leftBy}' left behind`;
      this.#texts.push(failureText(who, block, ofMs));
    };
    for (const left of leftovers(findings, runs, limitMs)) {
      add(located(left), limitMs, left.leftBy);
    }
    for (const { run, answer } of late) {
      if (run.allowed === null && answer.blockedMs > run.limitMs) {
        add(answer, run.limitMs, run.name);
      }
    }
  }

  /**
   * What it fails with, or null, after which nothing is wrong with the next one.
   *
   * @param problem why its results prove nothing, or null
   */
  take(problem: string | null): Error | null {
    const texts = this.#texts.splice(0);
    if (problem !== null) texts.push(`loopwatch: these tests are unmeasured: ${problem}`);
    // Each attempt of a test that is tried again says the same.
    return texts.length === 0 ? null : new Error([...new Set(texts)].join('\n\n'));
  }
}
