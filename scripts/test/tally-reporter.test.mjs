/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureLines, sum } from '../suite/tally.mjs';
import tallyReporter from '../suite/tally-reporter.mjs';

const file = '/checkout/test/dist/some.test.js';

function event(type, { type: kind = 'test', ...data } = {}) {
  return { type, data: { name: 'a test', file, details: { type: kind }, ...data } };
}

async function written(events) {
  const texts = [];
  for await (const text of tallyReporter(events)) texts.push(text);
  return texts.map((text) => JSON.parse(text));
}

async function tallyOf(events) {
  const [{ files }] = await written(events);
  const { failures, ...tally } = sum(Object.values(files));
  assert.equal(failures.length, tally.failed);
  return tally;
}

test('tests are counted, suites and other events are not', async () => {
  const events = [
    event('test:start'),
    event('test:pass'),
    event('test:pass', { nesting: 1 }),
    event('test:pass', { type: 'suite' }),
    event('test:fail'),
    event('test:fail', { type: 'suite' }),
  ];
  assert.deepEqual(await tallyOf(events), { passed: 2, failed: 1, skipped: 0 });
});

test('skipped and todo tests count as skipped, whatever their result', async () => {
  const events = [
    event('test:pass', { skip: true }),
    event('test:pass', { todo: 'a reason' }),
    event('test:fail', { todo: true }),
  ];
  assert.deepEqual(await tallyOf(events), { passed: 0, failed: 0, skipped: 3 });
});

test('a file without tests is no test, a file that crashed is a failure', async () => {
  const events = [event('test:pass', { name: file }), event('test:fail', { name: file })];
  assert.deepEqual(await tallyOf(events), { passed: 0, failed: 1, skipped: 0 });
});

test('a run without events has a tally too', async () => {
  assert.deepEqual(await tallyOf([]), { passed: 0, failed: 0, skipped: 0 });
});

test('a failure is told with its message, to be shown again at the end', async () => {
  const error = new Error('1 subtest failed', { cause: new Error('1 is not 2') });
  const details = { type: 'test', error };
  const events = [{ type: 'test:fail', data: { name: 'adds', file, details } }];
  const [{ files }] = await written(events);
  const tally = sum(Object.values(files));
  assert.deepEqual(tally.failures, ['adds: 1 is not 2']);
  assert.equal(failureLines(tally), '\nfailed: adds: 1 is not 2\n');
  assert.equal(failureLines(sum([tally, tally])), failureLines(tally).repeat(2));
});

test('each file has its own tally, with its slowest test, and the run its CPU time', async () => {
  const other = '/checkout/test/dist/other.test.js';
  const took = (ms) => ({ type: 'test', duration_ms: ms });
  const events = [
    { type: 'test:pass', data: { name: 'quick', file, details: took(3) } },
    { type: 'test:pass', data: { name: 'slow', file, details: took(30.4) } },
    { type: 'test:pass', data: { name: 'elsewhere', file: other, details: took(7) } },
  ];
  const [{ files, cpuSeconds }] = await written(events);
  assert.deepEqual([files[file].passed, files[other].passed], [2, 1]);
  assert.deepEqual(files[file].slowest, { name: 'slow', ms: 30 });
  if (process.platform === 'linux') assert.ok(cpuSeconds > 0, `${cpuSeconds}`);
});
