import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RawFrame } from '#src/shared/frames.js';
import {
  causeOf,
  culpritOf,
  invokerOf,
  isStartup,
  isStillStarting,
  showsProgram,
} from '#src/watchdog/classify.js';
import { Fold } from '#src/watchdog/fold.js';

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

test('nothing is blamed when the evidence shows none of the program', () => {
  assert.equal(culpritOf(folded({ frames: TIMER, ms: 300, late: true })), null);
  assert.equal(culpritOf([]), null);
});

test('a stack that could not be read may be the program, an empty one is not', () => {
  const unreadable: RawFrame = [null, null, null, null, 0];
  assert.equal(showsProgram(folded({ frames: [unreadable], ms: 1 })), true);
  assert.equal(showsProgram(folded({ frames: [frame('f', '/app/f.js')], ms: 1 })), true);
  assert.equal(showsProgram(folded({ frames: TIMER, ms: 1 }, { frames: [], ms: 1 })), false);
});

test('causes follow from the stacks, their lateness and the state of the thread', () => {
  const awake = { observedMs: 300, cpuMs: 300, runnable: 9, looks: 9 };
  const asleep = { ...awake, cpuMs: 0, runnable: 0 };
  const live = folded({ frames: [frame('f', '/app/f.js'), ...TIMER], ms: 300 });
  const late = folded({ frames: [frame('f', '/app/f.js'), ...TIMER], ms: 300, late: true });
  const loading = folded({
    frames: [frame('f', '/app/f.js'), frame('load', 'node:internal/modules/cjs/loader')],
    ms: 300,
  });
  assert.equal(causeOf(live, false, awake), 'javascript');
  assert.equal(causeOf(live, false, null), 'javascript');
  assert.equal(causeOf(live, false, asleep), 'sync-io');
  assert.equal(causeOf(late, false, awake), 'native');
  assert.equal(causeOf(late, false, asleep), 'sync-io');
  assert.equal(causeOf(late, false, null), 'unknown');
  assert.equal(causeOf(loading, false, awake), 'module-load');
  assert.equal(causeOf([], true, awake), 'module-load');
  assert.equal(causeOf([], false, awake), 'unknown');
  assert.equal(causeOf(folded({ frames: [], ms: 9 }), false, awake), 'unknown');
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
    ['event', [app, frame('emit', 'node:events')]],
    ['microtask', [app]],
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
