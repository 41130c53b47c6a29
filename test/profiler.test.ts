/** CPU profiles of blocks: the line of native calls, and a file that opens elsewhere. */
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { BlockRecord } from 'loopwatch';
import { attempt } from './harness/attempt.js';
import { scenarios } from './harness/corpus.js';
import { verdict } from './harness/judge.js';
import { programPath } from './harness/places.js';
import type { Scenario } from './harness/scenario.js';

const NATIVE = [
  ...['parse-last', 'parse-then-more', 'stringify', 'pbkdf2', 'scrypt', 'gzip', 'fifo', 'exec'],
];

/** A scenario with the recorder on, in which nothing but the exact line will do. */
function recorded(name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name);
  assert.ok(found?.block, name);
  const block = { ...found.block, precisions: ['exact'], callers: [] } as const;
  const flags = [...(found.flags ?? []), '--import', programPath('lib/recorder.mjs')];
  return { ...found, flags, block };
}

interface Profile {
  readonly nodes: readonly { readonly id: number; readonly children?: readonly number[] }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
  readonly startTime: number;
  readonly endTime: number;
}

/** Whether it is what DevTools and speedscope read. */
function assertProfile({ profile, durationMs }: BlockRecord): void {
  assert.ok(profile, 'no profile');
  const found = JSON.parse(readFileSync(profile, 'utf8')) as Profile;
  const ids = new Set(found.nodes.map(({ id }) => id));
  assert.ok(found.samples.length >= 3 && found.samples.every((id) => ids.has(id)));
  assert.ok(found.nodes.every(({ children = [] }) => children.every((id) => ids.has(id))));
  assert.equal(found.timeDeltas.length, found.samples.length);
  assert.ok(Math.abs((found.endTime - found.startTime) / 1000 - durationMs) < 1);
}

describe('with the recorder on, a native call is blamed by its line', () => {
  for (const name of NATIVE) {
    test(name, async (t) => {
      const scenario = recorded(name);
      const outcome = await attempt(t, scenario);
      assert.equal(verdict(scenario, outcome).rightness, 'exact', outcome.ended.stderr);
      assert.equal(outcome.reports.length, 1);
      const [{ block } = assert.fail('no report')] = outcome.reports;
      assertProfile(block);
      assert.equal(statSync(block.profile as string).mode & 0o777, 0o600);
      assert.ok(block.profile?.startsWith(join(outcome.ended.journalDir, 'profiles')));
    });
  }
});
