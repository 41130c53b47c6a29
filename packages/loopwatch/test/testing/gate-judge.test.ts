/**
 * The gate's arithmetic and its verdicts: no millisecond twice, none lost, nobody blamed for another.
 *
 * @machine pure
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import type { BlockRecord, FoldedStack } from '#src/shared/record/record.js';
import {
  type Interval,
  intersect,
  lengthMs,
  subtract,
  union,
} from '#src/testing/verdict/intervals.js';
import {
  type Finding,
  HOOK_SCOPE,
  judge,
  leftovers,
  type Measured,
  measuredTime,
  withoutHooks,
} from '#src/testing/verdict/judge.js';
import { recordOf } from '../record.fixture.js';

const interval = fc
  .tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 100 }))
  .map(([one, other]) => ({ startMs: Math.min(one, other), endMs: Math.max(one, other) }));
const intervals = fc.array(interval, { maxLength: 8 });

/** The same sets as lists of whole milliseconds, one by one. */
function points(set: readonly Interval[]): Set<number> {
  const found = new Set<number>();
  for (const { startMs, endMs } of set) for (let ms = startMs; ms < endMs; ms++) found.add(ms);
  return found;
}

function assertSame(set: readonly Interval[], expected: Iterable<number>): void {
  const sorted = (values: Iterable<number>) => [...values].sort((one, other) => one - other);
  assert.deepEqual(sorted(points(set)), sorted(expected));
}

describe('intervals', () => {
  test('are sets of milliseconds', () => {
    fc.assert(
      fc.property(intervals, intervals, (one, other) => {
        const [a, b] = [points(one), points(other)];
        assertSame(union(one), a);
        assertSame(
          subtract(one, other),
          [...a].filter((ms) => !b.has(ms)),
        );
        assertSame(
          intersect(one, other),
          [...a].filter((ms) => b.has(ms)),
        );
        assert.equal(lengthMs(one), a.size);
      }),
    );
  });

  test('what is taken and what is left are the whole, and share nothing', () => {
    fc.assert(
      fc.property(intervals, intervals, (one, other) => {
        const [taken, left] = [intersect(one, other), subtract(one, other)];
        assert.equal(lengthMs(taken) + lengthMs(left), lengthMs(one));
        assert.deepEqual(intersect(taken, left), []);
      }),
    );
  });
});

function run(name: string, startMs: number, endMs: number, more: Partial<Measured> = {}): Measured {
  const fixed = { parent: null, only: [], paused: [], limitMs: 50, waitedMs: 0, ranMs: 9999 };
  return { scope: `test: ${name}`, name, startMs, endMs, ...fixed, ...more };
}

function block(
  startMs: number,
  endMs: number,
  scope: string | null = null,
  record: Partial<BlockRecord> = {},
): Finding {
  return { kind: 'block', startMs, endMs, scope, record: recordOf({ scope, ...record }) };
}

const LOADER = 'node:internal/modules/cjs/loader';
/** Of the gate, which calls the bodies of tests. */
const OWN = fileURLToPath(import.meta.resolve('#src/testing/gate.js'));

function stack(ms: number, ...files: string[]): FoldedStack {
  return stackOf('_execModule', ms, ...files);
}

function stackOf(name: string, ms: number, ...files: string[]): FoldedStack {
  const at = { function: name, line: 1, column: 1, async: false };
  const frames = files.map((file) => ({ ...at, file, inApp: file.startsWith('/app/') }));
  return { count: 1, ms, frames };
}

function blockedMs(of: Measured, findings: readonly Finding[], runs = [of]): number | string {
  const judgement = judge(of, findings, runs);
  return judgement.verdict === 'blocked'
    ? (judgement.blocks[0]?.blockedMs ?? 'none')
    : judgement.verdict;
}

