/**
 * The calls: start and stop, as often as you like; listeners, channels and the latest records.
 *
 * @machine waiting
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { BlockRecord } from 'loopwatch';
import { temporaryFolder } from './harness/folder.js';
import { filesIn } from './harness/journal.js';
import { programPath } from './harness/places.js';
import { byImport, type Preload, unwatched } from './harness/preload.js';
import { reportsFrom, separate } from './harness/reports.js';
import { run } from './harness/run.js';

describe('stop()', () => {
  const preloads: readonly (readonly [string, Preload])[] = [
    ['what start() began', unwatched],
    ['what the preload began', byImport()],
  ];
  for (const [name, preload] of preloads) {
    test(`${name}: delivers, leaves nothing behind, and can be followed by a start`, async (t) => {
      const log = join(temporaryFolder(t), 'blocks.ndjson');
      const env = { LOOPWATCH_LOG: log };
      const ended = await run(t, [programPath('stops.mjs')], { preload, env });
      assert.deepEqual([ended.code, ended.stderr], [0, '']);
      const said = JSON.parse(ended.stdout);
      const { before, watching, stopped, stoppedAgain } = said;
      assert.equal(before.wayIn, 'undefined');
      assert.equal(watching.wayIn, 'function');
      assert.equal(watching.channel, true);
      assert.equal(watching.exitListeners, before.exitListeners + 1);
      assert.deepEqual(stopped, before);
      assert.deepEqual(stoppedAgain, before);
      assert.equal(said.reportedAtStop, 1, 'delivered when stop() resolves');
      assert.equal(said.reportedWhileStopped, 1, 'nothing is watched any more');
      assert.equal(said.reportedAtSecondStop, 2);
      const [first, second] = reportsFrom(log).map(({ block }) => block);
      assert.equal(first?.thresholdMs, 100, 'the default again, not what was chosen before');
      assert.equal(second?.thresholdMs, 150);
      assert.deepEqual(filesIn(ended.journalDir), []);
    });
  }
});

describe('onBlock(), the channel and blocks()', () => {
  test('tell the same as the log, and listeners that throw or reject harm nobody', async (t) => {
    const ended = await run(t, [programPath('listens.mjs')], { preload: unwatched });
    assert.equal(ended.code, 0, ended.stderr);
    const { lines, rest } = separate(ended.stderr);
    assert.deepEqual(
      rest.split('\n').filter((line) => line !== ''),
      [
        'loopwatch: an onBlock listener threw: a listener threw',
        'loopwatch: an onBlock listener threw: a listener rejected',
      ],
    );
    const said = JSON.parse(ended.stdout) as Record<
      'heard' | 'published' | 'kept',
      BlockRecord[]
    > & {
      readonly removed: number;
    };
    const logged = lines.map(({ block }) => block);
    assert.equal(logged.length, 2);
    assert.deepEqual(said.heard, logged);
    assert.deepEqual(said.published, logged);
    assert.deepEqual(said.kept, logged);
    assert.equal(said.removed, 0);
  });
});
