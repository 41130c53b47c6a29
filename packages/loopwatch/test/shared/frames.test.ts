/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isInApp, packageOf, plainFile } from '#src/shared/record/frames.js';

test('file URLs become paths, everything else stays', () => {
  assert.equal(plainFile('file:///app/a%20b.js'), '/app/a b.js');
  assert.equal(plainFile('node:fs'), 'node:fs');
  assert.equal(plainFile('file://%zz'), 'file://%zz');
  assert.equal(plainFile(''), null);
});

test('the package is the innermost one, with its scope', () => {
  assert.equal(packageOf('/a/node_modules/express/lib/x.js'), 'express');
  assert.equal(packageOf('/a/node_modules/@scope/p/x.js'), '@scope/p');
  assert.equal(packageOf('/a/node_modules/.pnpm/e@1/node_modules/e/x.js'), 'e');
  assert.equal(packageOf('C:\\a\\node_modules\\@scope\\p\\x.js'), '@scope/p');
  assert.equal(packageOf('/a/src/x.js'), null);
  assert.equal(packageOf(null), null);
});

test("in-app is the program's own code", () => {
  for (const file of ['/app/a.js', 'C:\\app\\a.js', '[eval]', '[eval]-wrapper']) {
    assert.equal(isInApp(file), true, file);
  }
  for (const file of [null, 'node:fs', '/a/node_modules/e/x.js', 'evalmachine.<anonymous>']) {
    assert.equal(isInApp(file), false, String(file));
  }
  const own = fileURLToPath(import.meta.resolve('#src/main/beat/beat.js'));
  assert.equal(isInApp(own), false);
});
