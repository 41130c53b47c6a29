/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { layoutProblems } from '../layout.mjs';
import { root } from '../lib/paths.mjs';

/** What the check asks for, taken from its own answer to an empty checkout. */
const complete = layoutProblems([]).map((problem) => problem.replace(' is missing', ''));

test('dotfiles and the installation may be there', () => {
  assert.deepEqual(layoutProblems([...complete, '.git', '.biome.json', 'node_modules']), []);
});

test('what is missing and what is too much is named', () => {
  const names = complete.filter((name) => name !== 'LICENSE');
  assert.deepEqual(layoutProblems([...names, 'tsconfig.json']), [
    'tsconfig.json is not agreed',
    'LICENSE is missing',
  ]);
});

test('the checkout is found', () => {
  assert.ok(readdirSync(root).includes('pnpm-workspace.yaml'));
});
