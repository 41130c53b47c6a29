/**
 * The test gate under each runner: known tests get the verdicts that are known, and no others.
 *
 * @machine timed
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { baselineOf, check } from 'loopwatch/testing';
import { cli } from './harness/cli.js';
import { judged, lastName } from './harness/gate-verdicts.js';
import { markedLine } from './harness/markers.js';
import { nodeMajor } from './harness/places.js';
import { mocha11, nodeTest, runners, vitest3 } from './harness/runners.js';
import { type Runner, runTests, testProject } from './harness/test-project.js';

/** Those of them that each runner must have. */
const UNITS: Readonly<Record<string, readonly string[]>> = {
  'node:test': ['callback, blocks', 'one blocks', 'awaited by its module', 'the part is blamed'],
  vitest: ['one blocks', 'blocks at first'],
  jest: ['callback, blocks', 'one blocks', 'blocks at first'],
  mocha: ['callback, blocks', 'blocks at first'],
};

const runnable = runners.filter(({ since = 20 }) => nodeMajor >= since);

describe('the gate', () => {
  for (const runner of runnable) {
    test(`${runner.name}: each test gets its verdict, and blocked ones fail`, async (t) => {
      const { ended, results, text, all } = await runTests(t, runner);
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
    });
  }

  test('the command line checks a report, and writes it as JUnit XML and as a baseline', async (t) => {
    const project = testProject(t, mocha11);
    const { text } = await runTests(t, mocha11, {}, project);
    const args = ['check', 'report.ndjson', '--junit', 'junit.xml', '--write-baseline', 'known'];
    const checked = await cli(t, args, { cwd: project });
    assert.deepEqual([checked.code, checked.stderr], [1, '']);
    assert.equal(checked.stdout, check(text, { annotations: false }).text);
    assert.equal(readFileSync(join(project, 'known'), 'utf8'), baselineOf(text));
    assert.match(readFileSync(join(project, 'junit.xml'), 'utf8'), /<failure type="blocked"/);
    const missing = await cli(t, ['check', 'no-such-file'], { cwd: project });
    assert.deepEqual([missing.code, missing.stdout], [2, '']);
    assert.match(missing.stderr, /^loopwatch: the report can't be read: ENOENT/);
  });

  test('compiled code: the line is the one that was written', async (t) => {
    const source = [
      ...["import { test } from 'vitest';", 'interface Gone {', '  gone: number;', '}', ''],
      ...['export function slow(ms: Gone["gone"]): void {', '  // and this'],
      ...['  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);', '}', ''],
      ...["test('blocks', (): void => slow(150));", ''],
    ];
    const line = source.findIndex((text) => text.includes('Atomics')) + 1;
    for (const runner of runnable.filter(({ name }) => name.startsWith('vitest'))) {
      const config = runner.files?.['vitest.config.mjs'] ?? '';
      const files = {
        'vitest.config.mjs': config.replace('vitest.mjs', 'vitest.ts'),
        'typed.vitest.ts': source.join('\n'),
      };
      const suites = ['typed.vitest.ts'];
      const { results, all } = await runTests(t, { ...runner, files, suites });
      const [{ verdict, by } = { verdict: null, by: null }] = results;
      if (verdict === 'unmeasured') continue;
      assert.deepEqual([by?.function, by?.line], ['slow', line], all);
    }
  });

  test('off: changes nothing', async (t) => {
    for (const runner of [nodeTest, mocha11, vitest3]) {
      const env = { LOOPWATCH_TEST_THRESHOLD_MS: '0' };
      const { ended, text, all } = await runTests(t, runner, env);
      assert.deepEqual([ended.code, text], [0, ''], all);
    }
  });

  test('a baseline lets the known blocks pass, and no others', async (t) => {
    const project = testProject(t, mocha11);
    const first = await runTests(t, mocha11, {}, project);
    const baseline = join(project, 'baseline.json');
    writeFileSync(baseline, baselineOf(first.text));
    const env = { LOOPWATCH_TEST_BASELINE: baseline };
    const known = await runTests(t, mocha11, env, project);
    // What could not be measured at first is not known.
    const isNew = first.results.some(({ verdict }) => verdict === 'unmeasured');
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

  test('GitHub shows the line', async (t) => {
    const { all } = await runTests(t, mocha11, { GITHUB_ACTIONS: 'true' });
    const line = markedLine('gate/cases.cjs', 'culprit: hold');
    const pattern = `^::error file=cases.cjs,line=${line},title=loopwatch::sync, blocks blocked`;
    assert.match(all, new RegExp(pattern, 'm'));
  });

  test('a threshold that can not be kept stops the run', async (t) => {
    for (const runner of [nodeTest, mocha11]) {
      const { ended, all } = await runTests(t, runner, { LOOPWATCH_TEST_THRESHOLD_MS: '10' });
      assert.notEqual(ended.code, 0);
      assert.match(all, /LOOPWATCH_TEST_THRESHOLD_MS must be a number of ms from 40/);
    }
  });
});

/** The suite of a runner that has its watchdog killed half-way. */
function killing(runner: Runner): Runner {
  const suite = runner.suites[0]?.replace('suite', 'killed') ?? '';
  return { ...runner, suites: [suite] };
}

describe('without a watchdog', () => {
  for (const runner of runnable.map(killing)) {
    for (const then of ['long', 'short']) {
      test(`${runner.name}: killed half-way, then only ${then} tests: never green`, async (t) => {
        const project = testProject(t, runner);
        const env = {
          NODE_OPTIONS: `--import ${pathToFileURL(join(project, 'keep-worker.mjs'))}`,
          THEN: then,
        };
        // Every one of its tests passes by itself.
        const { ended, text, results, all } = await runTests(t, runner, env, project);
        assert.notEqual(ended.code, 0, all);
        assert.match(all, /unmeasured: the watchdog is not running/);
        assert.equal(check(text, { annotations: false }).exitCode, 2, text);
        const after = results.find((result) => result.test === 'afterwards');
        assert.equal(after?.verdict, then === 'long' ? 'unmeasured' : 'clean', all);
      });
    }
  }

  test('never there: nothing is green', async (t) => {
    for (const runner of [nodeTest, mocha11, vitest3]) {
      const { ended, text, all } = await runTests(t, runner, { LOOPWATCH_ENABLED: 'false' });
      assert.notEqual(ended.code, 0, all);
      assert.match(all, /the tests can't be measured: the watchdog is not running/);
      assert.equal(check(text, { annotations: false }).exitCode, 2, text);
    }
  });

  test('worker threads are told from processes', async (t) => {
    const args = (suites: readonly string[]) => [...vitest3.args(suites, ''), '--pool', 'threads'];
    const { ended, all } = await runTests(t, { ...vitest3, args });
    assert.notEqual(ended.code, 0);
    assert.match(all, /they run in a worker thread; use processes/);
  });
});

test('node:test: programs that tests start are none of its affair', async (t) => {
  const runner = { ...nodeTest, suites: ['forks.node.mjs'] };
  for (const env of [{}, { LOOPWATCH_SERVER_TIMING: 'true' }]) {
    const { ended, all } = await runTests(t, runner, env);
    assert.equal(ended.code, 0, all);
  }
});
