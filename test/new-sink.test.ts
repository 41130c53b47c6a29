/**
 * A sink is a folder and an entry of the table: here is one that writes each report to a folder.
 *
 * @machine timed
 */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { test } from 'node:test';
import { buildWithSink, sinkPlace } from './harness/added-sink.js';
import { blocking } from './harness/block.js';
import { filesIn, recordsIn } from './harness/journal.js';
import { orphaned } from './harness/orphans.js';
import { run, start } from './harness/run.js';

const ENTRY = `{ ...PLAIN_SINK, name: 'folder', isServed: () => true, wants: () => true,
  parcelOf: ({ setup }) => setup.settings.journalDir + '-reports',
  isParcel: (value) => typeof value === 'string' }`;
const CODE = `import { writeFileSync } from 'node:fs';
export const makeSink = () => ({
  retry: { firstMs: 50, longestMs: 200, laneOf: (folder) => folder },
  accepts: (_, folder) => folder !== null,
  async deliver({ record }, folder) {
    try { writeFileSync(folder + '/' + record.id + '.json', JSON.stringify(record)); }
    catch { return { kind: 'retry', waitMs: null }; }
    return { kind: 'taken' };
  },
});`;

const block = (end: 'idle' | 'exit') => blocking({ kind: 'wait', ms: 1000, delay: 600, end });

test('a report gets to a new sink', { concurrency: true }, async (t) => {
  const preload = await buildWithSink(t, 'folder', ENTRY, CODE);
  const ways = [
    t.test('from the journal, when it has failed, and from the next process', async (t) => {
      const { journalDir, options, failed, empty } = sinkPlace(t, preload, 'folder');
      const { record } = await orphaned(t, options);
      const killed = start(t, block('idle'), options);
      await failed(2);
      killed.signal('SIGKILL');
      const next = start(t, block('idle'), options);
      await next.says('stderr', /"previousProcess":false/);
      mkdirSync(`${journalDir}-reports`);
      await empty();
      assert.equal((await next.endInput()).code, 0);
      const reports = recordsIn(`${journalDir}-reports`);
      const left = reports.filter(({ previousProcess }) => previousProcess);
      assert.deepEqual([reports.length, left.length], [3, 2]);
      const ids = left.map(({ id }) => id);
      assert.ok(ids.includes(record.id), 'also what was in the middle of a block');
    }),
    t.test('at an exit in the turn that blocked', async (t) => {
      const { journalDir, options } = sinkPlace(t, preload, 'folder');
      mkdirSync(`${journalDir}-reports`);
      await run(t, block('exit'), options);
      assert.deepEqual(filesIn(journalDir), []);
      assert.equal(recordsIn(`${journalDir}-reports`).length, 1);
    }),
  ];
  await Promise.all(ways);
});
