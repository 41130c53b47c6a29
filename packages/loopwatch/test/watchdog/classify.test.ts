/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RawFrame } from '#src/shared/record/frames.js';
import { Fold } from '#src/watchdog/evidence/fold.js';
import { isStartup, isStillStarting } from '#src/watchdog/evidence/loading.js';
import { showsProgram } from '#src/watchdog/evidence/owner.js';
import { type CauseEvidence, causeOf, invokerOf } from '#src/watchdog/verdict/classify.js';
import { culpritOf } from '#src/watchdog/verdict/culprit.js';

const TIMER: RawFrame[] = [
  ['listOnTimeout', 'node:internal/timers', 581, 17, 0],
  ['processTimers', 'node:internal/timers', 519, 7, 0],
];

function frame(name: string, file: string, line = 1): RawFrame {
  return [name, file, line, 1, 0];
}

interface Seen {
  readonly frames: readonly RawFrame[];
  readonly ms: number;
  readonly late?: boolean;
  readonly atEntry?: boolean;
}

function folded(...seen: readonly Seen[]) {
  const fold = new Fold();
  for (const { frames, ms, late = false, atEntry = false } of seen) {
    fold.add(frames, atEntry, ms, late);
  }
  return fold.stacks();
}

test('the culprit is the function that most time shares, not the top frame of one sample', () => {
  const stacks = folded(
    { frames: [frame('a', '/app/a.js'), frame('report', '/app/r.js', 8), ...TIMER], ms: 30 },
    { frames: [frame('report', '/app/r.js', 9), ...TIMER], ms: 40 },
    { frames: [frame('report', '/app/r.js', 12), ...TIMER], ms: 20 },
  );
  const culprit = culpritOf(stacks);
  assert.equal(culprit?.function, 'report');
  assert.equal(culprit?.line, 9);
  assert.equal(culprit?.precision, 'exact');
});

test('a dependency is not blamed while code of the application called it', () => {
  const dependency = frame('slow', '/app/node_modules/@scope/slow/index.js');
  const called = culpritOf(folded({ frames: [dependency, frame('mine', '/app/m.js')], ms: 1 }));
  assert.equal(called?.function, 'mine');
  assert.equal(called?.package, '@scope/slow');
  const alone = culpritOf(folded({ frames: [dependency, ...TIMER], ms: 1 }));
  assert.equal(alone?.function, 'slow');
  assert.equal(alone?.package, '@scope/slow');
});

test('a function that was only just entered when a native call returned did not block', () => {
  const stacks = folded({
    frames: [frame('next', '/app/n.js'), frame('parse', '/app/p.js', 3), ...TIMER],
    ms: 300,
    late: true,
    atEntry: true,
  });
  const culprit = culpritOf(stacks);
  assert.equal(culprit?.function, 'parse');
  assert.equal(culprit?.precision, 'caller');
});

test('Node is named when the evidence shows none of the program, and nobody without evidence', () => {
  const culprit = culpritOf(folded({ frames: TIMER, ms: 300, late: true }));
  assert.deepEqual(
    [culprit?.function, culprit?.file, culprit?.precision],
    ['(node)', null, 'none'],
  );
  assert.equal(culpritOf([]), null);
});

test('work that is spread over many functions is that of the function they have in common', () => {
  const below = ['a', 'b', 'c', 'd'].map((name) => {
    return { frames: [frame(name, '/app/x.js'), frame('all', '/app/x.js', 9), ...TIMER], ms: 25 };
  });
  assert.equal(culpritOf(folded(...below))?.function, 'all');
});

test('a recursion is one function, however deep its stacks were cut', () => {
  const deep = Array.from({ length: 90 }, () => frame('fib', '/app/f.js', 3));
  const stacks = folded(
    { frames: deep, ms: 60 },
    { frames: [...deep.slice(0, 5), frame('handle', '/app/h.js'), ...TIMER], ms: 40 },
  );
  assert.equal(culpritOf(stacks)?.function, 'fib');
});

test('functions without a name are told apart by where they begin', () => {
  const anonymous = (line: number, start: number): RawFrame => [
    null,
    '/app/x.js',
    line,
    1,
    0,
    start,
  ];
  const stacks = folded(
    { frames: [anonymous(11, 10)], ms: 30 },
    { frames: [anonymous(12, 10)], ms: 30 },
    { frames: [anonymous(21, 20)], ms: 40 },
  );
  assert.equal(culpritOf(stacks)?.line, 11);
});

test('a stack that could not be read may be the program, an empty one is not', () => {
  const unreadable: RawFrame = [null, null, null, null, 0];
  assert.equal(showsProgram(folded({ frames: [unreadable], ms: 1 })), true);
  assert.equal(showsProgram(folded({ frames: [frame('f', '/app/f.js')], ms: 1 })), true);
  assert.equal(showsProgram(folded({ frames: TIMER, ms: 1 }, { frames: [], ms: 1 })), false);
});

