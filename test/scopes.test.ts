/**
 * pause() and watch(): what the program says about its own turns counts, and nothing else changes.
 *
 * @machine timed
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { UnconfirmedReason } from 'loopwatch';
import { onlyReports } from './harness/block.js';
import type { Scope } from './harness/folder.js';
import { markedLine } from './harness/markers.js';
import { programPath } from './harness/places.js';
import { byImport, unwatched } from './harness/preload.js';
import type { Report } from './harness/reports.js';
import { type Ended, type RunOptions, run } from './harness/run.js';

const PROGRAM = 'scopes.mjs';

/** Twice a beat: how far a duration may be off on a busy machine, besides what the kernel adds. */
const OFF_MS = 100;

interface Seen {
  readonly reports: readonly Report[];
  readonly counts: Partial<Record<UnconfirmedReason, number>>;
}

function scopes(scope: Scope, kind: string, options?: RunOptions): Promise<Ended> {
  return run(scope, [programPath(PROGRAM), kind], options);
}

/** Runs a kind that counts. What is reported must be the guilty function, on its line. */
async function seen(scope: Scope, kind: string, options?: RunOptions): Promise<Seen> {
  const ended = await scopes(scope, kind, options);
  assert.equal(ended.code, 0, ended.stderr);
  const reports = onlyReports(ended);
  const line = markedLine(PROGRAM, 'culprit: guilty');
  const culprits = reports.map(({ block: { culprit, samples } }) => [
    samples.stacks[0]?.frames.find((frame) => frame.function === 'guilty')?.line ?? culprit,
  ]);
  assert.deepEqual(
    culprits,
    culprits.map(() => [line]),
    ended.stderr,
  );
  const [, counts = ''] = /^counts (.+)$/m.exec(ended.stdout) ?? [];
  return { reports, counts: JSON.parse(counts) };
}

/** The one report. */
async function only(scope: Scope, kind: string): Promise<Report['block']> {
  const { reports } = await seen(scope, kind);
  assert.equal(reports.length, 1, `one report of ${kind}`);
  return (reports[0] as Report).block;
}

async function silent(scope: Scope, kind: string): Promise<Seen['counts']> {
  const { reports, counts } = await seen(scope, kind);
  assert.deepEqual(reports, []);
  return counts;
}

describe('pause()', { concurrency: 2 }, () => {
  const lateBeats = { sync: 1, async: 2, nested: 2, throws: 1, rejects: 1, meanwhile: 1 };
  for (const [kind, times] of Object.entries(lateBeats)) {
    test(`${kind}: reports nothing, counts each late beat once`, async (t) => {
      assert.equal((await silent(t, kind)).paused, times);
    });

    test(`${kind}: is over when it is over`, async (t) => {
      const { reports, counts } = await seen(t, `then-guilty:${kind}`);
      assert.equal(counts.paused, times);
      const [report, ...more] = reports;
      assert.deepEqual(more, []);
      const durationMs = report?.block.durationMs ?? 0;
      assert.ok(durationMs >= 290 && durationMs <= 300 + OFF_MS, `${durationMs}`);
    });
  }

  test('a block beside a pause in one turn is reported without the time of the pause', async (t) => {
    const { durationMs } = await only(t, 'beside');
    assert.ok(durationMs >= 290 && durationMs <= 300 + OFF_MS, `${durationMs}`);
  });

  test('a broken thenable does not leave it on', async (t) => {
    const ended = await scopes(t, 'broken-thenable');
    assert.equal(ended.code, 0, ended.stderr);
    assert.equal(onlyReports(ended).length, 1);
  });
});

describe('watch()', { concurrency: 2 }, () => {
  test('stricter than usual: a shorter turn is reported, by its name, and only in it', async (t) => {
    const { reports } = await seen(t, 'strict');
    // A busy machine may keep the watchdog from looking at so short a turn.
    assert.ok(reports.length >= 1 && reports.length <= 4, `${reports.length}`);
    for (const { block } of reports) {
      assert.deepEqual([block.scope, block.thresholdMs, block.kind], ['checkout', 50, 'block']);
    }
  });

  test('the name is that of the function, unless one is given', async (t) => {
    const { scope, thresholdMs } = await only(t, 'named-by-function');
    assert.deepEqual([scope, thresholdMs], ['renderCart', 200]);
    assert.equal((await only(t, 'anonymous')).scope, '(anonymous)');
  });

  for (const kind of ['loose', 'loose-in-strict', 'after-inner', 'continuation', 'native']) {
    test(`looser than usual: a longer turn is silent: ${kind}`, async (t) => {
      await silent(t, kind);
    });
  }

  test('looser than usual: what is longer still is reported', async (t) => {
    const { scope, thresholdMs, durationMs } = await only(t, 'too-long');
    assert.deepEqual([scope, thresholdMs], ['export', 1000]);
    assert.ok(durationMs >= 1290, `${durationMs}`);
  });

  test('of nested ones the innermost counts', async (t) => {
    const { scope, thresholdMs } = await only(t, 'strict-in-loose');
    assert.deepEqual([scope, thresholdMs], ['inner', 150]);
  });

  test('what runs meanwhile keeps the usual threshold', async (t) => {
    const { scope, thresholdMs } = await only(t, 'outside-of-loose');
    assert.deepEqual([scope, thresholdMs], [null, 100]);
    await silent(t, 'outside-of-strict');
  });

  test('what it leaves behind has the usual threshold again', async (t) => {
    const { scope, thresholdMs } = await only(t, 'left-behind');
    assert.deepEqual([scope, thresholdMs], [null, 100]);
  });
});

describe('both only run the function', { concurrency: 2 }, () => {
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
      const { code, stdout, stderr } = await scopes(t, 'values', options);
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
          ['plain', 'pause', 'watch'].map((kind) => scopes(t, `${what}-${kind}`, options)),
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
      const { code, stdout, stderr } = await scopes(t, 'refused', options);
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
