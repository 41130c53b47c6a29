/**
 * What the gate says where it is hard to say: of servers, of hooks, of several blocks in one test.
 *
 * @machine timed
 * @run once
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { baselineOf } from 'loopwatch/testing';
import { SERVER_DEADLINE_MS } from './harness/gate-duties.js';
import {
  assertMayNotBlock,
  BLOCKS,
  isOneOf,
  nodeToFail,
  runFile,
  TO_FAIL,
  vitestToFail,
} from './harness/gate-edges.js';
import { lastName } from './harness/gate-verdicts.js';
import { nodeMajor } from './harness/places.js';
import { unwatched } from './harness/preload.js';
import { run, start } from './harness/run.js';
import { mocha11, nodeTest } from './harness/runners.js';
import { type GateResult, runTests, testProject } from './harness/test-project.js';

test('each test gets its verdict', async (t) => {
  const limit = { LOOPWATCH_TEST_THRESHOLD_MS: '50' };
  const runner = { ...nodeTest, suites: ['edges.node.mjs'] };
  const project = testProject(t, runner);
  const server = start(t, [join(project, 'edges-server.mjs')], {
    ...{ cwd: project, env: limit, deadlineMs: SERVER_DEADLINE_MS },
  });
  const [, port] = await server.says('stdout', /^port (\d+)$/m);
  const env = { ...limit, SERVER_URL: `http://127.0.0.1:${port}` };
  const { results, text, all } = await runTests(t, runner, env, project);
  const expected: Readonly<Record<string, string>> = {
    asks: 'clean',
    'asks for what blocks behind an await': 'blocked',
    'asks for what sleeps in the kernel': 'blocked',
    'asks lazily': 'blocked',
    'asks before it measures': 'clean',
    'does not wait for its answer': 'clean',
    'waits meanwhile': 'clean',
    'blocks twice': 'blocked',
    'has hooks of its parts': 'clean',
    'a part': 'clean',
    ...{ short: 'clean', long: 'clean' },
  };
  for (const [name, verdict] of Object.entries(expected)) {
    isOneOf(
      results.find((result) => lastName(result) === name),
      verdict,
      all,
    );
  }
  const left = results.find((result) => result.test === null);
  assert.equal(left?.by?.request, 'GET /busy', all);

  // A baseline knows both blocks, whichever was longer; without one of them the other is new.
  const twice = (one: { results: readonly GateResult[] }) =>
    one.results.find((result) => lastName(result) === 'blocks twice');
  const again = async (keys: readonly string[]) => {
    const known = join(project, 'known.json');
    writeFileSync(known, JSON.stringify(keys));
    const args = (suites: readonly string[]) => [
      '--test-name-pattern=blocks twice',
      ...runner.args(suites, project),
    ];
    const baseline = { ...env, LOOPWATCH_TEST_BASELINE: known };
    const found = await runTests(t, { ...runner, args }, baseline, project);
    return twice(found);
  };
  const keys = (JSON.parse(baselineOf(text)) as string[]).filter((key) => key.includes('twice'));
  assert.equal(keys.length, 2, all);
  assert.equal((await again(keys))?.fails, false);
  const fresh = await again(keys.filter((key) => key.includes(' one ')));
  assert.deepEqual([fresh?.fails, fresh?.by?.function], [true, 'other']);
  await server.endInput();
});

test('a program that starts a runner does not turn the gate off in it', async (t) => {
  const project = testProject(t, nodeTest);
  writeFileSync(join(project, 'blocks.test.mjs'), `import { test } from 'node:test';\n${BLOCKS}`);
  const preload = pathToFileURL(join(project, 'node_modules/loopwatch/dist/testing/node-test.js'));
  const ended = await run(t, ['starts-tests.mjs', 'blocks.test.mjs'], {
    ...{ preload: unwatched, cwd: project },
    env: { NODE_OPTIONS: `--import ${preload.href}` },
  });
  assert.equal(ended.code, 1, ended.stdout);
  assert.match(ended.stdout, /blocked the event loop for 2\d\d ms/);
});

test('a runner is told what a body returns beside its callback', async (t) => {
  const { ended, all } = await runFile(t, mocha11, {
    'both.mocha.cjs':
      "it('does both', (done) => { setTimeout(done, 5); return Promise.resolve(); });\n",
  });
  assert.notEqual(ended.code, 0, all);
  assert.match(all, /overspecified/);
});

const expecting = { skip: nodeMajor < 24 && 'Node.js knows no tests that are to fail' };

// That of Jest is in gate-edges-runners.test.ts.
test('no test may block because it is to fail: vitest 4', (t) =>
  assertMayNotBlock(t, vitestToFail));
test('no test may block because it is to fail: node:test', expecting, (t) =>
  assertMayNotBlock(t, nodeToFail),
);

test('a file of node:test that exits has failed all the same', expecting, async (t) => {
  const text = `import { after, test } from 'node:test';
test('is known', { expectFailure: true }, ${TO_FAIL});
after(() => { setTimeout(() => process.exit(), 10); });
`;
  const { ended, results, all } = await runFile(t, nodeTest, { 'exits.test.mjs': text });
  isOneOf(results[0], 'blocked', all);
  if (results[0]?.verdict === 'blocked') assert.notEqual(ended.code, 0, all);
});

test('what is still to be done may block, also if it is to fail', expecting, async (t) => {
  const text = `import { describe, test } from 'node:test';
test('is known', { expectFailure: true, todo: true }, ${TO_FAIL});
describe('later', { todo: true }, () => { test('is known', { expectFailure: true }, ${TO_FAIL}); });
`;
  const { ended, all } = await runFile(t, nodeTest, { 'todo.test.mjs': text });
  assert.equal(ended.code, 0, all);
});

test('a test may change its directory', async (t) => {
  const moves =
    "import { test } from 'node:test';\ntest('moves', () => { process.chdir('/'); });\n";
  const env = { LOOPWATCH_TEST_REPORT: 'report.ndjson' };
  const { results, all } = await runFile(t, nodeTest, { 'moves.test.mjs': moves }, env);
  assert.deepEqual(
    results.map(({ file, verdict }) => [file, verdict]),
    [['moves.test.mjs', 'clean']],
    all,
  );
});
