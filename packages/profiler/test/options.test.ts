/**
 * Each option has its rule, and an error says which was broken.
 *
 * @machine pure
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { settingsFrom } from '#src/options/options.js';
import { requireStorage, type Storage } from '#src/storage/storage.js';

describe('options of the recorder', () => {
  test('have defaults', () => {
    const settings = settingsFrom({ intervalMs: undefined });
    assert.deepEqual(settings, {
      ...{ intervalMs: 10, windowMs: 20_000, escalate: true, quietMs: 60_000 },
    });
    assert.ok(Object.isFrozen(settings));
  });

  for (const [name, values, rule] of [
    ['intervalMs', [0, 1001, '10', Number.NaN], 'a number from 1 to 1000'],
    ['windowMs', [999, 600_001], 'a number from 1000 to 600000'],
    ['quietMs', [999, 86_400_001], 'a number from 1000 to 86400000'],
    ['escalate', [1, 'yes'], 'true or false'],
  ] as const) {
    test(name, () => {
      for (const value of values) {
        assert.throws(() => settingsFrom({ [name]: value } as never), {
          code: 'LOOPWATCH_E_OPTION',
          message: `${name} must be ${rule}, not ${typeof value === 'string' ? `'${value}'` : value}`,
        });
      }
    });
  }
});

test('a storage is one of three', () => {
  for (const storage of [
    { type: 'raw' },
    { type: 'disk', directory: '/tmp/x' },
    { type: 's3', bucket: 'b', dir: 'd' },
  ] as const) {
    requireStorage(storage);
  }
  for (const storage of [null, {}, { type: 'disk' }, { type: 's3', bucket: 'b', dir: '' }]) {
    assert.throws(() => requireStorage(storage as unknown as Storage), {
      code: 'LOOPWATCH_E_OPTION',
    });
  }
});
