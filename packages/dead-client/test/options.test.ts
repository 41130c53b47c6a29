/**
 * Every option's rule.
 *
 * @machine pure
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { graceFrom, settingsFrom } from '#src/options/options.js';

const code = { code: 'LOOPWATCH_E_OPTION' };

describe('options', () => {
  test('have defaults, also when they are undefined', () => {
    const settings = settingsFrom({ graceMs: undefined });
    assert.deepEqual(settings, {
      graceMs: 30_000,
      peerCloseMs: 2000,
      intervalMs: 1000,
      adaptive: 2,
      action: 'reset',
      backend: 'auto',
      onDead: null,
    });
    assert.ok(Object.isFrozen(settings));
  });

  for (const [name, values] of Object.entries({
    graceMs: [0, -1, Number.NaN, '30000', 86_400_001],
    peerCloseMs: [0, null],
    intervalMs: [9, 60_001],
    adaptive: [-1, 101, true],
    action: ['kill', ''],
    backend: ['ss'],
    onDead: ['log', {}],
    grace: [1],
    toString: [1],
  })) {
    test(`${name} has a rule`, () => {
      for (const value of values) {
        const options = { [name]: value };
        assert.throws(() => settingsFrom(options), { ...code, message: new RegExp(name) });
      }
    });
  }

  test('a connection may have a grace of its own', () => {
    const settings = settingsFrom({});
    assert.equal(graceFrom({ graceMs: 5 }, settings), 5);
    assert.equal(graceFrom({}, settings), 30_000);
    assert.throws(() => graceFrom({ graceMs: 0 }, settings), code);
  });

  test('of a connection are checked as well', () => {
    for (const options of [null, 5, { grace: 5 }]) {
      assert.throws(() => graceFrom(options as never, settingsFrom({})), code);
    }
  });
});
