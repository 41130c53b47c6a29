/**
 * Stress runs: a short one, and what would notice if a process ended otherwise.
 *
 * @machine waiting
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge } from '../stress/judge.mjs';
import { trialOf } from '../stress/plan.mjs';
import { stress } from '../stress.mjs';

const node = process.env.LOOPWATCH_TEST_NODE ?? process.execPath;

test('8 processes end at random moments as they do without loopwatch', async () => {
  const seed = Date.now() % 1_000_000;
  const indexes = Array.from({ length: 8 }, (_, index) => index);
  const results = await stress({ node, seed, indexes });
  assert.equal(results.length, indexes.length);
  const failed = results.filter(({ problems }) => problems.length > 0);
  assert.deepEqual(failed, [], `seed ${seed}`);
});

test('the same seed makes the same trials, another one others', () => {
  assert.deepEqual(trialOf(7, 3), trialOf(7, 3));
  const differences = [0, 1, 2, 3, 4].filter((index) => {
    return JSON.stringify(trialOf(7, index)) !== JSON.stringify(trialOf(8, index));
  });
  assert.notEqual(differences.length, 0);
});

test('every way to fail is seen', () => {
  const trial = { settings: { end: 'exit', code: 3 } };
  const well = { code: 3, signal: null, stderr: 'said', hung: false };
  const record = '{"block":{"id":"a"}}\n';
  const problems = (outcome, log = record) => {
    return judge(trial, { ...well, ...outcome }, 'said', log).problems;
  };
  assert.deepEqual(problems({}), []);
  assert.deepEqual(problems({ hung: true }), ['hangs']);
  assert.deepEqual(problems({ code: 0 }), ['ended with 0 instead of 3']);
  assert.deepEqual(problems({ code: null, signal: 'SIGSEGV' }), [
    'ended with SIGSEGV instead of 3',
  ]);
  assert.deepEqual(problems({ stderr: '' }), ['stderr is not as without loopwatch']);
  assert.deepEqual(problems({ stderr: 'Waiting for the debugger to disconnect...' }), [
    'waited for the debugger',
  ]);
  const [twice, tooMany] = problems({}, record + record);
  assert.equal(twice, 'a report came twice');
  assert.match(tooMany, /^2 reports: /);
  assert.deepEqual(problems({}, '{"block":{"id":"a"}}'), ['the log ends in half a line']);
  assert.match(problems({}, '{"blo\n')[0], /^the log is broken/);
});
