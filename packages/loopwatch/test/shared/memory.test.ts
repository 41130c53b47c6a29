/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { latestBeat, pausedUntil, readBeats, writeBeat } from '#src/shared/memory/beats.js';
import { readGcSpans, writeGcSpan } from '#src/shared/memory/gc-spans.js';
import { Clock, GC_RING, memory, RING, Word } from '#src/shared/memory/memory.js';

/** A ring whose first beat has the number after `start`. */
function ringAt(start: number) {
  const ring = memory();
  Atomics.store(ring.words, Word.beat, start | 0);
  return ring;
}

test('a reader that keeps up gets every beat once, in order, also where the number wraps', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(0, 5, RING - 3, 2 ** 31 - 10, 2 ** 32 - 10),
      fc.array(fc.integer({ min: 0, max: RING - 2 }), { maxLength: 20 }),
      (start, bursts) => {
        const ring = ringAt(start);
        let last = start;
        let written = 0;
        const got: number[] = [];
        for (const burst of bursts) {
          for (let i = 0; i < burst; i++) writeBeat(ring, ++written, written / 2);
          for (const beat of readBeats(ring, last)) {
            assert.equal(beat.number, (last + 1) >>> 0);
            assert.equal(beat.idleMs, beat.atMs / 2);
            got.push(beat.atMs);
            last = beat.number;
          }
        }
        assert.deepEqual(
          got,
          Array.from({ length: written }, (_, i) => i + 1),
        );
      },
    ),
  );
});

test('a reader that falls behind gets the newest beats, none of them torn', () => {
  fc.assert(
    fc.property(fc.integer({ min: RING, max: 5 * RING }), (count) => {
      const ring = ringAt(0);
      for (let i = 1; i <= count; i++) writeBeat(ring, i, i);
      const beats = readBeats(ring, 0);
      assert.equal(beats.at(-1)?.number, count);
      assert.equal(latestBeat(ring), count);
      assert.ok(beats.length >= RING - 2);
      for (const beat of beats) assert.equal(beat.atMs, beat.number);
    }),
  );
});

test('two views over one buffer are the same memory', () => {
  const ring = memory();
  writeBeat(ring, 7, 3);
  assert.deepEqual(readBeats(memory(ring.buffer), 0), [
    { number: 1, atMs: 7, idleMs: 3, pausedMs: 0 },
  ]);
});

test('the newest spans of garbage collection can be read, in order', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 3 * GC_RING }), (count) => {
      const ring = memory();
      for (let i = 1; i <= count; i++) {
        writeGcSpan(ring, { startMs: i, endMs: i + 0.5, ms: 0.25, count: 2 });
      }
      const spans = readGcSpans(ring);
      assert.ok(spans.length >= Math.min(count, GC_RING - 2));
      spans.forEach(({ startMs, endMs }, index) => {
        assert.equal(startMs, count - spans.length + 1 + index);
        assert.equal(endMs, startMs + 0.5);
      });
    }),
  );
});

test('a beat says how long the program has been in a pause', () => {
  const ring = memory();
  ring.clocks[Clock.pausedMs] = 100;
  ring.clocks[Clock.pausedSinceMs] = 1000;
  assert.equal(pausedUntil(ring, 1050), 150);
  writeBeat(ring, 1010, 0);
  assert.equal(readBeats(ring, 0)[0]?.pausedMs, 110);
});
