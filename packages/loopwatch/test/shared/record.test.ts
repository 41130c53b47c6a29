/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pretty } from '#src/reporter/sinks/log/pretty.js';
import { levelOf } from '#src/shared/options/levels.js';
import { sentence } from '#src/shared/record/record.js';
import { recordOf } from '../record.fixture.js';

test('the sentence says what, where, during what, and who waited', () => {
  assert.equal(
    sentence(recordOf()),
    'event loop blocked 412 ms in renderReport (src/report.ts:88) during GET /report/:id, 12 requests delayed',
  );
});

test('the sentence leaves out what is not known', () => {
  const bare = recordOf({ culprit: null, request: null, delayed: null, cause: 'unknown' });
  assert.equal(sentence(bare), 'event loop blocked 412 ms');
});

test('a hang is told from a block, and a hang that lasts from one that ended', () => {
  const hang = recordOf({ kind: 'hang', culprit: null, request: null, delayed: { requests: 1 } });
  assert.match(sentence(hang), /^event loop hang ended after 412 ms, 1 request delayed$/);
  assert.match(sentence({ ...hang, ended: false }), /^event loop hangs for 412 ms so far/);
});

test('levels are those of the contract', () => {
  assert.equal(levelOf(recordOf(), false), 40);
  assert.equal(levelOf(recordOf({ kind: 'hang' }), false), 50);
  assert.equal(levelOf(recordOf(), true), 30);
});

test('the pretty form lets no control character of a path through', () => {
  const culprit = { function: '\u001b[31mx', file: '/a\u0007/b.js', line: 1, column: 1 };
  const hostile = recordOf({ culprit: { ...culprit, package: null, precision: 'exact' } });
  const text = pretty(hostile, false, () => null);
  assert.doesNotMatch(text.replaceAll('\n', ''), /\p{Cc}/u);
  assert.match(text, /JavaScript ran without giving way/);
  assert.match(text, /GET \/report\/7/);
  assert.match(text, /^ {2}hint {5}Move the computation to a worker thread/m);
});
