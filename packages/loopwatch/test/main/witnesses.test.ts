/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { spansOf } from '#src/main/beat/garbage.js';
import { Pauses } from '#src/main/beat/pauses.js';
import { Scopes } from '#src/main/beat/scopes.js';
import { Clock, memory } from '#src/shared/memory/memory.js';
import { gcBetween } from '#src/watchdog/evidence/gc.js';
import {
  isContended,
  PressureGauge,
  parseCpuTime,
  parsePressure,
  parseThrottled,
  pressureSince,
} from '#src/watchdog/evidence/kernel/pressure.js';
import { holds } from '#src/watchdog/evidence/locate.js';

const collections = fc
  .array(
    fc.record({
      gapMs: fc.double({ min: 0, max: 20, noNaN: true }),
      ms: fc.double({ min: 0.1, max: 50, noNaN: true }),
    }),
    { maxLength: 60 },
  )
  .map((steps) => {
    let nowMs = 0;
    return steps.map(({ gapMs, ms }) => {
      const startMs = nowMs + gapMs;
      nowMs = startMs + ms;
      return { startMs, ms };
    });
  });

test('joining collections loses none of them, and none of their time', () => {
  fc.assert(
    fc.property(collections, (all) => {
      const spans = spansOf(all);
      const sum = (values: readonly number[]) => values.reduce((total, one) => total + one, 0);
      assert.equal(sum(spans.map(({ count }) => count)), all.length);
      const wholeMs = sum(all.map(({ ms }) => ms));
      assert.ok(Math.abs(sum(spans.map(({ ms }) => ms)) - wholeMs) < 1e-6);
      const whole = gcBetween(spans, -1, Number.MAX_SAFE_INTEGER);
      assert.equal(whole.count, all.length);
      assert.ok(Math.abs(whole.ms - wholeMs) <= 0.05);
      for (const { startMs, endMs, ms } of spans) assert.ok(ms <= endMs - startMs + 1e-9);
    }),
  );
});

test('a collection counts by the share of it that lies in the block', () => {
  const span = { startMs: 100, endMs: 200, ms: 80, count: 8 };
  assert.deepEqual(gcBetween([span], 150, 400), { count: 4, ms: 40 });
  assert.deepEqual(gcBetween([span], 0, 100), { count: 0, ms: 0 });
  assert.deepEqual(gcBetween([span], 300, 400), { count: 0, ms: 0 });
});

test('pauses are nested, and end with the last of them, however they end', async () => {
  const shared = memory();
  const pauses = new Pauses(shared);
  const isOn = () => shared.clocks[Clock.pausedSinceMs] !== 0;
  assert.equal(
    pauses.run(() => pauses.run(() => (isOn() ? 'value' : 'off'))),
    'value',
  );
  assert.equal(isOn(), false);
  assert.throws(() => pauses.run(() => assert.fail('theirs')), /theirs/);
  assert.equal(isOn(), false);
  const slow = pauses.run(() => Promise.resolve(7));
  const bad = pauses.run(() => Promise.reject(new Error('theirs')));
  assert.equal(isOn(), true);
  assert.equal(await slow, 7);
  await assert.rejects(bad, /theirs/);
  assert.equal(isOn(), false);
  assert.ok((shared.clocks[Clock.pausedMs] as number) > 0);
});

test('the innermost scope counts, across awaits, and not after its end', async () => {
  const shared = memory();
  const scopes = new Scopes(shared);
  const strictest = () => shared.clocks[Clock.scopedThresholdMs];
  const name = () => scopes.current()?.name;
  const outer = { name: 'outer', thresholdMs: 500 };
  const inner = { name: 'inner', thresholdMs: 50 };
  await scopes.run(async () => {
    assert.equal(name(), 'outer');
    let later: Promise<string | undefined> | undefined;
    await scopes.run(async () => {
      await Promise.resolve();
      assert.equal(name(), 'inner');
      assert.equal(strictest(), 50);
      later = new Promise((resolve) => setTimeout(() => resolve(name()), 5));
    }, inner);
    assert.equal(name(), 'outer');
    assert.equal(strictest(), 500);
    assert.equal(await later, 'outer', 'what the inner one left behind is the outer one’s');
  }, outer);
  assert.equal(name(), undefined);
  assert.equal(strictest(), 0);
});

test('a function is found where V8 says that it begins, and nowhere else', () => {
  const text = 'const a = 1;\nsetTimeout(function work() {\n  run();\n}, 5);\n';
  const source = 'function work() {\n  run();\n}';
  const callback = { name: 'work', source, line: 2, files: [] };
  assert.equal(holds(text, { ...callback, column: 25 }), true);
  assert.equal(holds(text, { ...callback, column: 5 }), false);
  assert.equal(holds(text, { ...callback, column: 25, line: 9 }), false);
  assert.equal(holds(text.replace('run', 'ran'), { ...callback, column: 25 }), false);
});

test('what the kernel says of pressure is read, in ms', () => {
  const psi = 'some avg10=0.00 avg60=0.00 avg300=1.10 total=2833702\nfull avg10=0.00 total=0\n';
  assert.equal(parsePressure(psi), 2833.702);
  assert.equal(parsePressure(''), null);
  assert.equal(parseThrottled('usage_usec 5\nthrottled_usec 1500\n'), 1.5);
  assert.equal(parseThrottled('nr_periods 1\nthrottled_time 2500000\n'), 2.5);
  const before = { cpuWaitMs: 10, throttledMs: null };
  assert.deepEqual(pressureSince(before, { cpuWaitMs: 35, throttledMs: 4 }), {
    cpuWaitMs: 25,
    throttledMs: null,
  });
  assert.equal(pressureSince(before, { cpuWaitMs: null, throttledMs: 4 }), null);
});

test('pressure is counted from a reading before the moment, and judged by what the CPUs did', () => {
  let cpu = { allMs: 0, busyMs: 0 };
  const gauge = new PressureGauge(() => ({
    cpuWaitMs: cpu.busyMs,
    throttledMs: null,
    cpu,
  }));
  assert.equal(gauge.since(0, 10), null);
  gauge.tick(0);
  gauge.tick(400);
  // Two CPUs, idle until the second reading.
  cpu = { allMs: 2400, busyMs: 0 };
  gauge.tick(1200);
  // Idle until 1400, all busy since.
  cpu = { allMs: 6400, busyMs: 3600 };
  const stretch = gauge.since(1400, 3200);
  const pressure = { cpuWaitMs: 3600, throttledMs: null };
  assert.deepEqual(stretch?.pressure, pressure);
  assert.equal(stretch?.spanMs, 2000);
  assert.ok((stretch?.idle ?? 1) < 0.01, `${stretch?.idle}`);
  assert.equal(isContended(stretch), true);
  assert.equal(gauge.since(1100, 3200)?.spanMs, 3200);
  // Half of the CPUs' time was idle; the most of that which can have been before leaves enough.
  cpu = { allMs: 6400, busyMs: 2000 };
  assert.equal(isContended(gauge.since(1400, 3203)), false);
  assert.equal(isContended(null), false);
  const throttled = {
    pressure: { cpuWaitMs: null, throttledMs: 300 },
    idle: null,
    spanMs: 500,
  };
  assert.equal(isContended(throttled), true);
});

test('the time of all CPUs is read as the kernel counts it', () => {
  const text = 'cpu  100 5 20 800 60 1 2 12 7 0\ncpu0 1 1 1 1 1 1 1 1 0 0\nintr 5\n';
  assert.deepEqual(parseCpuTime(text), { allMs: 10_000, busyMs: 1400 });
  assert.equal(parseCpuTime('intr 5\n'), null);
});
