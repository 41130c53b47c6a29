/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Beat } from '#src/shared/memory/beats.js';
import {
  type Detection,
  detect,
  initialState,
  nextDueMs,
  TOLERATED_LATENESS_MS,
  type Turn,
} from '#src/watchdog/detect/detect.js';
import type { Witness } from '#src/watchdog/evidence/witness.js';
import { confirm } from '#src/watchdog/verdict/confirm.js';

const LIMITS = { thresholdMs: 100, hangMs: 1000 };
const POLL_MS = 20;
const NOTHING: Witness = {
  ...{
    samples: 1,
    exitingSamples: 0,
    showsProgram: false,
    debugged: false,
    contended: false,
    scheduling: null,
    onWorker: false,
  },
  thread: null,
};

interface Tick {
  readonly nowMs: number;
  readonly dueMs: number;
  readonly exiting?: boolean;
}

/** Runs a trace: all beats that were made up to a tick are seen by it. */
function run(beats: readonly Beat[], ticks: readonly Tick[]): Detection[] {
  let state = initialState(beats[0] as Beat);
  const all: Detection[] = [];
  for (const tick of ticks) {
    const seen = beats.filter((b) => b.number > state.last.number && b.atMs <= tick.nowMs);
    const result = detect(state, { exiting: false, pausedMs: 0, ...tick, beats: seen }, LIMITS);
    ({ state } = result);
    all.push(...result.detections);
  }
  return all;
}

/** A watchdog that is always on time. */
function punctual(untilMs: number): Tick[] {
  return Array.from({ length: Math.ceil(untilMs / POLL_MS) }, (_, i) => {
    const nowMs = (i + 1) * POLL_MS;
    return { nowMs, dueMs: nowMs };
  });
}

function beatsAt(...times: readonly number[]): Beat[] {
  return times.map((atMs, index) => ({ number: index + 1, atMs, idleMs: 0, pausedMs: 0 }));
}

function turns(detections: readonly Detection[]): Turn[] {
  return detections.flatMap((one) => (one.type === 'closed' ? [one.turn] : []));
}

test('a loop that turns is left alone', () => {
  const beats = beatsAt(...Array.from({ length: 50 }, (_, i) => i * 20));
  assert.deepEqual(run(beats, punctual(980)), []);
});

test('a long turn is suspected, hung and closed, each once and in this order', () => {
  const detections = run(beatsAt(0, 20, 1520, 1540), punctual(1600));
  assert.deepEqual(
    detections.map(({ type }) => type),
    ['suspect', 'hang', 'closed'],
  );
  const [turn] = turns(detections);
  assert.equal(turn?.after.number, 2);
  assert.equal(turn?.after.atMs, 20);
  assert.equal(turn?.endMs, 1520);
});

test('a long turn between two ticks is closed without having been suspected', () => {
  const ticks = [
    { nowMs: 20, dueMs: 20 },
    { nowMs: 180, dueMs: 180 },
  ];
  const [detection] = run(beatsAt(0, 20, 170), ticks);
  assert.equal(detection?.type, 'closed');
  assert.equal(detection?.type === 'closed' && detection.suspected, false);
});

test('silence after the exit means nothing, and the last turn is still closed', () => {
  const ticks = [...punctual(400), { nowMs: 5000, dueMs: 5000, exiting: true }];
  const detections = run(beatsAt(0, 20, 420), ticks);
  assert.deepEqual(
    detections.map(({ type }) => type),
    ['suspect', 'closed'],
  );
  assert.equal(turns(detections)[0]?.atExit, true);
});

test('a process that stood still is not suspected, and its turn is suspended', () => {
  // Stopped from 30 to 2030: neither thread ran.
  const ticks = [...punctual(30), { nowMs: 2030, dueMs: 40 }, { nowMs: 2050, dueMs: 2050 }];
  const detections = run(beatsAt(0, 20, 2031, 2051), ticks);
  assert.deepEqual(
    detections.map(({ type }) => type),
    ['closed'],
  );
  const judgement = confirm(turns(detections)[0] as Turn, NOTHING, LIMITS.thresholdMs);
  assert.equal(judgement.verdict, 'unconfirmed');
  assert.equal(judgement.verdict === 'unconfirmed' && judgement.reason, 'suspended');
});

test('the time in which a blocked process was stopped is not part of its block', () => {
  // Blocked from 20 to 2520, stopped from 200 to 2200.
  const ticks = [...punctual(200), { nowMs: 2200, dueMs: 220 }, ...punctualFrom(2220, 2600)];
  const detections = run(beatsAt(0, 20, 2520), ticks);
  const judgement = confirm(turns(detections)[0] as Turn, NOTHING, LIMITS.thresholdMs);
  assert.deepEqual(judgement, { verdict: 'block', durationMs: 520 });
});

function punctualFrom(fromMs: number, untilMs: number): Tick[] {
  return punctual(untilMs).filter(({ nowMs }) => nowMs >= fromMs);
}

