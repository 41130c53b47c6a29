/**
 * A sink is a folder and an entry of the table: here is one that writes each report to a folder.
 *
 * @machine timed
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildWithSink, sinkPlace } from './harness/added-sink.js';
import { blocking } from './harness/block.js';
import { filesIn, recordsIn } from './harness/journal.js';
import { orphaned } from './harness/orphans.js';
import { run, start } from './harness/run.js';

const ENTRY = `{ ...PLAIN_SINK, name: 'folder', isServed: () => true, wants: () => true,
  parcelOf: ({ setup }) => setup.settings.journalDir + '-reports',
  isParcel: (value) => typeof value === 'string' }`;
const CODE = `import { appendFileSync, writeFileSync } from 'node:fs';
export const makeSink = () => ({
  retry: { firstMs: 50, longestMs: 200, laneOf: (folder) => folder },
  accepts: (_, folder) => folder !== null,
  async deliver({ record }, folder) {
    appendFileSync(folder + '.attempts', process.pid + ' ' + record.id + '\\n');
    try { writeFileSync(folder + '/' + record.id + '.json', JSON.stringify(record)); }
    catch { return { kind: 'retry', waitMs: null }; }
    return { kind: 'taken' };
  },
});`;
const BLOCK = { kind: 'wait', ms: 1000, delay: 600 } as const;
const idle = blocking({ ...BLOCK, end: 'idle' });

test('a report gets to a new sink', { concurrency: true }, async (t) => {
  const preload = await buildWithSink(t, 'folder', ENTRY, CODE);
  const ways = [
    t.test('from the journal, when it has failed, and from the next process', async (t) => {
      const { reportsDir, options, failed, retried, open, empty } = sinkPlace(t, preload, 'folder');
      const { record } = await orphaned(t, options);
      const killed = start(t, idle, options);
      await failed(2);
      killed.signal('SIGKILL');
      const next = start(t, idle, options);
      await next.says('stderr', /"previousProcess":false/);
      await retried(next.pid);
      open();
      await empty();
      assert.equal((await next.endInput()).code, 0);
      const reports = recordsIn(reportsDir);
      const left = reports.filter(({ previousProcess }) => previousProcess);
      assert.deepEqual([reports.length, left.length], [3, 2]);
      assert.ok(left.map(({ id }) => id).includes(record.id), 'also the block in its middle');
    }),
    t.test('at an exit in the turn that blocked', async (t) => {
      const { journalDir, reportsDir, options, open } = sinkPlace(t, preload, 'folder');
      open();
      assert.equal((await run(t, blocking({ ...BLOCK, end: 'exit', code: 7 }), options)).code, 7);
      assert.deepEqual(filesIn(journalDir), []);
      assert.equal(recordsIn(reportsDir).length, 1);
    }),
  ];
  await Promise.all(ways);
});
