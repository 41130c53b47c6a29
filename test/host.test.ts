/**
 * Loopwatch works in, and leaves alone, programs that change the ground under it.
 *
 * @machine timed
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { blocking, measuredMs, onlyReport } from './harness/block.js';
import { markedLine } from './harness/markers.js';
import { nodeMajor, programPath } from './harness/places.js';
import { byImport, byRequire, unwatched } from './harness/preload.js';
import { reportsIn, separate } from './harness/reports.js';
import { run, start } from './harness/run.js';

describe('builtins that the program has broken', { concurrency: 2 }, () => {
  const modes = [
    'Array methods throw',
    'Map and Set throw',
    'Atomics are gone',
    'arrays have a toJSON',
    'objects have a toJSON',
  ];
  for (const mode of modes) {
    test(`${mode}: neither the program nor the watchdog ends`, async (t) => {
      const ended = await run(t, [programPath('broken-builtins.mjs'), mode]);
      assert.deepEqual([ended.code, ended.stdout], [0, 'still here\n'], ended.stderr);
      assert.doesNotMatch(ended.stderr, /watchdog ended/);
    });
  }
});

describe('Error stays as the program left it', { concurrency: 2 }, () => {
  interface Said {
    readonly same: readonly boolean[];
    readonly sameKeys: boolean;
    readonly calls: { readonly hook: number; readonly getter: number; readonly setter: number };
  }

  /** How well a block can be named when `Error` is like that. */
  type Expected = 'named' | 'reported';
  // Where Error can't be changed, Node 20 has no other way to take a stack than the program's hook.
  const withCallSites: Expected = nodeMajor === 20 ? 'reported' : 'named';
  const modes: Readonly<Record<string, Expected>> = {
    untouched: 'named',
    'limit 0': 'named',
    'limit read-only': 'named',
    'limit fixed': withCallSites,
    'limit deleted': 'named',
    'limit not a number': 'named',
    hook: 'named',
    'hook that throws': 'named',
    'hook accessor': 'named',
    'hook fixed': withCallSites,
    'hook fixed and throwing': withCallSites,
    frozen: withCallSites,
  };
  for (const [mode, expected] of Object.entries(modes)) {
    test(mode, async (t) => {
      const ended = await run(t, [programPath('error-hooks.mjs'), mode]);
      const { block } = onlyReport(ended);
      const said = JSON.parse(ended.stdout.trim().split('\n').at(-1) ?? '') as Said;
      assert.deepEqual(said.same, [true, true], 'descriptors are restored');
      assert.ok(said.sameKeys, 'nothing is added, in the same order');
      if (expected === 'reported') return;
      assert.deepEqual(said.calls, { hook: 0, getter: 0, setter: 0 });
      assert.equal(block.culprit?.function, 'nap');
      assert.equal(block.culprit?.line, markedLine('lib/nap.mjs', 'napping'));
      const frames = block.samples.stacks.flatMap((stack) => stack.frames);
      const caller = frames.find(({ file }) => file === programPath('error-hooks.mjs'));
      assert.equal(caller?.line, markedLine('error-hooks.mjs'));
    });
  }
});

describe('flags', { concurrency: 2 }, () => {
  const flags = [
    '--frozen-intrinsics',
    '--disable-proto=throw',
    '--disable-proto=delete',
    '--enable-source-maps',
    '--disallow-code-generation-from-strings',
    '--stack-trace-limit=0',
    '--jitless',
    '--expose-gc',
  ];
  for (const flag of flags) {
    test(`${flag}: a block is reported and named`, async (t) => {
      const args = blocking({ kind: 'wait', ms: 400 });
      const plain = await run(t, args, { flags: [flag], preload: unwatched });
      const ended = await run(t, args, { flags: [flag] });
      const { lines, rest } = separate(ended.stderr);
      const withoutPid = (text: string) => text.replaceAll(/\(node:\d+\)/g, '');
      assert.equal(withoutPid(rest), withoutPid(plain.stderr));
      assert.equal(lines.length, 1, ended.stderr);
      const frozen = flag === '--frozen-intrinsics' && nodeMajor === 20;
      if (!frozen) assert.equal(lines[0]?.block?.culprit?.function, 'wait');
      assert.equal(ended.code, 0);
    });
  }

  test('--inspect: a block is reported, and the inspector stays open', async (t) => {
    const running = start(t, blocking({ kind: 'wait', ms: 400, end: 'idle' }), {
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

describe('timers', () => {
  test('fake timers neither stop the beats nor hide a block', async (t) => {
    const ended = await run(t, [programPath('fake-timers.mjs')]);
    const { block } = onlyReport(ended);
    const [measured = Number.NaN] = measuredMs(ended.stdout);
    assert.match(ended.stdout, /^fake time 0 0 0$/m);
    assert.equal(block.culprit?.function, 'nap');
    assert.ok(Math.abs(block.durationMs - measured) <= 50, `${block.durationMs} of ${measured}`);
    assert.ok(Math.abs(Date.parse(block.startedAt) - Date.now()) < 60_000, block.startedAt);
  });
});

describe('footprint', { concurrency: 2 }, () => {
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
    // Far less than any timer of loopwatch's that could hold it; far more than a start takes.
    const { code } = await run(t, ['-e', 'console.log()'], { deadlineMs: 5000 });
    assert.equal(code, 0);
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
