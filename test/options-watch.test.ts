/**
 * What the options that decide about blocks do, chosen in the environment;
 * options-more.test.ts has the same, chosen in code.
 *
 * @machine timed
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { blockArguments, blocking } from './harness/block.js';
import {
  assertToolsIgnored,
  block,
  ofTheBlock,
  testWatchOptions,
} from './harness/options-watch.js';
import { programPath, registerUrl } from './harness/places.js';
import { byNodeOptions } from './harness/preload.js';
import { run } from './harness/run.js';
import { inEnvironment, variables } from './harness/ways.js';

testWatchOptions(inEnvironment);

describe('ignorePrograms', { concurrency: 3 }, () => {
  const ignoring = { LOOPWATCH_IGNORE_PROGRAMS: 'other, block' };

  test('nothing starts where NODE_OPTIONS carries the preload into a program of that name', async (t) => {
    for (const flag of ['--import', '--require'] as const) {
      const how = { preload: byNodeOptions(flag), env: ignoring };
      const ended = await run(t, blocking(block), how);
      assert.deepEqual([ended.code, ended.stderr], [0, '']);
    }
  });

  test('other programs are watched', async (t) => {
    const env = { LOOPWATCH_IGNORE_PROGRAMS: 'other,blocker,loc' };
    const ended = await run(t, blocking(block), { preload: byNodeOptions('--import'), env });
    assert.equal(ofTheBlock(ended).length, 1);
  });

  test('a flag on the command line overrides it', async (t) => {
    for (const flags of [
      ['--import', 'loopwatch/register'],
      ['--import=loopwatch/register'],
      ['--require', 'loopwatch/register'],
      ['-r', 'loopwatch/register'],
      ['--import', registerUrl],
    ]) {
      const ended = await run(t, blocking(block), { preload: { flags }, env: ignoring });
      assert.equal(ofTheBlock(ended).length, 1, flags.join(' '));
    }
  });

  test('so does start() in code', async (t) => {
    const args = [programPath('start-in-code.mjs'), ...blockArguments(block)];
    const env = { LOOPWATCH_IGNORE_PROGRAMS: 'start-in-code' };
    const ended = await run(t, args, { preload: byNodeOptions('--import'), env });
    assert.equal(ofTheBlock(ended).length, 1);
  });

  test('the default knows the usual tools, by file name without extension', (t) =>
    assertToolsIgnored(t, ['npm-cli']));
});

describe('code and environment together', { concurrency: 3 }, () => {
  test('what code says wins', async (t) => {
    const env = variables({ thresholdMs: 1000, logLevel: 'error' });
    const options = '{ thresholdMs: 200, logLevel: "warn" }';
    const args = [programPath('start-in-code.mjs'), options, ...blockArguments(block)];
    const [report, ...more] = ofTheBlock(await run(t, args, { env }));
    assert.equal(report?.block.thresholdMs, 200);
    assert.deepEqual(more, []);
  });

  test('what code does not say stays', async (t) => {
    const env = variables({ thresholdMs: 300, sampleMs: 50 });
    const args = [
      programPath('start-in-code.mjs'),
      '{ sampleMs: undefined, logLevel: "info" }',
      ...blockArguments(block),
    ];
    const [report] = ofTheBlock(await run(t, args, { env }));
    assert.equal(report?.block.thresholdMs, 300);
  });

  test('enabled: true in code overrides the environment', async (t) => {
    const env = variables({ enabled: false });
    const args = [programPath('start-in-code.mjs'), '{ enabled: true }', ...blockArguments(block)];
    assert.equal(ofTheBlock(await run(t, args, { env })).length, 1);
  });

  test('enabled: false in code ends what the preload started', async (t) => {
    const args = [programPath('start-in-code.mjs'), '{ enabled: false }', ...blockArguments(block)];
    const ended = await run(t, args);
    assert.deepEqual([ended.code, ended.stderr], [0, '']);
  });
});
