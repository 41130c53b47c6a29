/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brokenLinks } from '../docs/links.mjs';

const there = new Map([
  ['docs/report.md', '# Report\n\n## The `place` of a block, and why\n\n```\n# no heading\n```\n'],
  ['packages/loopwatch/src/main/beat/beat.ts', ''],
  ['scripts', ''],
]);

function broken(text) {
  return brokenLinks('docs/guide.md', text, (path) => there.get(path));
}

const whole = [
  'see [the report](report.md)',
  'see [a place](report.md#the-place-of-a-block-and-why "why")',
  '[beat](../packages/loopwatch/src/main/beat/beat.ts) and [scripts](../scripts)',
  '[elsewhere](https://example.com/a.md), [mail](mailto:a@example.com)',
  'code: `[a](gone.md)`\n\n```\n[a](gone.md)\n```\n',
  '# Own words\n\n[above](#own-words)',
];

for (const text of whole) {
  test(`whole: ${text}`, () => assert.deepEqual(broken(text), []));
}

test('a link to a file that is not there is broken', () => {
  const text = '# Guide\n\nsee [the report](report.md) and\n[beat](../packages/beat.ts)\n';
  assert.deepEqual(broken(text), [
    { path: 'docs/guide.md', line: 4, problem: 'there is no packages/beat.ts' },
  ]);
});

test('a link to a heading that is not there is broken', () => {
  assert.match(broken('[a](report.md#gone)')[0].problem, /docs\/report\.md has no heading #gone/);
  assert.match(broken('[a](report.md#no-heading)')[0].problem, /no heading #no-heading/);
  assert.match(broken('[a](#gone)')[0].problem, /docs\/guide\.md has no heading #gone/);
});
