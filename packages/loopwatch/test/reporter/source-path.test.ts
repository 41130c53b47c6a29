/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  isInside,
  isReallyInside,
  packageFolder,
  projectFolders,
} from '#src/reporter/symbolicate/map/folders.js';
import { sourceFile } from '#src/reporter/symbolicate/map/source-path.js';

const folders = { map: '/srv/app/dist', roots: ['/srv/app', '/srv/lib'] };

const found: Record<string, string | null> = {
  '../src/a.ts': '/srv/app/src/a.ts',
  'a.ts': '/srv/app/dist/a.ts',
  '/srv/app/src/a.ts': '/srv/app/src/a.ts',
  '/srv/lib/a.ts': '/srv/lib/a.ts',
  'file:///srv/app/src/a%20b.ts': '/srv/app/src/a b.ts',
  'webpack://app/./src/a.ts': '/srv/app/src/a.ts',
  'webpack:///./src/a.ts': '/srv/app/src/a.ts',
  'webpack:///src/a.ts?1a2b': '/srv/app/src/a.ts',
  'webpack://@scope/app/./src/a.ts': '/srv/app/src/a.ts',
  'webpack-internal:///./src/a.ts': '/srv/app/src/a.ts',
  'webpack:////srv/app/a.ts': '/srv/app/a.ts',
  'webpack://app/webpack/bootstrap': null,
  'webpack/runtime/define property getters': null,
  'webpack://app/external node-commonjs "fs"': null,
  '': null,
};

for (const [source, file] of Object.entries(found)) {
  test(`the source '${source}' is ${file}`, () => {
    assert.deepEqual(sourceFile(source, folders), { file });
  });
}

const outside = [
  '../../../../etc/passwd',
  '/etc/passwd',
  '/proc/self/environ',
  'file:///etc/passwd',
  'file://host/share/a.ts',
  'http://127.0.0.1:8080/a.ts',
  'https://example.com/a.ts',
  '//example.com/a.ts',
  'data:text/plain,a',
  'webpack:////etc/passwd',
  'webpack://app/../../../etc/passwd',
  '/srv/application/a.ts',
  'a\0.ts',
];

for (const source of outside) {
  test(`the source ${JSON.stringify(source)} is not the program's`, () => {
    assert.equal(sourceFile(source, folders), 'outside');
  });
}

test('whatever a map says, a source is in the folders or it is nowhere', () => {
  const piece = fc.constantFrom(
    ...['..', '.', '/', '//', 'a', 'webpack:', 'file:', 'webpack://', '\\', '%2e%2e', '?x', '@b'],
  );
  const text = fc.array(fc.oneof(piece, fc.string({ maxLength: 3 })), { maxLength: 12 });
  fc.assert(
    fc.property(text, (pieces) => {
      const resolved = sourceFile(pieces.join(''), folders);
      if (resolved === 'outside' || resolved.file === null) return;
      const { file } = resolved;
      assert.ok(file.startsWith('/') && !file.includes('/../') && !file.endsWith('/..'), file);
      assert.ok(
        folders.roots.some((root) => file === root || file.startsWith(`${root}/`)),
        file,
      );
    }),
    { numRuns: 2000 },
  );
});

test('a folder holds itself and what is in it', () => {
  for (const path of ['/a', '/a/b', '/a/..b', '/a/b/../c']) assert.ok(isInside('/a', path), path);
  for (const path of ['/', '/ab', '/b', '/a/../b']) assert.ok(!isInside('/a', path), path);
});

test('a program is in its package, its workspace, and where it was started', (t) => {
  const top = realpathSync(mkdtempSync(join(tmpdir(), 'loopwatch-unit-')));
  t.after(() => rmSync(top, { recursive: true }));
  const own = join(top, 'packages', 'own');
  mkdirSync(join(own, 'dist'), { recursive: true });
  writeFileSync(join(own, 'package.json'), '{}');
  const script = join(own, 'dist', 'a.js');
  assert.equal(packageFolder(script), own);
  assert.ok(!projectFolders(script).includes(top));
  writeFileSync(join(top, 'package.json'), '{ "workspaces": ["packages/*"] }');
  assert.deepEqual(projectFolders(script), [own, top, process.cwd()]);
});

test('a link out of a folder leads out of it', (t) => {
  const top = realpathSync(mkdtempSync(join(tmpdir(), 'loopwatch-unit-')));
  t.after(() => rmSync(top, { recursive: true }));
  mkdirSync(join(top, 'in'));
  writeFileSync(join(top, 'secret'), '');
  writeFileSync(join(top, 'in', 'a'), '');
  symlinkSync(join(top, 'secret'), join(top, 'in', 'link'));
  assert.ok(isReallyInside(join(top, 'in'), join(top, 'in', 'a')));
  assert.ok(!isReallyInside(join(top, 'in'), join(top, 'in', 'link')));
  assert.ok(!isReallyInside(join(top, 'in'), join(top, 'in', 'missing')));
});
