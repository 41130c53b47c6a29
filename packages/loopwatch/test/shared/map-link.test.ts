/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isTranspiled, linkIn, mapLinkOf } from '#src/shared/sources/map-link.js';

const ID = '85314830-023F-4cf1-a267-535f4e37bb17';

function urlIn(text: string): string | null | undefined {
  return linkIn(text, '')?.url;
}

test('the last comment names the map', () => {
  assert.equal(urlIn('a();\n//# sourceMappingURL=a.js.map\n'), 'a.js.map');
  assert.equal(urlIn('a();\n//@ sourceMappingURL=a.js.map'), 'a.js.map');
  assert.equal(urlIn('a();\r\n/*# sourceMappingURL=a.js.map */\r\n'), 'a.js.map');
  assert.equal(urlIn('a();\n/*# sourceMappingURL=a.js.map*/'), 'a.js.map');
  const two = '//# sourceMappingURL=old.map\nb();\n//# sourceMappingURL=new.map\n';
  assert.equal(urlIn(two), 'new.map');
});

test('a text with the word in it is no comment', () => {
  assert.equal(linkIn('const mark = "//# sourceMappingURL=";\n', ''), null);
  assert.equal(linkIn('read("sourceMappingURL=a.map");\n', ''), null);
  assert.equal(linkIn('', ''), null);
});

test('an inline map is known by its beginning, or by what can only be a piece of one', () => {
  const data = 'QUJD'.repeat(1000);
  const whole = `a();\n//# sourceMappingURL=data:application/json;base64,${data}\n`;
  for (const text of [whole, whole.slice(-3000)]) {
    const link = linkIn(text, '');
    assert.deepEqual([link?.url, link?.inline], [null, true]);
  }
  assert.equal(linkIn(`a(${'b.c,'.repeat(1000)})\n`, ''), null);
});

test('a debug id is enough', () => {
  const link = linkIn(`a();\n//# debugId=${ID}\n`, '');
  assert.deepEqual([link?.url, link?.inline, link?.debugId], [null, false, ID.toLowerCase()]);
});

test('a script is read again when it was written again', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'loopwatch-unit-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'a.js');
  assert.equal(mapLinkOf(file), null);
  assert.equal(mapLinkOf(folder), null);
  writeFileSync(file, `${'x();\n'.repeat(5000)}//# sourceMappingURL=a.js.map\n`);
  assert.equal(mapLinkOf(file)?.url, 'a.js.map');
  assert.equal(mapLinkOf(file), mapLinkOf(file));
  writeFileSync(file, `${'x();\n'.repeat(5000)}//# sourceMappingURL=b.js.map\n`);
  utimesSync(file, 1, 1);
  assert.equal(mapLinkOf(file)?.url, 'b.js.map');
});

test('what Node does not run as it is was made JavaScript in memory', () => {
  for (const file of ['/a/b.ts', '/a/b.mts', '/a/b.tsx', '/a/b.jsx', '/a/b.vue']) {
    assert.ok(isTranspiled(file), file);
  }
  for (const file of [
    '/a/b.js',
    '/a/b.mjs',
    '/a/b.cjs',
    '/a/b',
    '[eval]',
    'node:fs',
    '/a/b.json',
  ]) {
    assert.ok(!isTranspiled(file), file);
  }
});