/** Gaps between beats, and lateness of ticks: what machines do to both threads. */
const trace = fc.record({
  gaps: fc.array(fc.double({ min: 1, max: 1500, noNaN: true }), { minLength: 1, maxLength: 40 }),
  lateness: fc.array(
    fc.oneof(
      { weight: 5, arbitrary: fc.double({ min: 0, max: 9, noNaN: true }) },
      { weight: 1, arbitrary: fc.double({ min: 11, max: 3000, noNaN: true }) },
    ),
    { minLength: 1, maxLength: 60 },
  ),
});

function play(gaps: readonly number[], lateness: readonly number[]) {
  const beats: Beat[] = [{ number: 1, atMs: 0, idleMs: 0, pausedMs: 0 }];
  for (const gap of gaps) {
    const last = beats.at(-1) as Beat;
    beats.push({ number: last.number + 1, atMs: last.atMs + gap, idleMs: 0, pausedMs: 0 });
  }
  const end = (beats.at(-1) as Beat).atMs;
  const ticks: Tick[] = [];
  let nowMs = 0;
  for (let i = 0; nowMs <= end; i++) {
    const dueMs = nowMs + POLL_MS;
    nowMs = dueMs + (lateness[i % lateness.length] as number);
    ticks.push({ nowMs, dueMs });
  }
  return { beats, ticks, detections: run(beats, ticks) };
}

/** The slow, obvious reference: how much of a span the late ticks say nothing about. */
function unseenIn(ticks: readonly Tick[], fromMs: number, toMs: number): number {
  return ticks
    .filter(({ nowMs, dueMs }) => nowMs - dueMs > TOLERATED_LATENESS_MS)
    .reduce((sum, { nowMs, dueMs }) => {
      return sum + Math.max(0, Math.min(nowMs, toMs) - Math.max(dueMs, fromMs));
    }, 0);
}

test('every long turn is closed exactly once, with its own unseen time, whatever the ticks do', () => {
  fc.assert(
    fc.property(trace, ({ gaps, lateness }) => {
      const { beats, ticks, detections } = play(gaps, lateness);
      const closed = turns(detections);
      const identities = closed.map(({ after }) => after.number);
      assert.deepEqual(identities, [...new Set(identities)]);
      beats.slice(1).forEach((beat, index) => {
        const before = beats[index] as Beat;
        const turn = closed.find((one) => one.after.number === before.number);
        if (beat.atMs - before.atMs > LIMITS.thresholdMs) assert.ok(turn, 'a long turn was missed');
        if (turn === undefined) return;
        assert.equal(turn.endMs, beat.atMs);
        const unseen = unseenIn(ticks, before.atMs, beat.atMs);
        assert.ok(Math.abs(turn.unseenMs - unseen) < 1e-6, `${turn.unseenMs} is not ${unseen}`);
      });
    }),
    { numRuns: 500 },
  );
});

test('suspect, hang and closed come in order, and nothing is suspected twice', () => {
  fc.assert(
    fc.property(trace, ({ gaps, lateness }) => {
      let open: 'none' | 'suspect' | 'hang' = 'none';
      for (const detection of play(gaps, lateness).detections) {
        if (detection.type === 'suspect') assert.equal(open, 'none');
        if (detection.type === 'hang') assert.equal(open, 'suspect');
        if (detection.type === 'closed') assert.equal(detection.suspected, open !== 'none');
        open = detection.type === 'closed' ? 'none' : detection.type;
      }
    }),
    { numRuns: 500 },
  );
});

test('no block is confirmed on time that the watchdog did not see', () => {
  fc.assert(
    fc.property(trace, ({ gaps, lateness }) => {
      const { ticks, detections } = play(gaps, lateness);
      for (const turn of turns(detections)) {
        const judgement = confirm(turn, NOTHING, LIMITS.thresholdMs);
        const seen = turn.endMs - turn.after.atMs - unseenIn(ticks, turn.after.atMs, turn.endMs);
        if (judgement.verdict === 'block') assert.ok(seen > LIMITS.thresholdMs - 1e-6);
        else assert.ok(seen <= LIMITS.thresholdMs + 1e-6);
      }
    }),
    { numRuns: 500 },
  );
});

test('the next tick comes when the silence becomes a suspect, never later than one poll', () => {
  const state = initialState({ number: 1, atMs: 0, idleMs: 0, pausedMs: 0 });
  assert.equal(nextDueMs(state, 10, POLL_MS, LIMITS), 30);
  const suspectMs = nextDueMs(state, 90, POLL_MS, LIMITS);
  assert.ok(suspectMs > 100 && suspectMs <= 100.1, `${suspectMs}`);
  assert.equal(nextDueMs({ ...state, phase: 'suspect' }, 110, POLL_MS, LIMITS), 130);
});

test('time in a pause is no silence', () => {
  const last = { number: 1, atMs: 0, idleMs: 0, pausedMs: 50 };
  const tick = (nowMs: number, pausedMs: number) => {
    const observation = { nowMs, dueMs: nowMs, beats: [], pausedMs, exiting: false };
    return detect(initialState(last), observation, LIMITS).detections.map(({ type }) => type);
  };
  assert.deepEqual(tick(400, 400), []);
  assert.deepEqual(tick(400, 340), ['suspect']);
});
