/**
 * Whatever blocks, the report names the function and the line, and says how sure it is.
 *
 * @machine timed
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Cause, Precision } from 'loopwatch';
import { type BlockKind, blocking, measuredMs, onlyReport, undisturbed } from './harness/block.js';
import { markedLines } from './harness/markers.js';
import { programPath } from './harness/places.js';
import { run } from './harness/run.js';

interface Expected {
  /** Default: the kind. Null for a function without a name. */
  readonly functions?: readonly (string | null)[];
  readonly causes: readonly Cause[];
  readonly precision: Precision;
  readonly hint: RegExp;
}

const expected: Readonly<Record<BlockKind, Expected>> = {
  busy: { causes: ['javascript'], precision: 'exact', hint: /piscina/ },
  regex: { causes: ['javascript'], precision: 'exact', hint: /regular expression/ },
  // The comparator is a function of its own, on the same line.
  sort: {
    ...{ functions: ['sort', null], causes: ['javascript'] },
    ...{ precision: 'exact', hint: /^Sort fewer items/ },
  },
  // Each call is too long to be interrupted and too short to fill the block.
  json: { causes: ['native', 'javascript'], precision: 'caller', hint: /^Make the JSON smaller/ },
  native: { causes: ['native'], precision: 'caller', hint: /asynchronous form \(scrypt, pbkdf2/ },
  exec: { causes: ['sync-io'], precision: 'caller', hint: /^Use execFile/ },
  wait: { causes: ['sync-io'], precision: 'exact', hint: /^Use Atomics\.waitAsync/ },
  microtasks: { causes: ['javascript'], precision: 'exact', hint: /setImmediate/ },
  ticks: {
    ...{ functions: ['again'], causes: ['javascript'] },
    ...{ precision: 'exact', hint: /process\.nextTick/ },
  },
};

describe('kinds of blocks', () => {
  for (const [name, { functions, causes, precision, hint }] of Object.entries(expected)) {
    const kind = name as BlockKind;
    test(kind, async (t) => {
      const ended = await undisturbed(() => run(t, blocking({ kind, ms: 600 })));
      const { block, hint: said } = onlyReport(ended);
      const [measured = Number.NaN] = measuredMs(ended.stdout);
      const { culprit, cause } = block;
      assert.ok((functions ?? [kind]).includes(culprit?.function ?? null), culprit?.function ?? '');
      assert.equal(culprit?.file, programPath('block.mjs'));
      const lines = markedLines('block.mjs', `culprit: ${kind}`);
      assert.ok(lines.includes(culprit?.line ?? 0), `line ${culprit?.line}, not one of ${lines}`);
      assert.ok(causes.includes(cause), cause);
      assert.equal(culprit?.precision, precision);
      assert.match(said ?? '', hint);
      assert.ok(Math.abs(block.durationMs - measured) <= 50, `${block.durationMs} of ${measured}`);
    });
  }

  test('several blocks are several reports', async (t) => {
    const settings = { kind: 'wait', ms: 300, delay: 600, times: 4, gap: 150 } as const;
    const ended = await run(t, blocking(settings));
    assert.equal(ended.code, 0);
    const ids = ended.stderr.match(/"id":"[0-9a-f]{32}"/g) ?? [];
    assert.equal(ids.length, 4, ended.stderr);
    assert.equal(new Set(ids).size, 4);
  });
});

describe('the block program refuses what makes no sense', { concurrency: 2 }, () => {
  const refused: Readonly<Record<string, RegExp>> = {
    'kind=nap': /no kind 'nap'/,
    'end=explode': /no ending 'explode'/,
    'ms=long': /ms must be a whole number/,
    'ms=': /ms must be a whole number/,
    'times=0': /times must not be 0/,
    'end=natural code=3': /code has no meaning with end=natural/,
    'gap=100': /gap has no meaning without times/,
    'speed=9': /no setting 'speed'/,
    'ms=100 ms=200': /ms is given twice/,
    nonsense: /not name=value/,
  };
  for (const [args, message] of Object.entries(refused)) {
    test(args, async (t) => {
      const { code, stderr } = await run(t, [programPath('block.mjs'), ...args.split(' ')]);
      assert.equal(code, 64);
      assert.match(stderr, message);
    });
  }
});
