/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { page, pagePolicy, scriptJson } from '#src/shared/pictures/page.js';
import { type Found, picturesOf } from '#src/shared/pictures/picture.js';
import type { FlameShape, TimelineEvent } from '#src/shared/pictures/pictures.js';
import { boundedEvents } from '#src/shared/pictures/timeline-events.js';
import type { BlockRecord } from '#src/shared/record/record.js';
import { recordOf } from '../record.fixture.js';

function idOf(number: number): string {
  return number.toString(16).padStart(32, '0');
}

function foundOf(records: readonly BlockRecord[], more: Partial<Found> = {}): Found {
  return { records, unconfirmed: [], hints: new Map(), source: 'shop.ndjson', ...more };
}

const START = Date.parse('2026-01-02T03:04:05.000Z');

function at(ms: number): string {
  return new Date(START + ms).toISOString();
}

/** Blocks of some functions in some routes, a second apart. */
function many(count: number): BlockRecord[] {
  return Array.from({ length: count }, (_, number) => {
    const record = recordOf();
    const name = `function${number % 80}`;
    return {
      ...record,
      id: idOf(number),
      startedAt: at(number * 1000),
      durationMs: 100 + (number % 997),
      culprit: { ...record.culprit, function: name } as BlockRecord['culprit'],
      request: { ...record.request, route: `/${number % 70}` } as BlockRecord['request'],
    };
  });
}

test('of nothing there is a picture, too', () => {
  const { period, counts, events, blocks, culprits } = picturesOf(foundOf([]));
  assert.deepEqual([period, counts.blocks, counts.longestMs], [null, 0, 0]);
  assert.deepEqual([events, blocks, culprits], [[], [], []]);
});

test('blocks are added up by function and by route, the costliest first', () => {
  const line = (number: number, parts: Partial<BlockRecord>) => {
    return recordOf({ id: idOf(number), startedAt: at(number * 1000), ...parts });
  };
  const culprit = recordOf().culprit as NonNullable<BlockRecord['culprit']>;
  const pictures = picturesOf(
    foundOf([
      line(1, { durationMs: 100 }),
      line(2, { durationMs: 300, culprit: { ...culprit, line: 90 }, cause: 'gc' }),
      line(3, { durationMs: 1000, culprit: { ...culprit, function: null }, request: null }),
    ]),
  );
  const rows = pictures.culprits.map(({ name, place, totalMs, count, causes }) => {
    return [name, place, totalMs, count, causes.join()];
  });
  assert.deepEqual(rows, [
    ['(anonymous)', '/srv/app/src/report.ts:88', 1000, 1, 'javascript'],
    ['renderReport', '/srv/app/src/report.ts:90', 400, 2, 'gc,javascript'],
  ]);
  const [route, ...others] = pictures.routes;
  assert.deepEqual(
    [route?.route, route?.totalMs, route?.delayed, route?.culprits, others.length],
    ['GET /report/:id', 400, 24, ['renderReport'], 0],
  );
  assert.deepEqual(pictures.period, { fromMs: START + 1000, toMs: START + 4000 });
  assert.equal(pictures.counts.blockedMs, 1400);
});

test('flame graphs begin with the outermost function, and stand for the time of the block', () => {
  const { blocks, frames } = picturesOf(foundOf([recordOf({ durationMs: 400 })]));
  const flame = blocks[0]?.flame ?? { ms: 0, roots: [] };
  const [[outer, outerMs, [inner]]] = flame.roots as readonly FlameShape[] as [
    [number, number, [FlameShape]],
  ];
  assert.deepEqual([flame.ms, outerMs, inner[1], inner[2]], [400, 400, 400, []]);
  assert.equal(frames[outer]?.name, 'handle');
  assert.deepEqual(frames[inner[0]], {
    name: 'renderReport',
    place: '/srv/app/src/report.ts:88',
    inApp: true,
  });
});

