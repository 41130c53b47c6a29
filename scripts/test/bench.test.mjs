/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { benchmarks } from '../bench/benchmarks.mjs';
import { verdict } from '../bench/budget.mjs';
import { markdownTable, resultSection, withSection } from '../bench/document.mjs';
import { isComplete } from '../bench/load.mjs';
import { inRounds } from '../bench/rounds.mjs';
import { costsOf } from '../bench/samples.mjs';
import { differences, median, middle, quantile, ratios } from '../bench/statistics.mjs';
import { root } from '../lib/paths.mjs';

test('quantiles are interpolated and leave the values as they are', () => {
  const values = [4, 1, 3, 2];
  assert.equal(quantile(values, 0), 1);
  assert.equal(quantile(values, 0.25), 1.75);
  assert.equal(median(values), 2.5);
  assert.equal(quantile(values, 1), 4);
  assert.equal(quantile([7], 0.99), 7);
  assert.deepEqual(values, [4, 1, 3, 2]);
  assert.throws(() => median([]), /nothing was measured/);
});

test('variants are compared pair by pair', () => {
  assert.deepEqual(differences([1, 10], [2, 30]), [1, 20]);
  assert.deepEqual(ratios([1, 10], [2, 30]), [2, 3]);
  assert.throws(() => ratios([1], [1, 2]), /partner/);
});

test('the middle of the values is written with their spread', () => {
  assert.equal(middle([1, 2, 3, 4, 5], 1), '3.0 (2.0–4.0)');
});

test('a budget is met up to its limit', () => {
  assert.equal(verdict(25, 25), '≤ 25: met');
  assert.equal(verdict(25.1, 25), '≤ 25: NOT met');
});

test('every round measures each variant once, and none is always first', async () => {
  const order = [];
  const values = await inRounds(['a', 'b', 'c'], 3, (variant, round) => {
    order.push(variant);
    return `${variant}${round}`;
  });
  assert.equal(order.join(''), 'abcbcacab');
  assert.deepEqual(values, {
    a: ['a0', 'a1', 'a2'],
    b: ['b0', 'b1', 'b2'],
    c: ['c0', 'c1', 'c2'],
  });
});

test('a sample costs the gap that it was taken in, with those next to it', () => {
  const gaps = [
    [1, 1.5],
    [10, 10.25],
    [10.25, 10.75],
    [10.8, 11],
    [12, 20],
  ];
  const samples = [
    [1.1, 1.2],
    [10.3, 10.6],
  ];
  assert.deepEqual(
    costsOf({ gaps, samples }).map((ms) => ms.toFixed(2)),
    ['0.50', '0.95'],
  );
  assert.throws(() => costsOf({ gaps, samples: [[5, 6]] }), /while the program ran/);
});

test('an answer is complete with its last byte', () => {
  const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody';
  assert.ok(isComplete(answer));
  for (const length of [0, 20, answer.length - 1]) {
    assert.ok(!isComplete(answer.slice(0, length)), String(length));
  }
});

test('a table in Markdown', () => {
  const rows = [
    ['what', 'ms'],
    ['a|b', 1],
  ];
  assert.equal(markdownTable(rows), '| what | ms |\n| --- | --- |\n| a\\|b | 1 |');
});

const conditions = {
  date: '2026-11-21',
  machine: '2 × AMD EPYC',
  nodes: ['20.20.2', '24.21.0'],
  command: 'npm run bench -- --only idle',
};

test('results stand with the command and the conditions', () => {
  const section = resultSection([['what'], ['this']], conditions);
  for (const shown of Object.values(conditions).flat()) assert.ok(section.includes(shown), shown);
});

test('only the inside of a section is replaced', () => {
  const text = 'a\n<!-- bench:x -->\nold\n<!-- /bench:x -->\nb\n';
  const once = withSection(text, 'x', 'new');
  assert.equal(once, 'a\n<!-- bench:x -->\n\nnew\n\n<!-- /bench:x -->\nb\n');
  assert.equal(withSection(once, 'x', 'new'), once);
  assert.throws(() => withSection(text, 'y', 'new'), /expected exactly one <!-- bench:y -->/);
  assert.throws(() => withSection(text + text, 'x', 'new'), /exactly one/);
  assert.throws(() => withSection('<!-- bench:x -->', 'x', 'new'), /exactly one/);
});

test('the document has a place for every benchmark', () => {
  const text = readFileSync(join(root, 'docs', 'benchmarks.md'), 'utf8');
  for (const { name } of benchmarks) assert.doesNotThrow(() => withSection(text, name, ''));
});
