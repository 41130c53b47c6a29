/**
 * Overlapping windows: what has just been is always in one of them, and they are never many.
 *
 * @machine pure
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ProfileSource, Windows } from '#src/inspector/windows.js';
import type { CpuProfile } from '#src/profile/cpu-profile.js';

/** Half a window. */
const HALF_US = 10_000_000;

class Source implements ProfileSource {
  nowUs = 1;
  /** Samples that are held for profiles under way, and for those that were given out last. */
  readonly open = new Map<string, number>();
  most = 0;

  begin(title: string): void {
    assert.ok(!this.open.has(title), 'titles are unique');
    this.open.set(title, this.nowUs++);
    this.most = Math.max(this.most, this.open.size);
  }

  finish(title: string): CpuProfile | null {
    const startTime = this.open.get(title);
    assert.ok(startTime !== undefined);
    this.open.delete(title);
    return { nodes: [], startTime, endTime: this.nowUs++ };
  }
}

test('what lasted until now is covered, if it began half a window ago or later', () => {
  const step = fc.oneof(
    fc.record({ idleUs: fc.nat(HALF_US) }),
    fc.record({ blockUs: fc.nat(3 * HALF_US), laterUs: fc.nat(100_000) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const source = new Source();
      const windows = new Windows(source, () => source.nowUs);
      const begunUs = source.nowUs;
      let turnedUs = source.nowUs;
      /** A timer, as a loop that was blocked runs it: late. */
      const pass = (us: number) => {
        source.nowUs += us;
        if (source.nowUs - turnedUs < HALF_US) return;
        turnedUs = source.nowUs;
        windows.turn();
        assert.ok(source.open.size >= 1, 'V8 would forget what it knows');
      };
      for (const one of steps) {
        if ('idleUs' in one) {
          pass(one.idleUs);
          continue;
        }
        const startUs = source.nowUs;
        pass(one.blockUs);
        const endUs = source.nowUs;
        pass(one.laterUs);
        const found = windows.covering(startUs, endUs);
        if (startUs > begunUs) assert.ok(found, `${startUs} to ${endUs}`);
        if (found !== null) assert.ok(found.startTime <= startUs && found.endTime >= endUs);
      }
      assert.ok(source.most <= 3, `${source.most} at once`);
      windows.close();
      assert.equal(source.open.size, 0);
    }),
  );
});

test('several blocks that are asked for together come from one window', () => {
  const source = new Source();
  const windows = new Windows(source, () => source.nowUs);
  const blocks = Array.from({ length: 5 }, () => {
    const startUs = source.nowUs + 1000;
    source.nowUs = startUs + 1000;
    return [startUs, source.nowUs] as const;
  });
  source.nowUs += 1000;
  for (const [startUs, endUs] of blocks) assert.ok(windows.covering(startUs, endUs));
});

test('an hour of windows leaves no more behind than a minute of them', () => {
  const source = new Source();
  const windows = new Windows(source, () => source.nowUs);
  for (let turn = 0; turn < 360; turn++) {
    source.nowUs += HALF_US;
    windows.turn();
    if (turn % 7 === 0) windows.covering(source.nowUs - 1_000_000, source.nowUs - 500_000);
    assert.ok(source.open.size <= 2);
  }
});
