/**
 * Cutting a profile to a block, and saying who had its time.
 *
 * @machine pure
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { blame } from '#src/profile/blame.js';
import { Tree } from '#src/profile/cpu-profile.js';
import { sliceOf } from '#src/profile/slice.js';
import { type Fn, type Moment, profileOf } from './thread.fixture.js';

const handler: Fn = { name: 'handler', url: 'file:///srv/app.mjs' };
const parse: Fn = { name: 'parse', url: 'file:///srv/parse.mjs' };
const unnamed: Fn = { name: '', url: 'file:///srv/parse.mjs' };
const scrypt: Fn = { name: 'scryptSync', url: 'node:internal/crypto/scrypt' };
const render: Fn = { name: 'render', url: 'file:///srv/node_modules/@acme/views/index.js' };
const addon: Fn = { name: 'exec', url: '' };
const gc: Fn = { name: '(garbage collector)', url: '' };
const idle: Fn = { name: '(idle)', url: '' };

const moment = (line: number, ...stack: Fn[]): Moment => ({ stack, line });
const times = (count: number, one: Moment): Moment[] => Array<Moment>(count).fill(one);

/** Blames the samples from one to another, both included. */
function blamed(moments: readonly Moment[], first = 0, last = moments.length - 1) {
  const profile = profileOf(moments);
  const slice = sliceOf(profile, profileTime(first) - 5000, profileTime(last) + 5000);
  assert.ok(slice);
  return { slice, blame: blame(profile, slice) };
}

function profileTime(index: number): number {
  return (index + 1) * 10_000;
}

describe('a slice', () => {
  const anyFn = fc.constantFrom(handler, parse, unnamed, scrypt, render, addon);
  const anyMoment = fc.oneof(
    fc.constantFrom(moment(0, gc), moment(0, idle)),
    fc.record({
      stack: fc.array(anyFn, { minLength: 1, maxLength: 5 }),
      line: fc.integer({ min: 10, max: 13 }),
    }),
  );
  const anyMoments = fc.array(anyMoment, { minLength: 1, maxLength: 60 });

  test('is a profile that holds together, of just that time', () => {
    fc.assert(
      fc.property(anyMoments, fc.nat(60), fc.nat(60), (moments, one, other) => {
        const [from, to] = [Math.min(one, other), Math.max(one, other)];
        const [startUs, endUs] = [profileTime(from) - 3000, profileTime(to) + 4000];
        const whole = profileOf(moments);
        const slice = sliceOf(whole, startUs, endUs);
        const expected = (whole.samples ?? []).slice(from, to + 1);
        if (slice === null) {
          assert.ok(expected.length < 3);
          return;
        }
        const { nodes, samples = [], timeDeltas = [], startTime, endTime } = slice.profile;
        assert.deepEqual(samples, expected);
        assert.equal(timeDeltas.length, samples.length);
        assert.deepEqual([startTime, endTime], [startUs, endUs]);
        const lastUs = startTime + timeDeltas.reduce((sum, delta) => sum + delta, 0);
        assert.ok(timeDeltas.every((delta) => delta >= 0) && lastUs <= endTime);
        const seenUs = slice.seen.reduce((sum, { forUs }) => sum + forUs, 0);
        assert.equal(seenUs, endUs - startUs, 'all of the time is accounted for');
        const ids = new Set(nodes.map(({ id }) => id));
        for (const { children = [] } of nodes) for (const id of children) assert.ok(ids.has(id));
        const hits = nodes.reduce((sum, { hitCount = 0 }) => sum + hitCount, 0);
        assert.equal(hits, samples.length);
        const tree = new Tree(slice.profile);
        for (const id of samples) {
          assert.equal(tree.stack(id).at(-1)?.callFrame.functionName, '(root)');
          const names = (of: Tree) => of.stack(id).map(({ callFrame }) => callFrame.functionName);
          assert.deepEqual(names(tree), names(new Tree(whole)));
        }
      }),
    );
  });

  test('says how much of it the heap was collected', () => {
    const { slice } = blamed([...times(6, moment(12, parse)), ...times(4, moment(0, gc))]);
    assert.ok(Math.abs(slice.gcMs - 40) <= 10, `${slice.gcMs}`);
  });

  test('puts samples that V8 wrote out of order into theirs', () => {
    const profile = profileOf(times(5, moment(12, parse)));
    profile.timeDeltas = [10_000, 20_000, -10_000, 20_000, 10_000];
    const slice = sliceOf(profile, 5000, 60_000);
    assert.ok(slice?.profile.timeDeltas?.every((delta) => delta >= 0));
  });

  test('is none where too little was seen', () => {
    assert.equal(sliceOf(profileOf(times(9, moment(12, parse))), 0, 20_000), null);
    assert.equal(sliceOf(profileOf([]), 0, 20_000), null);
  });

  test('names a line only if most of the samples were on it', () => {
    fc.assert(
      fc.property(anyMoments, fc.nat(59), fc.nat(59), (moments, one, other) => {
        const [from, to] = [Math.min(one, other), Math.max(one, other)];
        const whole = profileOf(moments);
        const slice = sliceOf(whole, profileTime(from) - 1, profileTime(to) + 1);
        const found = slice === null ? null : blame(whole, slice);
        if (found === null || found.line === null) return;
        const own = moments.slice(from, to + 1).filter(({ stack }) => {
          const innermost = stack.findLast(({ url }) => url !== '');
          return innermost?.name === (found.function ?? '') && innermost.url.endsWith(found.file);
        });
        const there = own.filter(({ line }) => line === found.line);
        assert.ok(there.length * 2 > own.length, `${there.length} of ${own.length}`);
      }),
    );
  });
});

