/**
 * Nothing lost, nothing twice: a small load run, and what would notice if it were otherwise.
 *
 * @machine timed
 * @run one-release
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Arrival } from './load/ingest.js';
import { ENDINGS, MOODS, phasesOf, planOf } from './load/plan.js';
import { type Evidence, type Lived, reconcile } from './load/reconcile.js';
import { load } from './load/run.js';

test('60 blocks of 2 processes that die in every way are delivered once', async () => {
  const seed = Date.now() % 1_000_000;
  const result = await load({ seed, lanes: 2, blocks: 60, atOnce: 2, collectMs: 30_000 });
  assert.deepEqual(result.problems, [], `npm run load -- --processes 2 --blocks 60 --seed ${seed}`);
  assert.equal(result.counts.begun, 60);
  assert.ok(result.counts.found >= 50, JSON.stringify(result.counts));
});

test('the same seed makes the same plan, another one another', () => {
  const size = { lanes: 3, blocks: 100 };
  assert.deepEqual(planOf(7, size), planOf(7, size));
  assert.notDeepEqual(planOf(7, size), planOf(8, size));
  const names = planOf(7, size).flatMap((lives) => lives.flatMap((life) => life.blocks));
  assert.equal(new Set(names.map(({ name }) => name)).size, 100, 'every block has its own name');
  const lives = planOf(7, { lanes: 8, blocks: 2000 }).flat();
  assert.deepEqual([...new Set(lives.map(({ ending }) => ending))].sort(), [...ENDINGS].sort());
  const phases = phasesOf(7);
  const moods = Array.from({ length: 100 }, () => phases.next().value.mood);
  assert.deepEqual([...new Set(moods)].sort(), [...MOODS].sort());
});

/** One process, killed in its third block; another one that delivers that. */
function evidence(): Evidence & { readonly lives: Lived[]; readonly arrivals: Arrival[] } {
  const line = (id: string, name: string, atMs: number, previousProcess = false) => {
    const about = { startedMs: atMs - 100, durationMs: 60 };
    return { id, name, atMs, ...about, previousProcess, ended: !previousProcess };
  };
  const arrival = (id: string, key: string, atMs: number): Arrival => {
    const answer = { mood: 'healthy', status: 200, accepted: true } as const;
    return { id, key, atMs, ...answer, answeredMs: atMs + 5 };
  };
  const rest = { killed: false, dismissed: [] };
  return {
    thresholdMs: 25,
    planned: ['block_0_0', 'block_0_1', 'block_0_2'],
    lives: [
      {
        ...{ ...rest, key: 'one', endedMs: 5000, killed: true, hurried: false },
        ledger: [
          { begin: 'block_0_0', atMs: 1000 },
          { end: 'block_0_0', atMs: 1100, ms: 100 },
          { seen: 'a', name: 'block_0_0' },
          { begin: 'block_0_1', atMs: 2000 },
          { end: 'block_0_1', atMs: 2100, ms: 100 },
          { begin: 'block_0_2', atMs: 4900 },
        ],
        logged: [line('a', 'block_0_0', 1120), line('b', 'block_0_1', 2120)],
      },
      {
        ...{ ...rest, key: 'two', endedMs: 9000, hurried: false, ledger: [] },
        logged: [line('c', 'block_0_2', 6000, true)],
      },
    ],
    arrivals: [arrival('a', 'one', 1130), arrival('b', 'one', 2130), arrival('c', 'two', 6010)],
    left: [],
  };
}

function problems(change: (all: ReturnType<typeof evidence>) => Partial<Evidence>): string[] {
  const all = evidence();
  return [...reconcile({ ...all, ...change(all) }).problems];
}

test('what is as it should be is no problem', () => {
  const { counts, problems: none } = reconcile(evidence());
  assert.deepEqual(none, []);
  const { planned, begun, ended, certain, found, reports, logged, accepted, inherited } = counts;
  assert.deepEqual([planned, begun, ended, certain, found], [3, 3, 2, 3, 3]);
  assert.deepEqual([reports, logged, accepted, inherited], [3, 3, 3, 1]);
});