describe('a test', () => {
  const one = run('one', 1000, 2000);

  test('has blocked when a block in its time is longer than its limit', () => {
    assert.equal(blockedMs(one, [block(1100, 1300)]), 200);
    assert.equal(blockedMs(one, [block(1100, 1150)]), 'clean');
    assert.equal(blockedMs(one, [block(900, 1040)]), 'clean');
    assert.equal(blockedMs(one, [block(900, 1080)]), 80);
    assert.equal(blockedMs(one, [block(1950, 3000)]), 'clean');
    assert.equal(blockedMs(one, [block(0, 900)]), 'clean');
  });

  test('may load modules', () => {
    const ofBlock = (...stacks: FoldedStack[]) => {
      const samples = { count: stacks.length, stacks };
      return blockedMs(one, [block(1100, 1900, null, { cause: 'module-load', samples })]);
    };
    assert.equal(ofBlock(stack(800, LOADER)), 'clean');
    assert.equal(ofBlock(stack(800, '/app/node_modules/jest-runtime/build/index.js')), 'clean');
    const realm = 'node:internal/bootstrap/realm';
    assert.equal(ofBlock(stackOf('compileForInternalLoader', 800, realm, '/app/a.js')), 'clean');
    assert.equal(ofBlock(stackOf('other', 800, realm, '/app/a.js')), 800);
    assert.equal(ofBlock(stack(600, LOADER), stack(200, '/app/a.js')), 200);
    assert.equal(ofBlock(stack(780, LOADER), stack(20, '/app/a.js')), 'clean');
    assert.equal(ofBlock(stack(800, '/app/a.js', OWN, LOADER)), 800, 'its file is being loaded');
    assert.equal(ofBlock(), 800);
  });

  test('is not told of the loading when something else has blocked', () => {
    const stacks = [stack(600, LOADER, '/app/loads.js'), stack(200, 'node:fs', '/app/a.js')];
    const samples = { count: 2, stacks };
    const judgement = judge(
      one,
      [block(1100, 1900, null, { cause: 'module-load', samples })],
      [one],
    );
    const { cause, culprit } =
      judgement.verdict === 'blocked' ? (judgement.blocks[0]?.record ?? recordOf()) : recordOf();
    assert.deepEqual([cause, culprit?.file], ['javascript', '/app/a.js']);
  });

  test('has nothing to do with hooks, and with what they have started', () => {
    const hook = block(1100, 1300, HOOK_SCOPE);
    const found = (hooks: readonly Interval[]) => withoutHooks([hook, block(1500, 1600)], hooks);
    assert.equal(found([{ startMs: 1000, endMs: 1400 }]).length, 1);
    assert.equal(found([{ startMs: 900, endMs: Number.POSITIVE_INFINITY }]).length, 1);
    assert.equal(found([{ startMs: 0, endMs: 500 }]).length, 2);
    assert.equal(blockedMs(one, withoutHooks([hook], [])), 200);
  });

  test('is told of all its blocks, the heaviest first', () => {
    const found = [block(1100, 1200), block(1300, 1340), block(1400, 1600)];
    const judgement = judge(one, found, [one]);
    const blocks = judgement.verdict === 'blocked' ? judgement.blocks : [];
    assert.deepEqual(
      blocks.map(({ blockedMs: ms }) => ms),
      [200, 100],
    );
  });

  test('is measured in its windows alone', () => {
    const only = run('only', 1000, 2000, { only: [{ startMs: 1100, endMs: 1200 }] });
    assert.equal(blockedMs(only, [block(1300, 1600)]), 'clean');
    assert.equal(blockedMs(only, [block(1000, 2000)]), 100);
    const paused = run('paused', 1000, 2000, { paused: [{ startMs: 1100, endMs: 1800 }] });
    assert.equal(blockedMs(paused, [block(1100, 1800)]), 'clean');
    assert.equal(blockedMs(paused, [block(1070, 1830)]), 60);
  });

  test('that a busy machine kept waiting in the part that counts is unmeasured', () => {
    const paused = [{ startMs: 1100, endMs: 1800 }];
    const kept = run('kept', 1000, 2000, { paused, waitedMs: 40 });
    const judgement = judge(kept, [block(1050, 1830)], [kept]);
    assert.deepEqual(judgement, { verdict: 'unmeasured', reason: 'starved', lateMs: 80 });
    assert.equal(blockedMs(kept, [block(1010, 1830)]), 80);
    assert.equal(blockedMs(kept, [block(1000, 1090)]), 90, 'of a whole turn the watchdog knows');
  });

  test('that has not computed for as long as its limit has not blocked by computing', () => {
    const idle = run('idle', 1000, 2000, { ranMs: 20 });
    const judgement = judge(idle, [block(1100, 1300)], [idle]);
    assert.deepEqual(judgement, { verdict: 'unmeasured', reason: 'starved', lateMs: 200 });
    assert.equal(blockedMs(idle, [block(1100, 1300, null, { cause: 'sync-io' })]), 200);
    const worked = run('worked', 1000, 2000, { ranMs: 90 });
    assert.equal(blockedMs(worked, [block(1100, 1300)]), 100, 'no more than it computed');
  });

  test('of which nothing is known is unmeasured, unless it is known to have blocked', () => {
    const starved = { kind: 'unconfirmed', reason: 'starved', scope: null } as const;
    const late = { ...starved, startMs: 1100, endMs: 1400 };
    const judgement = judge(one, [late], [one]);
    assert.deepEqual(judgement, { verdict: 'unmeasured', reason: 'starved', lateMs: 300 });
    assert.equal(blockedMs(one, [late, block(1500, 1600)]), 100);
    assert.equal(blockedMs(one, [{ ...late, reason: 'paused' }]), 'clean');
  });

  test('owns what blocks in its async context, whoever runs meanwhile', () => {
    const other = run('other', 1000, 2000);
    const runs = [one, other];
    const own = block(1100, 1300, one.scope);
    assert.equal(blockedMs(one, [own], runs), 200);
    assert.equal(blockedMs(other, [own], runs), 'clean');
    assert.deepEqual(leftovers([own], runs, 50), []);
  });

  test('owns what has no context only when it runs alone', () => {
    const other = run('other', 1000, 2000);
    const later = run('later', 2500, 3000);
    const somebody = block(1100, 1300);
    assert.equal(blockedMs(one, [somebody], [one, later]), 200);
    assert.equal(blockedMs(one, [somebody], [one, other]), 'clean');
    const [left, ...more] = leftovers([somebody], [one, other], 50);
    assert.deepEqual([left?.blockedMs, left?.leftBy, more], [200, null, []]);
  });

  test('is not blamed for what another has left behind', () => {
    const before = run('before', 0, 500);
    const left = block(1100, 1300, before.scope);
    const runs = [before, one];
    assert.equal(blockedMs(before, [left], runs), 'clean');
    assert.equal(blockedMs(one, [left], runs), 'clean');
    assert.equal(leftovers([left], runs, 50)[0]?.leftBy, 'before');
  });

  test('is blamed before the test that it is a part of', () => {
    const part = run('part', 1100, 1500, { parent: one });
    const runs = [one, part];
    assert.equal(blockedMs(part, [block(1200, 1400)], runs), 200);
    assert.equal(blockedMs(one, [block(1200, 1400)], runs), 'clean');
  });

  test('has each millisecond of a block once, as measured or as left out', () => {
    fc.assert(
      fc.property(interval, interval, intervals, intervals, (span, found, only, paused) => {
        const whole = run('whole', span.startMs, span.endMs);
        const parts = run('parts', span.startMs, span.endMs, { only, paused });
        const all = lengthMs(intersect([found], measuredTime(whole)));
        const counted = lengthMs(intersect([found], measuredTime(parts)));
        const leftOut = subtract(measuredTime(whole), measuredTime(parts));
        assert.equal(counted + lengthMs(intersect([found], leftOut)), all);
      }),
    );
  });
});

test('blocks outside of all tests are nobody’s', () => {
  const one = run('one', 1000, 2000);
  assert.deepEqual(leftovers([block(0, 900), block(2100, 9000)], [one], 50), []);
});
