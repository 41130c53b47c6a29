/**
 * What a CPU profile adds to a record.
 *
 * @machine pure
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Blame, ProfileSlice } from '#src/shared/record/profiler.js';
import type { BlockRecord, Culprit, Frame } from '#src/shared/record/record.js';
import { refinedByProfile } from '#src/watchdog/verdict/profile-refinement.js';
import { recordOf } from '../record.fixture.js';

const PARSE: Blame = {
  ...{ function: 'parse', file: '/srv/parse.mjs', line: 12, declaredLine: 10 },
  ...{ callee: null, package: null },
};

const CALLER: Culprit = {
  ...{ function: 'parse', file: '/srv/parse.mjs', line: 14, column: 3 },
  ...{ package: null, precision: 'caller' },
};

const SCRYPT = { function: 'scryptSync', file: 'node:internal/crypto/scrypt' };

function frame(name: string, file: string, line: number): Frame {
  return { function: name, file, line, column: 1, inApp: !file.startsWith('node:'), async: false };
}

function hidden(parts: Partial<BlockRecord> = {}, ...frames: Frame[]): BlockRecord {
  const samples = { count: 1, stacks: [{ count: 1, frames }] };
  return recordOf({ cause: 'native', culprit: CALLER, samples, ...parts });
}

function slice(blame: Blame | null, parts: Partial<ProfileSlice> = {}): ProfileSlice {
  return { blame, gcMs: 0, file: '/srv/1.cpuprofile', ...parts };
}

describe('the culprit', () => {
  test('of a native call gets its line', () => {
    const found = refinedByProfile(hidden(), slice(PARSE));
    assert.deepEqual(found.culprit, { ...CALLER, line: 12, column: null, precision: 'exact' });
    assert.equal(found.profile, '/srv/1.cpuprofile');
  });

  test('keeps its column where the line was right', () => {
    const found = refinedByProfile(hidden({ culprit: { ...CALLER, line: 12 } }), slice(PARSE));
    assert.deepEqual([found.culprit?.column, found.culprit?.precision], [3, 'exact']);
  });

  test('is another where the samples came too late', () => {
    for (const culprit of [null, { ...CALLER, function: 'next', file: '/srv/next.mjs' }]) {
      const found = refinedByProfile(hidden({ culprit }), slice(PARSE)).culprit;
      assert.deepEqual([found?.function, found?.line, found?.precision], ['parse', 12, 'exact']);
    }
  });

  test('of a call into Node gets the line from a stack that still shows the call', () => {
    const blame = { ...PARSE, line: null, callee: SCRYPT };
    const inCall = [frame('scryptSync', SCRYPT.file, 90), frame('parse', PARSE.file, 13)];
    const found = refinedByProfile(hidden({}, ...inCall), slice(blame)).culprit;
    assert.deepEqual([found?.line, found?.precision], [13, 'exact']);
    const after = refinedByProfile(
      hidden({}, frame('parse', PARSE.file, 14)),
      slice(blame),
    ).culprit;
    assert.deepEqual(after, CALLER, 'the stack shows what was called next');
  });

  test('of which no line is known begins where the function does', () => {
    const blame = { ...PARSE, line: null, callee: SCRYPT };
    const found = refinedByProfile(hidden({ culprit: null }), slice(blame)).culprit;
    assert.deepEqual([found?.line, found?.precision], [10, 'caller']);
  });

  test('keeps the longer name of a method', () => {
    const culprit = { ...CALLER, function: 'Shop.parse' };
    const found = refinedByProfile(hidden({ culprit }), slice(PARSE)).culprit;
    assert.deepEqual([found?.function, found?.line], ['Shop.parse', 12]);
  });

  test('stays what it was where it was seen running, or where nobody had most of the time', () => {
    const exact = recordOf();
    assert.deepEqual(refinedByProfile(exact, slice(PARSE)).culprit, exact.culprit);
    assert.deepEqual(refinedByProfile(hidden(), slice(null)).culprit, CALLER);
  });
});

test('a block in which the heap was collected most of the time was a collection', () => {
  const causes = [300, 100].map((gcMs) => refinedByProfile(hidden(), slice(null, { gcMs })).cause);
  assert.deepEqual(causes, ['gc', 'native']);
});
