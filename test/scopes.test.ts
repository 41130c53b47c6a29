/**
 * pause() and watch(): what the program says about its own turns counts, and nothing else changes.
 *
 * @machine timed
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { BlockRecord, UnconfirmedReason } from 'loopwatch';
import { onlyReports } from './harness/block.js';
import type { Scope } from './harness/folder.js';
import { markedLine } from './harness/markers.js';
import { programPath } from './harness/places.js';
import { byImport, unwatched } from './harness/preload.js';
import { type Ended, type RunOptions, run } from './harness/run.js';

const PROGRAM = 'scopes.mjs';

/** Twice a beat: how far a duration may be off on a busy machine, besides what the kernel adds. */
const OFF_MS = 100;

/** What came of a kind. */
interface Seen {
  readonly kind: string;
  readonly blocks: readonly BlockRecord[];
  readonly counts: Partial<Record<UnconfirmedReason, number>>;
}

function scopes(scope: Scope, kinds: readonly string[], options?: RunOptions): Promise<Ended> {
  return run(scope, [programPath(PROGRAM), ...kinds], options);
}

/** What was counted since. */
function since(before: Seen['counts'], now: Seen['counts']): Seen['counts'] {
  const entries = Object.entries(now) as [UnconfirmedReason, number][];
  return Object.fromEntries(
    entries.map(([reason, count]) => [reason, count - (before[reason] ?? 0)]),
  );
}

/** Runs kinds that count. What is reported must be the guilty function, on its line. */
async function seen(scope: Scope, kinds: readonly string[]): Promise<Seen[]> {
  const ended = await scopes(scope, kinds);
  assert.equal(ended.code, 0, ended.stderr);
  const blocks = onlyReports(ended).map(({ block }) => block);
  const line = markedLine(PROGRAM, 'culprit: guilty');
  const culprits = blocks.map(({ culprit, samples }) => [
    samples.stacks[0]?.frames.find((frame) => frame.function === 'guilty')?.line ?? culprit,
  ]);
  assert.deepEqual(
    culprits,
    culprits.map(() => [line]),
    ended.stderr,
  );
  let before: Seen['counts'] = {};
  const found = kinds.map((kind) => {
    const [, json = ''] = new RegExp(`^${kind} (.+)$`, 'm').exec(ended.stdout) ?? [];
    const { from, to, counts } = JSON.parse(json);
    const during = blocks.filter(({ startedAt }) => {
      return Date.parse(startedAt) >= from && Date.parse(startedAt) <= to;
    });
    const one = { kind, blocks: during, counts: since(before, counts) };
    before = counts;
    return one;
  });
  const reported = found.reduce((sum, one) => sum + one.blocks.length, 0);
  assert.equal(reported, blocks.length, 'each is of a kind');
  return found;
}

/** The one block of a kind. */
function only({ kind, blocks }: Seen): BlockRecord {
  assert.equal(blocks.length, 1, `one report of ${kind}`);
  return blocks[0] as BlockRecord;
}

describe('pause()', { concurrency: 3 }, () => {
  const lateBeats = { sync: 1, async: 2, nested: 2, throws: 1, rejects: 1, meanwhile: 1 };

  test('reports nothing, counts each late beat once, and is over when it is over', async (t) => {
    const found = await seen(t, Object.keys(lateBeats));
    assert.deepEqual(
      found.map(({ kind, counts }) => [kind, counts.paused]),
      Object.entries(lateBeats),
    );
    for (const one of found) {
      const { durationMs } = only(one);
      assert.ok(durationMs >= 290 && durationMs <= 300 + OFF_MS, `${one.kind}: ${durationMs}`);
    }
  });

  test('alone, with no block before or after it, is silent', async (t) => {
    const [alone] = await seen(t, ['alone']);
    assert.deepEqual(alone?.blocks, []);
    assert.equal(alone?.counts.paused, 1);
  });

  test('a block beside a pause in one turn is reported without the time of the pause', async (t) => {
    const [beside] = await seen(t, ['beside']);
    const { durationMs } = only(beside as Seen);
    assert.ok(durationMs >= 290 && durationMs <= 300 + OFF_MS, `${durationMs}`);
  });

  test('a broken thenable does not leave it on', async (t) => {
    const ended = await scopes(t, ['broken-thenable']);
    assert.equal(ended.code, 0, ended.stderr);
    assert.equal(onlyReports(ended).length, 1);
  });
});

