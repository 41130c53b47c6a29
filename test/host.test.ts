/**
 * Loopwatch works in, and leaves alone, programs that change the ground under it. Here one of each kind
 * of change; variants are in host-more.test.ts.
 *
 * @machine timed
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { blocking } from './harness/block.js';
import { testBuiltins, testError, testFlags, withCallSites } from './harness/host.js';
import { programPath } from './harness/places.js';
import { byImport, byRequire, unwatched } from './harness/preload.js';
import { reportsIn, separate } from './harness/reports.js';
import { run, start } from './harness/run.js';

describe('builtins that the program has broken', { concurrency: 3 }, () => {
  testBuiltins(['Array methods throw', 'Atomics are gone', 'objects have a toJSON']);
});

describe('Error stays as the program left it', { concurrency: 3 }, () => {
  testError({
    untouched: 'named',
    'limit read-only': 'named',
    'hook that throws': 'named',
    'hook accessor': 'named',
    frozen: withCallSites,
  });
});

describe('flags', { concurrency: 3 }, () => {
  testFlags(['--frozen-intrinsics', '--enable-source-maps', '--stack-trace-limit=0']);

  test('--inspect: a block is reported, and the inspector stays open', async (t) => {
    const running = start(t, blocking({ kind: 'wait', ms: 700, delay: 800, end: 'idle' }), {
      flags: ['--inspect=127.0.0.1:0'],
    });
    const [, host] = await running.says('stderr', /ws:\/\/(127\.0\.0\.1:\d+)\//);
    await running.says('stderr', /"block":/);
    const response = await fetch(`http://${host}/json/list`);
    assert.equal(((await response.json()) as unknown[]).length, 1);
    const ended = await running.endInput();
    assert.equal(ended.code, 0);
    const { lines, rest } = separate(ended.stderr);
    assert.equal(lines.length, 1, ended.stderr);
    assert.equal(lines[0]?.block?.culprit?.function, 'wait');
    assert.deepEqual(
      rest.split('\n').map((line) => line.slice(0, 18)),
      ['Debugger listening', 'For help, see: htt', ''],
    );
  });
});

describe('footprint', { concurrency: 3 }, () => {
  type Footprint = Readonly<Record<string, unknown>> & {
    readonly listeners: Readonly<Record<string, number>>;
  };

  for (const [name, preload] of [
    ['--import', byImport()],
    ['--require', byRequire()],
  ] as const) {
    test(`${name}: one exit listener, and nothing else that a program could see`, async (t) => {
      const footprint = async (form: typeof preload) => {
        const { stdout } = await run(t, [programPath('footprint.mjs')], { preload: form });
        return JSON.parse(stdout) as Footprint;
      };
      const plain = await footprint(unwatched);
      const { listeners, ...rest } = await footprint(preload);
      const { listeners: plainListeners, ...plainRest } = plain;
      assert.deepEqual(rest, plainRest);
      const exit = (plainListeners.exit ?? 0) + 1;
      assert.deepEqual(listeners, { ...plainListeners, exit });
    });
  }

  test('nothing keeps the process alive', async (t) => {
    const { code, silentMs } = await run(t, ['-e', 'console.log()']);
    assert.equal(code, 0);
    // Far less than any timer of loopwatch's that could hold it.
    assert.ok(silentMs < 3000, `ended ${silentMs} ms after its last word`);
  });

  test('a server that does nothing is never reported', async (t) => {
    const running = start(t, [
      '--input-type=module',
      '-e',
      `import { createServer } from 'node:http';
       const server = createServer().listen(0, '127.0.0.1', () => setTimeout(() => server.close(), 1500));`,
    ]);
    const ended = await running.endInput();
    assert.equal(ended.code, 0);
    assert.deepEqual(reportsIn(ended.stderr), []);
    assert.equal(ended.stderr, '');
  });
});