describe('who is blamed', () => {
  test('a native call, by the line of the function that made it', () => {
    const { blame: found } = blamed([
      ...times(2, moment(11, handler, parse)),
      ...times(9, moment(12, handler, parse)),
      ...times(3, moment(0, gc)),
    ]);
    assert.deepEqual(found, {
      ...{ function: 'parse', file: '/srv/parse.mjs', line: 12, declaredLine: 10 },
      ...{ callee: null, package: null, share: 1 },
    });
    const inAddon = blamed(times(5, moment(12, handler, addon))).blame;
    assert.deepEqual([inAddon?.function, inAddon?.line], ['handler', 12]);
  });

  test('the caller of Node or of a dependency, with what it called', () => {
    const inNode = blamed(times(5, moment(30, handler, parse, scrypt))).blame;
    assert.deepEqual([inNode?.function, inNode?.line], ['parse', null]);
    assert.deepEqual(inNode?.callee, { function: 'scryptSync', file: scrypt.url });
    const inPackage = blamed(times(5, moment(30, handler, render, scrypt))).blame;
    assert.deepEqual([inPackage?.function, inPackage?.package], ['handler', '@acme/views']);
  });

  test('a dependency, where nothing of the program was on the stack', () => {
    const { blame: found } = blamed(times(5, moment(12, render)));
    assert.deepEqual([found?.function, found?.package], ['render', '@acme/views']);
  });

  test('nobody, where nobody had most of the time', () => {
    assert.equal(blamed([...times(4, moment(0, idle)), ...times(4, moment(0, gc))]).blame, null);
    const shared = [parse, handler, unnamed].flatMap((fn) => times(4, moment(12, fn)));
    assert.equal(blamed(shared).blame, null);
  });

  test('no line, where the rest of the window may have had the ticks', () => {
    const before = times(20, moment(11, parse));
    const block = times(5, moment(12, parse));
    const { blame: found } = blamed([...before, ...block], 20, 24);
    assert.deepEqual([found?.function, found?.line], ['parse', null]);
    const less = blamed([...before.slice(0, 2), ...times(9, moment(12, parse))], 2, 10).blame;
    assert.equal(less?.line, 12);
  });

  test('a function without a name', () => {
    assert.equal(blamed(times(5, moment(12, unnamed))).blame?.function, null);
  });
});
