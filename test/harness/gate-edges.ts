/** Single files of tests under the gate, and what is asserted of them under several runners. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Scope } from './folder.js';
import { lastName } from './gate-verdicts.js';
import { jest30, nodeTest, vitest4 } from './runners.js';
import {
  type GateResult,
  type Runner,
  runTests,
  type TestRun,
  testProject,
} from './test-project.js';

export const BLOCKS =
  "test('blocks', () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200));\n";

/** On a machine that is busy a verdict may be missing, and is never another. */
export function isOneOf(result: GateResult | undefined, expected: string, seen: string): void {
  assert.ok(result !== undefined, seen);
  assert.ok([expected, 'unmeasured'].includes(result.verdict), `${lastName(result)}\n${seen}`);
}

/** Runs one file of tests, and what else is in its project. */
export function runFile(
  scope: Scope,
  runner: Runner,
  files: Readonly<Record<string, string>>,
  env = {},
): Promise<TestRun> {
  const [suite = ''] = Object.keys(files);
  const project = testProject(scope, runner);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(project, name), text);
  return runTests(scope, { ...runner, suites: [suite] }, env, project);
}

export const TO_FAIL =
  "() => { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200); throw new Error('known'); }";

/** A test that blocks and is to fail, in the words of its runner. */
interface ToFail {
  readonly runner: Runner;
  readonly file: string;
  readonly text: string;
}

export const jestToFail: ToFail = {
  runner: jest30,
  file: 'fails.jest.cjs',
  text: `test.failing('is known', ${TO_FAIL});\n`,
};

export const vitestToFail: ToFail = {
  runner: vitest4,
  file: 'fails.vitest.mjs',
  text: `import { test } from 'vitest';\ntest.fails('is known', ${TO_FAIL});\n`,
};

export const nodeToFail: ToFail = {
  runner: nodeTest,
  file: 'fails.test.mjs',
  text: `import { test } from 'node:test';\ntest('is known', { expectFailure: true }, ${TO_FAIL});\n`,
};

/** No test may block because it is to fail. */
export async function assertMayNotBlock(
  scope: Scope,
  { runner, file, text }: ToFail,
): Promise<void> {
  const { ended, results, all } = await runFile(scope, runner, { [file]: text });
  isOneOf(results[0], 'blocked', all);
  if (results[0]?.verdict === 'unmeasured') return;
  assert.notEqual(ended.code, 0, all);
  assert.match(all, /'is known' \(a test that is to fail\) blocked the event loop for 2\d\d ms/);
}
