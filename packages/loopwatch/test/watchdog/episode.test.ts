/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Capture } from '#src/shared/messages/messages.js';
import type { RawFrame } from '#src/shared/record/frames.js';
import { Episode } from '#src/watchdog/evidence/episode.js';
import type { Sample } from '#src/watchdog/evidence/sampling/sample.js';
import { culpritOf } from '#src/watchdog/verdict/culprit.js';

const THRESHOLD_MS = 100;

const BEFORE = { number: 7, atMs: 1000, idleMs: 0, pausedMs: 0 };

/** A sample in a function of that name, so many ms after the beat. */
function sampleAt(afterMs: number, name: string): Sample {
  const frames: RawFrame[] = [[name, `/app/${name}.js`, 1, 1, 0]];
  const capture: Capture = {
    ...{ id: 1, ranAtMs: BEFORE.atMs + afterMs, waitedMs: 0, costMs: 0, frames, atEntry: false },
    ...{ exiting: false, inspected: false, sentry: null, debugIds: null, scope: null },
    ...{ callback: null, request: null, requestSinceMs: 0, inFlight: null },
  };
  return { capture, late: false };
}

/** What is said of a turn of 600 ms with samples from a moment on, every 20 ms until another. */
function said(fromMs: number, untilMs: number, nameAt: (afterMs: number) => string, isOver = true) {
  const episode = new Episode(BEFORE, false);
  for (let at = fromMs; at <= untilMs; at += 20) episode.add(sampleAt(at, nameAt(at)));
  const seen = episode.seen(THRESHOLD_MS, BEFORE.atMs + 600, isOver);
  return { seen, name: culpritOf(episode.evidence.stacks(seen))?.function ?? null };
}

test('a turn that was looked at in time is known as a whole', () => {
  assert.deepEqual(
    said(100, 580, () => 'work'),
    { seen: 'whole', name: 'work' },
  );
  // The first sample speaks for the time before it.
  const byTime = said(340, 580, (at) => (at === 340 ? 'first' : 'work'));
  assert.deepEqual(byTime, { seen: 'whole', name: 'first' });
});

test('of one that nobody saw the first part of, what was seen is to blame for a block of its own', () => {
  assert.deepEqual(
    said(400, 580, () => 'work'),
    { seen: 'end', name: 'work' },
  );
  // What was just over when the first look came answers for no more than it was seen to.
  const brief = said(400, 580, (at) => (at === 400 ? 'brief' : 'work'));
  assert.deepEqual(brief, { seen: 'end', name: 'work' });
});

test('what was met only at the end is not what blocked', () => {
  assert.deepEqual(
    said(520, 600, () => 'next'),
    { seen: 'hardly', name: null },
  );
  assert.deepEqual(
    said(590, 590, () => 'next'),
    { seen: 'hardly', name: null },
  );
});

test('what a turn that goes on was last seen in it is still in', () => {
  const late = said(590, 590, () => 'stuck', false);
  assert.deepEqual(late, { seen: 'end', name: 'stuck' });
  const then = said(520, 600, (at) => (at === 520 ? 'brief' : 'stuck'), false);
  assert.deepEqual(then, { seen: 'end', name: 'stuck' });
});
