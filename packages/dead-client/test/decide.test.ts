/**
 * When a client counts as dead, by injected readings.
 *
 * @machine pure
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Reading, TcpState } from '#src/sockets/reading.js';
import {
  judged,
  type Limits,
  type Progress,
  progressAfter,
  requiredMs,
  UNSEEN,
} from '#src/verdict/decide.js';

const limits: Limits = { graceMs: 30_000, peerCloseMs: 2000, adaptive: 2 };
const TICK_MS = 1000;

function reading(some: Partial<Reading> = {}): Reading {
  return {
    state: TcpState.established,
    queued: 1000,
    acked: 5000,
    delivered: 10,
    unread: 0,
    isUnanswered: false,
    ...some,
  };
}

/** Looks once a second, at as many readings. */
function after(readings: readonly (Reading | null)[], from: Progress = UNSEEN, halfOpen = false) {
  return readings.reduce((progress, one) => progressAfter(progress, one, TICK_MS, halfOpen), from);
}

const times = (count: number, one: Reading | null) => new Array<Reading | null>(count).fill(one);

describe('a client that takes nothing', () => {
  test('is dead after the grace, and not before', () => {
    assert.equal(judged(after(times(30, reading())), limits), null);
    const death = judged(after(times(31, reading())), limits);
    assert.deepEqual(death, { cause: 'zero-window', stallMs: 30_000, allowedMs: 30_000 });
  });

  test('is unreachable when the kernel waits for an answer', () => {
    const death = judged(after(times(31, reading({ isUnanswered: true }))), limits);
    assert.equal(death?.cause, 'unreachable');
  });

  test('is left alone while bytes of its own wait here', () => {
    assert.equal(judged(after(times(100, reading({ unread: 1 }))), limits), null);
  });

  test('begins anew when what it had sent was read', () => {
    const waiting = [...times(25, reading()), reading({ unread: 5 }), ...times(20, reading())];
    assert.equal(judged(after(waiting), limits), null);
  });

  test('may have nothing to take', () => {
    assert.equal(judged(after(times(100, reading({ queued: 0 }))), limits), null);
  });
});

describe('progress', () => {
  for (const [name, some] of [
    ['acknowledged bytes', { acked: 5001 }],
    ['delivered segments, out of order', { delivered: 11 }],
  ] as const) {
    test(`is ${name}`, () => {
      const moves = [...times(30, reading()), reading(some), ...times(29, reading(some))];
      assert.equal(judged(after(moves), limits), null);
    });
  }

  test('lets a client that has recovered pause twice as long, and four graces at most', () => {
    const once = after([...times(21, reading()), reading({ acked: 6000 })]);
    assert.equal(once.longestMs, 20_000);
    assert.equal(requiredMs(limits, once.longestMs), 40_000);
    assert.equal(judged(after(times(39, reading({ acked: 6000 })), once), limits), null);
    assert.notEqual(judged(after(times(40, reading({ acked: 6000 })), once), limits), null);
    assert.equal(requiredMs(limits, 1_000_000), 120_000);
    assert.equal(requiredMs({ ...limits, adaptive: 0 }, 25_000), 30_000);
  });
});

describe('a client that has gone', () => {
  const { close, closeWait, lastAck } = TcpState;

  test('is dead after peerCloseMs, also with unread bytes', () => {
    for (const state of [close, closeWait, lastAck]) {
      const gone = reading({ state, unread: 10, queued: 0 });
      assert.equal(judged(after(times(2, gone)), limits), null);
      assert.equal(judged(after(times(3, gone)), limits)?.cause, 'peer-closed');
    }
  });

  test('may end its side first where the program wants that, but not reset', () => {
    const ended = times(10, reading({ state: closeWait, queued: 0 }));
    assert.equal(judged(after(ended, UNSEEN, true), limits), null);
    const reset = times(10, reading({ state: close, queued: 0 }));
    assert.equal(judged(after(reset, UNSEEN, true), limits)?.cause, 'peer-closed');
  });

  test('is still there while it takes what it is sent', () => {
    const taking = Array.from({ length: 20 }, (_, tick) =>
      reading({ state: closeWait, acked: tick * 1000 }),
    );
    assert.equal(judged(after(taking), limits), null);
  });

  test('has no descriptor that can be read', () => {
    assert.equal(judged(after(times(2, null)), limits)?.cause, 'fd-error');
    assert.equal(judged(after([null, reading(), null]), limits), null);
  });
});

describe('whatever happens', () => {
  const any = fc.record({
    state: fc.constant<number>(TcpState.established),
    queued: fc.nat(3),
    acked: fc.nat(3),
    delivered: fc.nat(3),
    unread: fc.nat(1),
    isUnanswered: fc.boolean(),
  });

  test('a connection is only dead after a grace without any progress', () => {
    fc.assert(
      fc.property(
        fc.array(any, { maxLength: 60 }),
        fc.integer({ min: 0, max: 5 }),
        (seen, adaptive) => {
          const own = { graceMs: 5000, peerCloseMs: 2000, adaptive };
          let progress = UNSEEN;
          for (const [index, one] of seen.entries()) {
            progress = progressAfter(progress, one, TICK_MS, false);
            const death = judged(progress, own);
            if (death === null) continue;
            const last = seen.slice(index - 5, index + 1);
            assert.equal(last.length, 6);
            for (const { acked, delivered } of last) {
              assert.equal(acked, one.acked);
              assert.equal(delivered, one.delivered);
            }
            for (const { queued, unread } of last.slice(1)) assert.ok(queued > 0 && unread === 0);
          }
        },
      ),
    );
  });

  test('a client that moves at least once a grace is never dead', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 30 }), (pauses) => {
        const own = { graceMs: 5000, peerCloseMs: 2000, adaptive: 2 };
        let progress = UNSEEN;
        for (const [index, pause] of pauses.entries()) {
          for (let tick = 0; tick < pause; tick++) {
            progress = progressAfter(progress, reading({ acked: index }), TICK_MS, false);
            assert.equal(judged(progress, own), null);
          }
        }
      }),
    );
  });

  test('time in which nothing was counted makes nobody dead', () => {
    const frozen = after(times(31, reading()));
    let progress = UNSEEN;
    for (let tick = 0; tick < 100; tick++) progress = progressAfter(progress, reading(), 0, false);
    assert.equal(judged(progress, limits), null);
    assert.notEqual(judged(frozen, limits), null);
  });
});
