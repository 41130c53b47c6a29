/** Native calls that block while the recorder is on: each is blamed by the line of its call. */
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { BlockRecord } from 'loopwatch';
import { attempt } from './attempt.js';
import { scenarios } from './corpus.js';
import type { Scope } from './folder.js';
import { verdict } from './judge.js';
import { programPath } from './places.js';
import type { Scenario } from './scenario.js';

export const RECORDING = ['--import', programPath('lib/recorder.mjs')];

/** One that makes JavaScript's values, one that only computes, and one that waits for another process. */
export const representatives = ['parse-then-more', 'pbkdf2', 'exec'] as const;

export const otherNatives = ['parse-last', 'stringify', 'scrypt', 'gzip', 'fifo'] as const;

/** A scenario with the recorder on, in which nothing but the exact line will do. */
function recorded(name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name);
  assert.ok(found?.block, name);
  const block = { ...found.block, precisions: ['exact'], callers: [] } as const;
  return { ...found, flags: [...(found.flags ?? []), ...RECORDING], block };
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

/** @param name of a scenario of the corpus */
export async function assertNativeLine(scope: Scope, name: string): Promise<void> {
  const scenario = recorded(name);
  const outcome = await attempt(scope, scenario);
  assert.equal(verdict(scenario, outcome).rightness, 'exact', outcome.ended.stderr);
  assert.equal(outcome.reports.length, 1);
  const [{ block } = assert.fail('no report')] = outcome.reports;
  assertProfile(block);
  assert.equal(statSync(block.profile as string).mode & 0o777, 0o600);
  assert.ok(block.profile?.startsWith(join(outcome.ended.journalDir, 'profiles')));
}
