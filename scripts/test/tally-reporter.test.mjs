import assert from 'node:assert/strict';
import { test } from 'node:test';
import tallyReporter from '../lib/tally-reporter.mjs';

const file = '/checkout/test/dist/some.test.js';

function event(type, { type: kind = 'test', ...data } = {}) {
  return { type, data: { name: 'a test', file, details: { type: kind }, ...data } };
}

async function tallyOf(events) {
  let written = '';
  for await (const text of tallyReporter(events)) written += text;
  return JSON.parse(written);
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
