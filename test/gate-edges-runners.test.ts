/**
 * What the gate says where it is hard to say, under the runners that gate-edges.test.ts leaves out.
 *
 * @machine timed
 * @run once
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  assertMayNotBlock,
  BLOCKS,
  isOneOf,
  jestToFail,
  runFile,
  TO_FAIL,
} from './harness/gate-edges.js';
import { jest30, vitest4 } from './harness/runners.js';

test('Jest needs no globals', async (t) => {
  const { ended, results, all } = await runFile(t, jest30, {
    'bare.jest.cjs': `const { test } = require('@jest/globals');\n${BLOCKS}`,
    'jest.config.cjs':
      "module.exports = { injectGlobals: false, setupFilesAfterEnv: ['loopwatch/jest'], testMatch: ['**/*.jest.cjs'] };\n",
  });
  assert.notEqual(ended.code, 0, all);
  isOneOf(results[0], 'blocked', all);
});

test('no test may block because it is to fail: jest 30', (t) => assertMayNotBlock(t, jestToFail));

test('what a file did not come to tell of is not told of the next', async (t) => {
  const args = (suites: readonly string[], folder: string) => [
    ...vitest4.args([...suites, 'b.vitest.mjs'], folder),
    ...['--no-isolate', '--no-file-parallelism'],
  ];
  const { ended, all } = await runFile(
    t,
    { ...vitest4, args },
    {
      'a.vitest.mjs': `import { afterAll, test } from 'vitest';
test.fails('is known', ${TO_FAIL});
afterAll(() => { throw new Error('torn down'); });
`,
      'b.vitest.mjs': "import { test } from 'vitest';\ntest('is innocent', () => {});\n",
    },
  );
  assert.notEqual(ended.code, 0, all);
  assert.match(all, /torn down/);
  assert.doesNotMatch(all, /FAIL\s+b\.vitest/);
});
