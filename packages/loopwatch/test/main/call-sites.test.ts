/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { runInNewContext } from 'node:vm';
import {
  CAPTURE_SOURCE,
  isEntryOffset,
  parseStack,
  takeStack,
} from '#src/main/stack/call-sites.js';

const prepareBefore = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace');
const limitBefore = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit');
after(() => {
  if (prepareBefore === undefined)
    delete (Error as { prepareStackTrace?: unknown }).prepareStackTrace;
  else Object.defineProperty(Error, 'prepareStackTrace', prepareBefore);
  if (limitBefore !== undefined) Object.defineProperty(Error, 'stackTraceLimit', limitBefore);
});

function boundary() {
  return takeStack(boundary);
}

function blocked() {
  return boundary();
}

test('the boundary and what it called are left out, the caller is innermost', () => {
  const { frames } = blocked();
  assert.equal(frames[0]?.[0], 'blocked');
  assert.match(frames[0]?.[1] ?? '', /call-sites\.test\.js$/);
  assert.ok((frames[0]?.[2] ?? 0) > 1);
});

test('a name that no person gave is cut to a length that fits', () => {
  const name = 'x'.repeat(100_000);
  const { [name]: made } = { [name]: () => boundary() };
  assert.equal(made?.().frames[0]?.[0], name.slice(0, 500));
});

test("a user's stackTraceLimit of 0 neither limits us nor is changed", () => {
  Error.stackTraceLimit = 0;
  assert.equal(blocked().frames[0]?.[0], 'blocked');
  assert.equal(Error.stackTraceLimit, 0);
  Error.stackTraceLimit = 10;
});

test("a user's prepareStackTrace is not called, and is put back as it was", () => {
  let calls = 0;
  const theirs = () => {
    calls++;
    throw new Error('hostile');
  };
  Error.prepareStackTrace = theirs;
  assert.equal(blocked().frames[0]?.[0], 'blocked');
  assert.equal(Error.prepareStackTrace, theirs);
  assert.equal(calls, 0);
  delete (Error as { prepareStackTrace?: unknown }).prepareStackTrace;
});

test('an accessor is put back as an accessor', () => {
  const get = () => undefined;
  const set = () => undefined;
  Object.defineProperty(Error, 'prepareStackTrace', { get, set, configurable: true });
  assert.equal(blocked().frames[0]?.[0], 'blocked');
  assert.equal(Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace')?.get, get);
  delete (Error as { prepareStackTrace?: unknown }).prepareStackTrace;
});

test('no property is left where there was none', () => {
  delete (Error as { prepareStackTrace?: unknown }).prepareStackTrace;
  blocked();
  assert.equal(Object.hasOwn(Error, 'prepareStackTrace'), false);
});

test('the evaluated expression is recognised by its name', () => {
  const script = `boundary()\n//# sourceURL=${CAPTURE_SOURCE}`;
  const { frames } = runInNewContext(script, { boundary }) as ReturnType<typeof takeStack>;
  assert.ok(frames.every(([, file]) => file !== CAPTURE_SOURCE));
});

test('functions that await are marked async', async () => {
  async function inner() {
    await null;
    return boundary();
  }
  async function outer() {
    return await inner();
  }
  const { frames } = await outer();
  const waiting = frames.find(([name]) => name === 'outer');
  assert.equal(waiting?.[4], 1);
  assert.equal(frames[0]?.[4], 0);
});

test('the entry of a function is told from the inside of it by its offset', () => {
  const offsetOf = (source: string) => source.indexOf('(');
  const entries: [string, string | null][] = [
    ['function (a) {}', null],
    ['function(a) {}', null],
    ['function* g(a) {}', 'g'],
    ['function named(a) {}', 'named'],
    ['(a) => a', null],
  ];
  for (const [source, name] of entries) assert.ok(isEntryOffset(offsetOf(source), name), source);
  assert.equal(isEntryOffset('function f() { '.length, 'f'), false);
  assert.equal(isEntryOffset('function () { '.length, null), false);
});

test('a stack that is only there as text gives the same frames', () => {
  const text = [
    'Error: x',
    '    at blocked (file:///app/a.js:3:5)',
    '    at new Thing (/app/b.js:4:6)',
    '    at async Object.run [as go] (node:internal/x:7:8)',
    '    at /app/c.js:9:10',
    `    at ${CAPTURE_SOURCE}:1:1`,
  ].join('\n');
  assert.deepEqual(parseStack(text), [
    ['blocked', 'file:///app/a.js', 3, 5, 0],
    ['Thing', '/app/b.js', 4, 6, 0],
    ['Object.run', 'node:internal/x', 7, 8, 1],
    [null, '/app/c.js', 9, 10, 0],
  ]);
});
