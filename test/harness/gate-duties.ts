/** What the gate owes under every runner: asserted of some in each run of the tests, and of the rest in CI. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { check } from 'loopwatch/testing';
import type { Scope } from './folder.js';
import { judged, lastName } from './gate-verdicts.js';
import { markedLine } from './markers.js';
import { programPath } from './places.js';
import { startServer } from './server.js';
import { type Runner, runTests, testProject } from './test-project.js';

/** Those of them that each runner must have. */
const UNITS: Readonly<Record<string, readonly string[]>> = {
  'node:test': ['callback, blocks', 'one blocks', 'awaited by its module', 'the part is blamed'],
  vitest: ['one blocks', 'blocks at first'],
  jest: ['callback, blocks', 'one blocks', 'blocks at first'],
  mocha: ['callback, blocks', 'blocks at first'],
};

/** Each test gets its verdict, and blocked ones fail. */
export async function assertVerdicts(scope: Scope, runner: Runner): Promise<void> {
  const { ended, results, text, all } = await runTests(scope, runner);
  assert.deepEqual(judged(results).wrong, [], all);
  assert.notEqual(ended.code, 0);
  const names = new Set(results.map(lastName));
  for (const name of UNITS[runner.name.replace(/ \d+$/, '')] ?? []) {
    assert.ok(names.has(name), `${name} ran\n${all}`);
  }
  const line = markedLine('gate/cases.cjs', 'culprit: hold');
  for (const { by, blockedMs } of results.filter(({ verdict }) => verdict === 'blocked')) {
    if (by?.function !== 'hold') continue;
    assert.equal(by.line, line);
    assert.ok(blockedMs > 100 && blockedMs < 2000, `${blockedMs}`);
  }
  const left = results.filter((result) => result.test === null);
  const isMeasured = !results.some(({ verdict }) => verdict === 'unmeasured');
  if (isMeasured) assert.equal(left.length, 1, `what was left behind is the file's\n${all}`);
  assert.match(all, /blocked the event loop for \d+ ms \(limit 50 ms\)/);
  assert.match(all, /cases\.cjs:\d+/);
  assert.match(all, /what 'leaves something behind' left behind/);
  assert.equal(check(text, { annotations: false }).exitCode, 1);
}

const TYPED = [
  ...["import { test } from 'vitest';", 'interface Gone {', '  gone: number;', '}', ''],
  ...['export function slow(ms: Gone["gone"]): void {', '  // and this'],
  ...['  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);', '}', ''],
  ...["test('blocks', (): void => slow(150));", ''],
];

/** Of code that Vitest compiles, the line is the one that was written. */
export async function assertWrittenLine(scope: Scope, vitest: Runner): Promise<void> {
  const line = TYPED.findIndex((text) => text.includes('Atomics')) + 1;
  const config = vitest.files?.['vitest.config.mjs'] ?? '';
  const files = {
    'vitest.config.mjs': config.replace('vitest.mjs', 'vitest.ts'),
    'typed.vitest.ts': TYPED.join('\n'),
  };
  const suites = ['typed.vitest.ts'];
  const { results, all } = await runTests(scope, { ...vitest, files, suites });
  const [{ verdict, by } = { verdict: null, by: null }] = results;
  if (verdict === 'unmeasured') return;
  assert.deepEqual([by?.function, by?.line], ['slow', line], all);
}

/** Turned off, it changes nothing. */
export async function assertOff(scope: Scope, runner: Runner): Promise<void> {
  const env = { LOOPWATCH_TEST_THRESHOLD_MS: '0' };
  const { ended, text, all } = await runTests(scope, runner, env);
  assert.deepEqual([ended.code, text], [0, ''], all);
}

/** How long the test takes that follows the end of the watchdog. */
export const afterwards = ['long', 'short'] as const;

/** Runs that are made before a short test is taken for a long one. */
const ATTEMPTS = 3;

/** Tests whose watchdog is killed half-way are never green. */
export async function assertKilled(
  scope: Scope,
  runner: Runner,
  then: (typeof afterwards)[number],
): Promise<void> {
  for (let left = ATTEMPTS; ; left--) {
    const verdict = await verdictAfterKilled(scope, runner, then);
    if (verdict === (then === 'long' ? 'unmeasured' : 'clean')) return;
    // On a busy machine a test that is to be short may be none.
    assert.ok(then === 'short' && verdict === 'unmeasured' && left > 1, `${then}: ${verdict}`);
  }
}

async function verdictAfterKilled(
  scope: Scope,
  runner: Runner,
  then: (typeof afterwards)[number],
): Promise<string | undefined> {
  const suites = [runner.suites[0]?.replace('suite', 'killed') ?? ''];
  const project = testProject(scope, runner);
  const env = {
    NODE_OPTIONS: `--import ${pathToFileURL(join(project, 'keep-worker.mjs'))}`,
    THEN: then,
  };
  // Every one of its tests passes by itself.
  const killing = { ...runner, suites };
  const { ended, text, results, all } = await runTests(scope, killing, env, project);
  assert.notEqual(ended.code, 0, all);
  assert.match(all, /unmeasured: the watchdog is not running/);
  assert.equal(check(text, { annotations: false }).exitCode, 2, text);
  return results.find((result) => result.test === 'afterwards')?.verdict;
}

/** Where there never was a watchdog, nothing is green. */
export async function assertNeverThere(scope: Scope, runner: Runner): Promise<void> {
  const { ended, text, all } = await runTests(scope, runner, { LOOPWATCH_ENABLED: 'false' });
  assert.notEqual(ended.code, 0, all);
  assert.match(all, /the tests can't be measured: the watchdog is not running/);
  assert.equal(check(text, { annotations: false }).exitCode, 2, text);
}

/** Worker threads are told from processes. */
export async function assertThreads(scope: Scope, vitest: Runner): Promise<void> {
  const args = (suites: readonly string[]) => [...vitest.args(suites, ''), '--pool', 'threads'];
  const { ended, all } = await runTests(scope, { ...vitest, args });
  assert.notEqual(ended.code, 0);
  assert.match(all, /they run in a worker thread; use processes/);
}

/** For a server that is asked by a whole suite, which a runner first has to load. */
export const SERVER_DEADLINE_MS = 240_000;

/** A test fails whose request has blocked a watched server. */
export async function assertServerIsBlamed(scope: Scope, runner: Runner): Promise<void> {
  const suites = [runner.suites[0]?.replace('suite', 'server') ?? ''];
  const limit = { LOOPWATCH_TEST_THRESHOLD_MS: '50' };
  // All that a server needs to say so.
  const server = await startServer(scope, { env: limit, deadlineMs: SERVER_DEADLINE_MS });
  const { url } = await server.answer('/');
  const env = { ...limit, SERVER_URL: url, CLIENTS_FROM: programPath('gate/') };
  const { ended, results, all } = await runTests(scope, { ...runner, suites }, env);
  assert.notEqual(ended.code, 0, all);
  const asked = results.filter((result) => lastName(result).includes(', '));
  assert.ok(asked.length >= 4, all);
  for (const result of results) {
    const { verdict, blockedMs, by } = result;
    const name = lastName(result);
    if (!/, blocks$|^measured$/.test(name)) {
      assert.notEqual(verdict, 'blocked', `${name}\n${all}`);
      continue;
    }
    assert.equal(verdict, 'blocked', `${name}\n${all}`);
    assert.equal(by?.request, 'GET /', name);
    assert.ok(blockedMs >= 290 && blockedMs < 1000, `${name}: ${blockedMs}`);
  }
  assert.match(all, /this test: GET \/ blocked its server's event loop for 3\d\d/);
  await server.end();
}
