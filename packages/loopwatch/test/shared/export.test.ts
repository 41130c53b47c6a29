/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { foldedStacks } from '#src/shared/export/folded.js';
import { speedscopeDocument } from '#src/shared/export/speedscope.js';
import type { BlockRecord, Frame } from '#src/shared/record/record.js';
import { recordOf } from '../record.fixture.js';

const schemaFile = new URL(import.meta.resolve('speedscope/dist/release/file-format-schema.json'));
const schema = JSON.parse(readFileSync(schemaFile, 'utf8')) as object;
const isSpeedscope = new Ajv({ strict: false }).compile(schema);

function frame(name: string | null, file: string | null, line: number | null): Frame {
  return { function: name, file, line, column: null, inApp: true, async: false };
}

function withStacks(...stacks: [count: number, ...frames: Frame[]][]): BlockRecord {
  return recordOf({
    durationMs: 100,
    samples: { count: 99, stacks: stacks.map(([count, ...frames]) => ({ count, frames })) },
  });
}

const inner = frame('inner', '/app/a.ts', 3);
const outer = frame('outer', '/app/b.ts', 7);

test('stacks collapse to lines, outermost frame first, in ms', () => {
  assert.equal(
    foldedStacks([withStacks([3, inner, outer], [1, outer])]),
    'outer (/app/b.ts:7);inner (/app/a.ts:3) 75\nouter (/app/b.ts:7) 25\n',
  );
});

test('the stacks of several records add up', () => {
  const record = withStacks([1, inner, outer]);
  assert.equal(foldedStacks([record, record]), 'outer (/app/b.ts:7);inner (/app/a.ts:3) 200\n');
});

test('names that would break a line of collapsed stacks are made fit', () => {
  const odd = frame('a;b\nc\td', 'C:\\x;y', null);
  assert.equal(foldedStacks([withStacks([1, odd])]), 'a:bc d (C:\\x:y) 100\n');
  assert.equal(foldedStacks([withStacks([1, frame(null, null, null)])]), '(anonymous) 100\n');
});

test('no stacks are no lines and no profiles', () => {
  const records = [withStacks(), withStacks([1])];
  assert.equal(foldedStacks(records), '');
  assert.deepEqual(speedscopeDocument(records).profiles, []);
});

test('a speedscope document keeps to its schema', () => {
  const odd = frame(null, null, null);
  const records = [recordOf(), withStacks([3, inner, outer], [1, odd, outer]), withStacks()];
  const document = speedscopeDocument(records);
  assert.ok(isSpeedscope(document), JSON.stringify(isSpeedscope.errors));
  assert.equal(document.profiles.length, 2);
  const [, profile] = document.profiles;
  assert.deepEqual(profile?.weights, [75, 25]);
  const names = profile?.samples.map((stack) => {
    return stack.map((index) => document.shared.frames[index]?.name);
  });
  assert.deepEqual(names, [
    ['outer', 'inner'],
    ['outer', '(anonymous)'],
  ]);
});

test('the schema refuses what is no such document', () => {
  assert.equal(isSpeedscope({ ...speedscopeDocument([recordOf()]), shared: null }), false);
});