test('the advice is the one of the hint in the log', () => {
  const record = recordOf({ cause: 'unknown', samples: { count: 0, stacks: [] } });
  const plain = picturesOf(foundOf([record]));
  const hint =
    'Rewrite the regular expression without nested or overlapping repetition, limit the input length, or use re2.';
  const hinted = picturesOf(foundOf([record], { hints: new Map([[record.id, hint]]) }));
  assert.notEqual(plain.advices[0]?.hint, hint);
  assert.equal(hinted.advices[hinted.blocks[0]?.advice ?? -1]?.hint, hint);
  const strange = picturesOf(foundOf([record], { hints: new Map([[record.id, '<b>no</b>']]) }));
  assert.deepEqual(strange.advices, plain.advices);
});

test('ten thousand blocks are a page of bounded size, and all are in its sums', () => {
  const pictures = picturesOf(foundOf(many(10_000)));
  assert.ok(pictures.events.length <= 600);
  assert.equal(
    pictures.events.reduce((sum, { count }) => sum + count, 0),
    10_000,
  );
  assert.ok(pictures.blocks.length <= 200);
  assert.equal(pictures.blocks.at(-1)?.id, idOf(9999), 'the latest');
  assert.deepEqual([pictures.culprits.length, pictures.more.culprits], [50, 30]);
  assert.deepEqual([pictures.routes.length, pictures.more.routes], [50, 20]);
  assert.equal(pictures.more.blocks, 10_000 - pictures.blocks.length);
  assert.equal(pictures.counts.blocks, 10_000);
  assert.ok(scriptJson(pictures).length < 500_000);
});

test('neighbours on the timeline are as one, which is like the longest of them', () => {
  const event = (number: number, longestMs: number): TimelineEvent => {
    return { kind: 'block', atMs: number, longestMs, count: 1, text: `${number}`, block: null };
  };
  const events = Array.from({ length: 2000 }, (_, number) => event(number, 100));
  const bounded = boundedEvents([...events, event(1000, 5000)].reverse());
  assert.equal(bounded.length, 200);
  const longest = bounded.find(({ longestMs }) => longestMs === 5000);
  assert.deepEqual([longest?.atMs, longest?.count], [1000, 11]);
  assert.deepEqual(
    boundedEvents(events.slice(0, 600).reverse()).map(({ text }) => text),
    events.slice(0, 600).map(({ text }) => text),
  );
});

test('deep and wide stacks are cut', () => {
  const frame = recordOf().samples.stacks[0]
    ?.frames[0] as BlockRecord['samples']['stacks'][0]['frames'][0];
  const deep = Array.from({ length: 1000 }, (_, line) => ({ ...frame, line }));
  const stacks = [{ count: 1, frames: deep }];
  const { blocks } = picturesOf(foundOf([recordOf({ samples: { count: 1, stacks } })]));
  let depth = 0;
  let shapes = blocks[0]?.flame.roots as readonly FlameShape[];
  for (; shapes.length > 0; depth++) shapes = shapes[0]?.[2] ?? [];
  assert.equal(depth, 200);
});

const HOSTILE = `</script><!--<script><img src=x onerror=alert(1)>"'\u2028\u202e\u0000`;

test('no text gets out of the script element that holds it', () => {
  const culprit = { ...recordOf().culprit, function: HOSTILE.repeat(1000), file: HOSTILE };
  const record = recordOf({ culprit: culprit as BlockRecord['culprit'] });
  const pictures = picturesOf(foundOf([record], { source: HOSTILE }));
  const json = scriptJson(pictures);
  assert.doesNotMatch(json, /[<>&\u2028\u2029\u202e]/);
  assert.deepEqual(JSON.parse(json), pictures);
  assert.ok((pictures.culprits[0]?.name.length ?? 0) <= 301);
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.equal(JSON.parse(scriptJson(text)), text);
      return !/[<>]/.test(scriptJson(text));
    }),
  );
});

test('a page may run its script and its style, and load nothing', () => {
  const parts = { title: 'a title', style: 'p{}', script: 'draw()' };
  const policy = pagePolicy(parts, ["connect-src 'self'"]);
  assert.match(policy, /^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'/);
  assert.match(policy, /base-uri 'none'; form-action 'none'; connect-src 'self'$/);
  const html = page(parts);
  assert.match(html, /<style>p\{\}<\/style>/);
  assert.match(html, /<script>draw\(\)<\/script>/);
});
