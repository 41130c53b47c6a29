/**
 * Every option has a rule. Breaking it never harms the program, and says what is wrong. Here one option
 * of each kind of rule; the others are in options-rules-more.test.ts.
 *
 * @machine waiting
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  program,
  representative,
  rules,
  type Tried,
  testRules,
  tried,
} from './harness/option-rules.js';
import { programPath } from './harness/places.js';
import { unwatched } from './harness/preload.js';
import { run } from './harness/run.js';
import { literal, variableOf } from './harness/ways.js';

testRules(representative);

describe('options as a whole', { concurrency: 8 }, () => {
  test('a bad value in the environment with LOOPWATCH_REQUIRED=1 ends the start', async (t) => {
    const env = { LOOPWATCH_REQUIRED: '1', LOOPWATCH_THRESHOLD_MS: 'soon' };
    const { code, stdout, stderr } = await run(t, program, { env });
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /LOOPWATCH_THRESHOLD_MS must be a number/);
    assert.match(stderr, /code: 'LOOPWATCH_E_OPTION'/);
  });

  test('LOOPWATCH_REQUIRED=1 changes nothing when all is well', async (t) => {
    const { code, stdout, stderr } = await run(t, program, { env: { LOOPWATCH_REQUIRED: '1' } });
    assert.deepEqual([code, stdout, stderr], [6, 'runs\n', '']);
  });

  test('an empty variable counts as not set', async (t) => {
    const env = Object.fromEntries(Object.keys(rules).map((name) => [variableOf(name), '']));
    const { code, stdout, stderr } = await run(t, program, { env });
    assert.deepEqual([code, stdout, stderr], [6, 'runs\n', '']);
  });

  test('a bad value in the environment makes start() in code throw too', async (t) => {
    const { stdout, code } = await run(t, [programPath('try-start.mjs'), '{}'], {
      preload: unwatched,
      env: { LOOPWATCH_SAMPLE_MS: '-1' },
    });
    assert.equal(code, 0);
    assert.equal((JSON.parse(stdout) as Tried).code, 'LOOPWATCH_E_OPTION');
  });

  test('the table above holds every option', async (t) => {
    const [unknown] = await tried(t, ['{ speed: 9 }']);
    assert.equal(unknown?.code, 'LOOPWATCH_E_OPTION');
    const [, listed] = /^option speed must be one of (.*), but is 'speed'$/.exec(
      unknown?.message ?? '',
    ) as RegExpExecArray;
    assert.deepEqual(listed?.split(', ').sort(), Object.keys(rules).sort());
  });

  test('options must be an object', async (t) => {
    const results = await tried(t, ['null', '5', "'thresholdMs'", '[]', '() => 1']);
    for (const { code } of results) assert.equal(code, 'LOOPWATCH_E_OPTION');
  });

  test('the rules between options name both', async (t) => {
    const [threshold, hang, both] = await tried(
      t,
      [{ thresholdMs: 39 }, { hangMs: 100 }, { beatMs: 60, thresholdMs: 120, hangMs: 121 }].map(
        literal,
      ),
    );
    assert.match(threshold?.message ?? '', /thresholdMs must be at least 2 x beatMs \(2 x 20\)/);
    assert.match(threshold?.message ?? '', /but is 39$/);
    assert.match(hang?.message ?? '', /hangMs must be more than thresholdMs \(100\), but is 100$/);
    assert.equal(both?.threw, false);
  });

  test('a refused call changes nothing', async (t) => {
    const results = await tried(t, ['{ thresholdMs: 50 }', '{ beatMs: 0 }', '{ beatMs: 25 }']);
    assert.deepEqual(
      results.map(({ threw }) => threw),
      [false, true, false],
    );
    // With thresholdMs still at 50, a beat of 26 ms is too long.
    const [, refused] = await tried(t, ['{ thresholdMs: 50 }', '{ beatMs: 26 }']);
    assert.match(refused?.message ?? '', /at least 2 x beatMs \(2 x 26\), but is 50$/);
  });
});