describe('watch()', { concurrency: 3 }, () => {
  test('stricter than usual: a shorter turn is reported, by its name, and only in it', async (t) => {
    const [strict] = await seen(t, ['strict']);
    const { blocks } = strict as Seen;
    // A busy machine may keep the watchdog from looking at so short a turn.
    assert.ok(blocks.length >= 1 && blocks.length <= 4, `${blocks.length}`);
    for (const block of blocks) {
      assert.deepEqual([block.scope, block.thresholdMs, block.kind], ['checkout', 50, 'block']);
    }
  });

  test('the innermost one at the time decides what is reported, and names it', async (t) => {
    const expected = {
      // The name is that of the function, unless one is given.
      'named-by-function': ['renderCart', 200],
      anonymous: ['(anonymous)', 200],
      // Looser than usual: what is longer still is reported.
      'too-long': ['export', 1000],
      'strict-in-loose': ['inner', 150],
      // What runs meanwhile keeps the usual threshold; what it leaves behind has it again.
      'outside-of-loose': [null, 100],
      'left-behind': [null, 100],
    };
    const found = await seen(t, Object.keys(expected));
    const said = found.map((one) => {
      const { scope, thresholdMs, durationMs } = only(one);
      if (one.kind === 'too-long') assert.ok(durationMs >= 1290, `${durationMs}`);
      return [one.kind, [scope, thresholdMs]];
    });
    assert.deepEqual(said, Object.entries(expected));
  });

  test('looser than usual: a longer turn is silent', async (t) => {
    const kinds = ['loose', 'loose-in-strict', 'after-inner', 'continuation', 'native'];
    // What runs meanwhile keeps the usual threshold here, too.
    const found = await seen(t, [...kinds, 'outside-of-strict']);
    assert.deepEqual(
      found.filter(({ blocks }) => blocks.length > 0),
      [],
    );
  });
});

describe('both only run the function', { concurrency: 3 }, () => {
  const hows: Readonly<Record<string, RunOptions>> = {
    watched: { preload: byImport() },
    'not started': { preload: unwatched },
    'enabled: false': { preload: byImport(), env: { LOOPWATCH_ENABLED: 'false' } },
  };
  const said = {
    value: { returned: 7 },
    isSync: true,
    nothing: true,
    promise: { returned: 'late' },
    isPromise: true,
    thenable: { returned: 'thenable' },
    throws: { message: 'thrown' },
    rejects: { message: 'rejected' },
    nested: 'deep',
    arguments: 0,
  };
  for (const [name, options] of Object.entries(hows)) {
    test(`${name}: values, errors and rejections come through`, async (t) => {
      const { code, stdout, stderr } = await scopes(t, ['values'], options);
      assert.deepEqual([code, stderr], [0, '']);
      const lines = [...stdout.matchAll(/^(\w+) (.+)$/gm)].map(([, call, json]) => [
        call,
        JSON.parse(json as string),
      ]);
      assert.deepEqual(lines, [
        ['pause', said],
        ['watch', said],
      ]);
    });

    test(`${name}: what nobody handles ends the process as it would`, async (t) => {
      for (const what of ['unhandled', 'uncaught']) {
        const [plain, ...wrapped] = await Promise.all(
          ['plain', 'pause', 'watch'].map((kind) => scopes(t, [`${what}-${kind}`], options)),
        );
        assert.equal(plain?.code, 1);
        const message = /Error: nobody (?:handles|catches) it/;
        assert.match(plain?.stderr ?? '', message);
        for (const { code, signal, stdout, stderr } of wrapped) {
          assert.deepEqual([code, signal, stdout], [1, null, '']);
          assert.match(stderr, message);
        }
      }
    });

    test(`${name}: what makes no sense is refused, and nothing runs`, async (t) => {
      const { code, stdout, stderr } = await scopes(t, ['refused'], options);
      assert.deepEqual([code, stderr], [0, '']);
      const lines = stdout.trimEnd().split('\n');
      assert.equal(lines.pop(), 'ran 0 times');
      const expected = [
        /^the argument of pause must be a function, but is undefined$/,
        /^the argument of pause must be a function, but is 'run'$/,
        /^the argument of watch must be a function, but is null$/,
        /must be an object, but is undefined$/,
        /must be an object, but is null$/,
        /^thresholdMs of watch must be a number of ms from .*40.*, but is undefined$/,
        /^thresholdMs of watch must be .*, but is '100'$/,
        /^thresholdMs of watch must be .*, but is 39$/,
        /^thresholdMs of watch must be .*, but is NaN$/,
        /^thresholdMs of watch must be .*, but is 2147483648$/,
        /^name of watch must be a string, but is 7$/,
      ];
      assert.equal(lines.length, expected.length);
      lines.forEach((line, index) => {
        const { message, code: errorCode } = JSON.parse(line);
        assert.equal(errorCode, 'LOOPWATCH_E_OPTION');
        assert.match(message, expected[index] as RegExp);
      });
    });
  }
});
