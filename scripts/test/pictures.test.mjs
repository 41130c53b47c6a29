/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../lib/paths.mjs';
import { tracesIn } from '../pictures/traces.mjs';

const machine = { checkout: '/home/ann/loopwatch', home: '/home/ann', user: 'ann', host: 'box-7' };

const shown = [
  ['place  /home/ann/loopwatch/scripts/demo/shop/search.mjs:12', ['checkout', 'home', 'user']],
  ['in file:///home/ann/notes.txt', ['home', 'user']],
  ['at (/home/ann)', ['home', 'user']],
  ['started by Ann on a Monday', ['user']],
  ['process 17 of box-7', ['host']],
];

for (const [line, expected] of shown) {
  test(`a picture may not show: ${line}`, () => {
    const found = tracesIn(`What blocked\n  ${line}\n`, machine);
    assert.deepEqual(
      found,
      expected.map((what) => `${what}: ${line}`),
    );
  });
}

const harmless = [
  'place  /srv/shop/search.mjs:12',
  '/srv/home/anna/a.js',
  'an annual planned box-70',
  '/home/anna/a.js',
];

for (const line of harmless) {
  test(`a picture may show: ${line}`, () => assert.deepEqual(tracesIn(line, machine), []));
}

test('what every machine has tells of none', () => {
  assert.deepEqual(tracesIn('at / on localhost', { home: '/', host: 'localhost', user: '' }), []);
});

test('this machine is looked for', () => {
  const [checkout] = tracesIn(`place ${join(root, 'scripts', 'demo', 'shop')}`);
  assert.match(checkout, /the path of the checkout: place /);
  assert.match(tracesIn(join(homedir(), 'a.js')).join('\n'), /the home folder/);
  assert.match(tracesIn(join(tmpdir(), 'a.js')).join('\n'), /the folder for temporary files/);
});