test('causes follow from the stacks, their lateness and the state of the thread', () => {
  const awake = { observedMs: 300, cpuMs: 300, runnable: 9, readings: 9 };
  const asleep = { ...awake, cpuMs: 0, runnable: 0 };
  const live = folded({ frames: [frame('f', '/app/f.js'), ...TIMER], ms: 300 });
  const late = folded({ frames: [frame('f', '/app/f.js'), ...TIMER], ms: 300, late: true });
  const loading = folded({
    frames: [frame('f', '/app/f.js'), frame('load', 'node:internal/modules/cjs/loader')],
    ms: 300,
  });
  const none = folded();
  const spent = { count: 3, ms: 200 };
  const cause = (parts: Partial<CauseEvidence>) => {
    const evidence = { stacks: live, startup: false, thread: awake, gc: null, durationMs: 300 };
    return causeOf({ ...evidence, ...parts });
  };
  assert.equal(cause({}), 'javascript');
  assert.equal(cause({ thread: null }), 'javascript');
  assert.equal(cause({ thread: asleep }), 'sync-io');
  const met = { observedMs: 60, cpuMs: 50, runnable: 0, readings: 1 };
  assert.equal(cause({ thread: met }), 'javascript', 'it worked, whatever the one reading has met');
  assert.equal(cause({ thread: { ...met, cpuMs: 10 } }), 'sync-io');
  assert.equal(cause({ thread: { ...met, observedMs: 0, cpuMs: 0 } }), 'sync-io');
  assert.equal(cause({ stacks: late }), 'native');
  assert.equal(cause({ stacks: late, thread: asleep }), 'sync-io');
  assert.equal(cause({ stacks: late, thread: null }), 'unknown');
  assert.equal(cause({ stacks: loading }), 'module-load');
  assert.equal(cause({ stacks: none, startup: true }), 'module-load');
  assert.equal(cause({ stacks: none }), 'unknown');
  assert.equal(cause({ stacks: none, thread: asleep }), 'sync-io');
  assert.equal(cause({ gc: spent }), 'gc');
  assert.equal(cause({ gc: spent, durationMs: 500 }), 'javascript');
  assert.equal(cause({ gc: spent, startup: true }), 'module-load');
  // What follows a native call may be another callback, that has only just begun.
  const next = folded({ frames: [frame('g', '/app/g.js')], ms: 300, late: true, atEntry: true });
  assert.equal(cause({ stacks: next }), 'native');
  assert.equal(culpritOf(next)?.precision, 'none');
});

test('the main module is told from a module that is loaded later', () => {
  const loader = frame('load', 'node:internal/modules/cjs/loader');
  const main = frame('executeUserEntryPoint', 'node:internal/modules/run_main');
  const app = frame('f', '/app/f.js');
  assert.equal(isStartup(folded({ frames: [app, loader, main], ms: 1 })), true);
  assert.equal(isStartup(folded({ frames: [app, loader, ...TIMER], ms: 1 })), false);
  assert.equal(isStartup([]), false);
});

test('modules that the main module imports as it loads belong to the start-up', () => {
  const loading = folded({
    frames: [frame('f', '/app/f.js'), frame('run', 'node:internal/modules/esm/module_job')],
    ms: 300,
  });
  const request = { id: null, method: 'GET', route: null, path: '/', startedAt: '' };
  assert.equal(isStillStarting(loading, null, 20), true);
  assert.equal(isStillStarting(loading, null, 5000), false);
  assert.equal(isStillStarting(loading, request, 20), false);
  assert.equal(isStillStarting(folded({ frames: TIMER, ms: 300 }), null, 20), false);
});

test('the invoker is read off the outermost frames', () => {
  const app = frame('f', '/app/f.js');
  const cases: [string, RawFrame[]][] = [
    ['timer', [app, ...TIMER]],
    ['immediate', [app, frame('processImmediate', 'node:internal/timers')]],
    [
      'http-request',
      [app, frame('emit', 'node:events'), frame('parserOnIncoming', 'node:_http_server')],
    ],
    ['next-tick', [app, frame('processTicksAndRejections', 'node:internal/process/task_queues')]],
    [
      'next-tick',
      [
        app,
        frame('processTicksAndRejections', 'node:internal/process/task_queues'),
        frame('runNextTicks', 'node:internal/process/task_queues'),
        ...TIMER,
      ],
    ],
    ['event', [app, frame('emit', 'node:events')]],
    ['microtask', [app]],
    ['microtask', [frame('f', '/app/node_modules/dep/index.js')]],
    [
      'microtask',
      [
        app,
        frame('processTicksAndRejections', 'node:internal/process/task_queues'),
        ['waits', '/app/w.js', 1, 1, 1],
      ],
    ],
    [
      'microtask',
      [
        app,
        frame('runNextTicks', 'node:internal/process/task_queues'),
        ...TIMER,
        ['waits', '/app/w.js', 1, 1, 1],
      ],
    ],
  ];
  for (const [invoker, frames] of cases) {
    assert.equal(invokerOf(folded({ frames, ms: 1 })), invoker);
  }
  assert.equal(invokerOf([]), 'unknown');
});

test('folding loses no time and no sample, and stays bounded', () => {
  const sample = fc.record({
    name: fc.constantFrom('a', 'b', 'c'),
    line: fc.integer({ min: 1, max: 3 }),
    ms: fc.integer({ min: 1, max: 50 }),
    late: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 100 }), (samples) => {
      const fold = new Fold();
      for (const { name, line, ms, late } of samples) {
        fold.add([frame(name, '/app/x.js', line)], false, ms, late);
      }
      const stacks = fold.stacks();
      const sum = (of: (one: (typeof stacks)[number]) => number) =>
        stacks.reduce((total, one) => total + of(one), 0);
      assert.equal(fold.count, samples.length);
      assert.equal(
        sum(({ count }) => count),
        samples.length,
      );
      assert.equal(
        sum(({ weightMs }) => weightMs),
        samples.reduce((total, { ms }) => total + ms, 0),
      );
      for (const { lateMs, weightMs } of stacks) assert.ok(lateMs <= weightMs);
    }),
  );
  const endless = new Fold();
  for (let i = 0; i < 1000; i++) endless.add([frame('f', '/app/x.js', i)], false, 1, false);
  assert.equal(endless.count, 1000);
  assert.ok(endless.stacks().length <= 64);
});
