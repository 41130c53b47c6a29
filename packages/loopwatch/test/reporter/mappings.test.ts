/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addMapping, GenMapping, toEncodedMap } from '@jridgewell/gen-mapping';
import fc from 'fast-check';
import { isParsable } from '#src/reporter/symbolicate/map/json-size.js';
import { Mappings } from '#src/reporter/symbolicate/map/mappings.js';
import { originalOf } from '../decode.fixture.js';

const SOURCE = 'a.ts';
const BEGIN = { line: 0, column: 0 };

/** What a decoder of parts says of a position, in the form of the reference. */
function originalIn(mappings: Mappings, from: typeof BEGIN, line: number, column: number) {
  const to = { line: line - 1, column: column - 1 };
  const [, source, originalLine = 0, originalColumn = 0] =
    mappings.within([{ from, to }])[to.line]?.at(-1) ?? [];
  if (source === undefined) return null;
  return { source: SOURCE, line: originalLine + 1, column: originalColumn + 1 };
}

test('a part of any map is what a slow and obvious decoder makes of it', () => {
  const number = (max: number) => fc.integer({ min: 1, max });
  const place = fc.record({
    line: number(20),
    column: number(50),
    to: number(9000),
    at: number(90),
  });
  fc.assert(
    fc.property(
      fc.array(place, { maxLength: 50 }),
      number(22),
      number(55),
      (places, line, column) => {
        const map = new GenMapping({});
        for (const { line, column, to, at } of places) {
          const original = { line: to, column: at };
          addMapping(map, { generated: { line, column: column - 1 }, source: SOURCE, original });
        }
        const encoded = toEncodedMap(map);
        const mappings = new Mappings(encoded.mappings);
        assert.equal(mappings.isSorted, true);
        assert.deepEqual(
          originalIn(mappings, BEGIN, line, column),
          originalOf(encoded, line, column),
        );
      },
    ),
    { numRuns: 500 },
  );
});

/** 40 lines of 2,000 segments, each one column and one line further than the one before. */
const LARGE = `AAAA${',CACC'.repeat(2000)};`.repeat(40);

test('a part far inside of a large map begins where it is known what came before', () => {
  const mappings = new Mappings(LARGE);
  const encoded = { mappings: LARGE, sources: [SOURCE] };
  for (const [line, column] of [
    [1, 1],
    [7, 1500],
    [20, 1],
    [33, 777],
    [40, 2001],
  ] as const) {
    const from = { line: line - 1, column: Math.max(0, column - 10) };
    assert.deepEqual(
      originalIn(mappings, from, line, column),
      originalOf(encoded, line, column),
      `${line}:${column}`,
    );
  }
});

test('stretches that overlap give each segment once, in order', () => {
  const mappings = new Mappings(LARGE);
  const stretch = (from: number, to: number) => {
    return { from: { line: 5, column: from }, to: { line: 5, column: to } };
  };
  const lines = mappings.within([stretch(90, 120), stretch(100, 110), stretch(10, 12)]);
  const columns = lines[5]?.map(([column]) => column) ?? [];
  const expected = [10, 11, 12, ...Array.from({ length: 31 }, (_, index) => 90 + index)];
  assert.deepEqual(columns, expected);
  assert.equal(lines.length, 6);
});

test('what is not there is nothing', () => {
  const far = { line: 9e6, column: 0 };
  assert.deepEqual(new Mappings('').within([{ from: BEGIN, to: far }]), []);
  assert.deepEqual(new Mappings(';;;').within([{ from: BEGIN, to: far }]), []);
  assert.deepEqual(new Mappings('AAAA').within([]), []);
  assert.deepEqual(new Mappings('AAAA').within([{ from: far, to: far }]), []);
});

test('a million segments at one place are too many', () => {
  const mappings = new Mappings('AAAA,'.repeat(1_000_001));
  assert.throws(() => mappings.within([{ from: BEGIN, to: BEGIN }]), { reason: 'too-large' });
});

test('disorder in a line is noticed', () => {
  assert.equal(new Mappings('EAAA,DAAA').isSorted, false);
  assert.equal(new Mappings('EAAA;AAAA').isSorted, true);
});

test('what a JSON text takes is known before it is parsed', () => {
  const quotes = 'say \\"yes, [no], {maybe}" \\\\';
  assert.ok(isParsable(JSON.stringify(Array(5000).fill(quotes.repeat(200)))));
  assert.ok(isParsable(JSON.stringify({ names: Array(500_000).fill('a') })));
  assert.ok(!isParsable(JSON.stringify(Array(3_000_000).fill(0))));
  assert.ok(!isParsable(`${'['.repeat(200)}${']'.repeat(200)}`));
  assert.ok(isParsable('"'));
  assert.ok(isParsable(''));
});