test('a loss is found', () => {
  const without = (list: readonly Lived[], id: string) => {
    return list.map((life) => ({ ...life, logged: life.logged.filter((line) => line.id !== id) }));
  };
  // Of a log line, of an event, of a block that nobody has ever heard of, of one that was killed.
  assert.deepEqual(
    problems(({ lives }) => ({ lives: without(lives, 'a') })),
    ['a (block_0_0) was never logged'],
  );
  assert.deepEqual(
    problems(({ arrivals }) => ({ arrivals: arrivals.slice(1) })),
    ['a (block_0_0) never reached the ingest'],
  );
  assert.deepEqual(
    problems(({ arrivals }) => {
      return { arrivals: arrivals.map((one) => ({ ...one, accepted: one.id !== 'b' })) };
    }),
    ['b (block_0_1) never reached the ingest'],
  );
  const forget = (id: string) =>
    problems(({ lives, arrivals }) => {
      return { lives: without(lives, id), arrivals: arrivals.filter((one) => one.id !== id) };
    });
  assert.deepEqual(forget('b'), [
    'block_0_1 of one is lost: it lasted 100 ms, killed 3000 ms after its beginning',
  ]);
  assert.deepEqual(forget('c'), [
    'block_0_2 of one is lost: it never ended, killed 100 ms after its beginning',
  ]);
  assert.deepEqual(
    problems(() => ({ left: ['x.json'] })),
    ['x.json is left in the journal'],
  );
  assert.deepEqual(
    problems(({ planned }) => ({ planned: [...planned, 'block_0_3'] })),
    ['block_0_3 was never injected'],
  );
});

test('what comes twice is found, unless the sender could not know that it had come', () => {
  const again = (change: Partial<Arrival>) =>
    problems(({ arrivals }) => {
      const [first, ...rest] = arrivals as [Arrival, ...Arrival[]];
      return { arrivals: [{ ...first, ...change }, ...rest, { ...first, atMs: 7000, key: 'two' }] };
    });
  assert.deepEqual(again({}), ['a (block_0_0) was accepted 2 times']);
  assert.deepEqual(again({ status: null, answeredMs: null }), [], 'the answer was lost');
  assert.deepEqual(again({ atMs: 4890, answeredMs: 4900 }), [], 'killed when it came');

  const twice = (atMs: number) =>
    problems(({ lives: [one, two] }) => {
      const first = { ...(one as Lived), logged: [{ ...(one as Lived).logged[0], atMs }] } as Lived;
      const lines = [...(one as Lived).logged.slice(1), ...first.logged];
      const line = { ...first.logged[0], previousProcess: true };
      return {
        lives: [
          { ...first, logged: lines },
          { ...(two as Lived), logged: [...(two as Lived).logged, line] } as Lived,
        ],
      };
    });
  assert.deepEqual(twice(1120), ['a (block_0_0) was logged 2 times']);
  assert.deepEqual(twice(4950), [], 'killed when it was written');
});

test('who says what a process was, and how many reports a block has, is looked at', () => {
  assert.match(
    problems(({ lives: [one, two] }) => {
      const lines = (two as Lived).logged.map((line) => ({ ...line, previousProcess: false }));
      return { lives: [one as Lived, { ...(two as Lived), logged: lines }] };
    }).join(),
    /c \(block_0_2\) of one was logged by two, false$/,
  );
  assert.deepEqual(
    problems(({ lives, arrivals }) => {
      const [one, two] = lives as [Lived, Lived];
      const [line] = one.logged;
      const more = { ...line, id: 'd' } as Lived['logged'][number];
      const [arrival] = arrivals as [Arrival];
      return {
        lives: [{ ...one, logged: [...one.logged, more] }, two],
        arrivals: [...arrivals, { ...arrival, id: 'd' }],
      };
    }),
    ['block_0_0 has 2 reports'],
  );
});
