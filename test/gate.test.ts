/**
 * The test gate under a runner of each kind: known tests get the verdicts that are known, and no others.
 *
 * @machine timed
 * @run one-release
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { baselineOf, check } from 'loopwatch/testing';
import { cli } from './harness/cli.js';
import {
  assertKilled,
  assertNeverThere,
  assertOff,
  assertThreads,
  assertVerdicts,
  assertWrittenLine,
} from './harness/gate-duties.js';
import { judged, lastName } from './harness/gate-verdicts.js';
import { markedLine } from './harness/markers.js';
import { mocha11, nodeTest, representatives, vitest4 } from './harness/runners.js';
import { runTests, testProject } from './harness/test-project.js';

describe('the gate', { concurrency: 3 }, () => {
  test('a baseline lets the known blocks pass, and no others; GitHub shows the line', async (t) => {
    const project = testProject(t, mocha11);
    const first = await runTests(t, mocha11, { GITHUB_ACTIONS: 'true' }, project);
    const line = markedLine('gate/cases.cjs', 'culprit: hold');
    const pattern = `^::error file=cases.cjs,line=${line},title=loopwatch::sync, blocks blocked`;
    assert.match(first.all, new RegExp(pattern, 'm'));

    // What could not be measured at first is not known.
    const isNew = first.results.some(({ verdict }) => verdict === 'unmeasured');
    const args = ['check', 'report.ndjson', '--junit', 'junit.xml', '--write-baseline', 'known'];
    const checked = await cli(t, args, { cwd: project });
    assert.deepEqual([checked.code, checked.stderr], [1, '']);
    assert.equal(checked.stdout, check(first.text, { annotations: false }).text);
    const baseline = join(project, 'known');
    assert.equal(readFileSync(baseline, 'utf8'), baselineOf(first.text));
    assert.match(readFileSync(join(project, 'junit.xml'), 'utf8'), /<failure type="blocked"/);

    const env = { LOOPWATCH_TEST_BASELINE: baseline };
    const known = await runTests(t, mocha11, env, project);
    assert.deepEqual(judged(known.results).wrong, [], known.all);
    if (!isNew) assert.equal(known.ended.code, 0, known.all);
    assert.equal(
      check(known.text, { annotations: false }).exitCode,
      known.ended.code === 0 ? 0 : 1,
    );
    const keys = JSON.parse(readFileSync(baseline, 'utf8')) as string[];
    writeFileSync(baseline, JSON.stringify(keys.filter((key) => !key.includes('sync, blocks'))));
    const again = await runTests(t, mocha11, env, project);
    assert.notEqual(again.ended.code, 0);
    const failing = again.results.filter(({ fails }) => fails).map(lastName);
    if (!isNew)
      assert.ok(
        failing.every((name) => name.endsWith('sync, blocks')),
        again.all,
      );
    assert.ok(failing.length > 0, again.all);
  });

  for (const runner of representatives) {
    test(`${runner.name}: each test gets its verdict, and blocked ones fail`, (t) =>
      assertVerdicts(t, runner));
  }

  // Vitest's is in gate-runners.test.ts, as is its other one below.
  for (const runner of [nodeTest, mocha11]) {
    test(`${runner.name}: off: changes nothing`, (t) => assertOff(t, runner));
  }

  test('compiled code: the line is the one that was written', (t) => assertWrittenLine(t, vitest4));

  test('the command line says that a report is not there', async (t) => {
    const missing = await cli(t, ['check', 'no-such-file']);
    assert.deepEqual([missing.code, missing.stdout], [2, '']);
    assert.match(missing.stderr, /^loopwatch: the report can't be read: ENOENT/);
  });

  test('a threshold that can not be kept stops the run', async (t) => {
    for (const runner of [nodeTest, mocha11]) {
      const { ended, all } = await runTests(t, runner, { LOOPWATCH_TEST_THRESHOLD_MS: '10' });
      assert.notEqual(ended.code, 0);
      assert.match(all, /LOOPWATCH_TEST_THRESHOLD_MS must be a number of ms from 40/);
    }
  });
});

describe('without a watchdog', { concurrency: 3 }, () => {
  for (const runner of representatives) {
    test(`${runner.name}: killed half-way, then only short tests: never green`, (t) =>
      assertKilled(t, runner, 'short'));
  }

  // The others are in gate-runners.test.ts.
  test('node:test: killed half-way, then only long tests: never green', (t) =>
    assertKilled(t, nodeTest, 'long'));

  for (const runner of [nodeTest, mocha11]) {
    test(`${runner.name}: never there: nothing is green`, (t) => assertNeverThere(t, runner));
  }

  test('worker threads are told from processes', (t) => assertThreads(t, vitest4));
});

test('node:test: programs that tests start are none of its affair', async (t) => {
  const runner = { ...nodeTest, suites: ['forks.node.mjs'] };
  const runs = [{}, { LOOPWATCH_SERVER_TIMING: 'true' }].map((env) => runTests(t, runner, env));
  for (const { ended, all } of await Promise.all(runs)) assert.equal(ended.code, 0, all);
});
