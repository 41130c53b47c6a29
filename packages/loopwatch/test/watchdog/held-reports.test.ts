/**
 * Reports that wait for their profile: each is passed on once, whatever main does.
 *
 * @machine pure
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ProfileSlice } from '#src/shared/record/profiler.js';
import { HeldReports } from '#src/watchdog/verdict/held-reports.js';
import type { Report } from '#src/watchdog/verdict/report.js';
import { recordOf } from '../record.fixture.js';

const SLICE: ProfileSlice = { blame: null, gcMs: 0, file: '/srv/1.cpuprofile' };

function reportOf(beat: number | null, ended = true): Report {
  return {
    ...{ record: recordOf({ ended }), startup: false, beat },
    evidence: { sentry: null, debugIds: null },
    span: beat === null ? null : { startMs: 100, endMs: 200 },
  };
}

function table(recording = true) {
  const ready: [beat: number | null, profile: string | null][] = [];
  const asked: number[] = [];
  const held = new HeldReports({
    ready: ({ beat, record }) => ready.push([beat, record.profile]),
    ask: ({ beat }) => asked.push(beat),
    changed: () => {},
  });
  held.recording = recording;
  return { held, ready, asked };
}

test('a report waits for its slice', () => {
  const { held, ready, asked } = table();
  held.take(reportOf(7), 0);
  assert.deepEqual([asked, ready, held.size], [[7], [], 1]);
  held.answer({ type: 'sliced', beat: 7, slice: SLICE });
  assert.deepEqual([ready, held.size], [[[7, SLICE.file]], 0]);
});

test('nothing waits that no profile will come for', () => {
  const off = table(false);
  off.held.take(reportOf(7), 0);
  assert.deepEqual([off.ready, off.asked], [[[7, null]], []]);
  const { held, ready, asked } = table();
  held.take(reportOf(null), 0);
  held.take(reportOf(8, false), 0);
  assert.deepEqual(ready.length, 2, 'several turns, and a hang that lasts');
  assert.deepEqual(asked, []);
});

test('a slice that came unasked, at an exit, is there at once', () => {
  const { held, ready, asked } = table();
  held.answer({ type: 'sliced', beat: 7, slice: SLICE });
  held.take(reportOf(7), 0);
  assert.deepEqual([ready, asked, held.size], [[[7, SLICE.file]], [], 0]);
});

test('every report is passed on, once, after 200 ms at the latest', () => {
  const step = fc.oneof(
    fc.record({ take: fc.nat(40) }),
    fc.record({ answer: fc.nat(40), slice: fc.constantFrom(SLICE, null) }),
    fc.record({ passMs: fc.nat(300) }),
  );
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const { held, ready } = table();
      const taken = new Map<number, number>();
      let now = 0;
      for (const one of steps) {
        if ('passMs' in one) now += one.passMs;
        else if ('answer' in one)
          held.answer({ type: 'sliced', beat: one.answer, slice: one.slice });
        else if (!taken.has(one.take)) {
          taken.set(one.take, now);
          held.take(reportOf(one.take), now);
        }
        held.tend(now);
        const late = [...taken].filter(([beat, atMs]) => {
          return now - atMs >= 200 && !ready.some(([known]) => known === beat);
        });
        assert.deepEqual(late, []);
      }
      held.tend(now + 200);
      const beats = ready.map(([beat]) => beat);
      assert.equal(new Set(beats).size, beats.length);
      assert.deepEqual(new Set(beats), new Set(taken.keys()));
      assert.equal(held.size, 0);
    }),
  );
});
