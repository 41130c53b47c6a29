/**
 * The journal: nothing that was seen is lost, nobody else can read it, and it empties itself.
 *
 * @machine waiting
 */
import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { blocking, onlyReports, unmissable } from './harness/block.js';
import { temporaryFolder } from './harness/folder.js';
import { filesIn, recordsIn } from './harness/journal.js';
import { separate } from './harness/reports.js';
import { type Ended, run, start } from './harness/run.js';
import { until } from './harness/until.js';

function mode(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}

describe('a record', { concurrency: 5 }, () => {
  test('is there while a block of 3 s lasts, for its user alone, and gone when it is delivered', async (t) => {
    const running = start(t, blocking({ kind: 'wait', ms: 3000, end: 'idle' }));
    const { journalDir } = running;
    const [record] = await until(
      'a record in the journal',
      () => {
        const records = recordsIn(journalDir);
        return records.length > 0 && records;
      },
      { seen: () => running.shown() },
    );
    assert.equal(running.stdout, '', 'the block lasts');
    assert.equal(record?.ended, false);
    assert.equal(record?.kind, 'block');
    assert.equal(record?.culprit?.function, 'wait');
    assert.equal(record?.process.pid, running.pid);
    assert.equal(mode(journalDir), '700');
    for (const name of filesIn(journalDir)) assert.equal(mode(join(journalDir, name)), '600', name);

    await running.says('stderr', /"block":/);
    await until('the journal is empty', () => filesIn(journalDir).length === 0, {
      seen: () => filesIn(journalDir),
    });
    const ended = await running.endInput();
    const [report, ...more] = onlyReports(ended);
    assert.deepEqual(more, []);
    assert.equal(report?.block.id, record?.id, 'the same block has the same id');
    assert.deepEqual(filesIn(journalDir), []);
  });

  test('is left behind by SIGKILL in the middle of a block', async (t) => {
    const running = start(t, blocking({ kind: 'wait', ms: 20_000 }));
    const { journalDir } = running;
    await until('a record in the journal', () => recordsIn(journalDir).length > 0);
    running.signal('SIGKILL');
    const ended = await running.ended;
    assert.deepEqual([ended.signal, ended.stderr], ['SIGKILL', '']);
    assert.equal(filesIn(journalDir).length, 1, 'one record and no half of one');
    const [record] = recordsIn(journalDir);
    assert.equal(record?.schema, 1);
    assert.equal(record?.ended, false);
    assert.equal(record?.culprit?.function, 'wait');
    assert.ok((record?.durationMs ?? 0) >= 100);
  });

  test('of a hang is there while it lasts, also when the hang was already reported', async (t) => {
    const env = { LOOPWATCH_HANG_MS: '500' };
    const running = start(t, blocking({ ...unmissable, ms: 4000, end: 'idle' }), { env });
    const { journalDir } = running;
    await running.says('stderr', /"kind":"hang".*"ended":false/);
    assert.equal(recordsIn(journalDir).length, 1);
    await running.says('stderr', /"kind":"hang".*"ended":true/);
    await until('the journal is empty', () => filesIn(journalDir).length === 0, {
      seen: () => filesIn(journalDir),
    });
    await running.endInput();
  });
});

describe('the folder', { concurrency: 5 }, () => {
  test('that is there already, and open to others, is closed to them', async (t) => {
    const folder = join(temporaryFolder(t), 'journal');
    mkdirSync(folder);
    chmodSync(folder, 0o777);
    const ended = await run(t, blocking(unmissable), { env: { LOOPWATCH_JOURNAL_DIR: folder } });
    assert.equal(onlyReports(ended).length, 1);
    assert.equal(mode(folder), '700');
  });

  test("may hold other people's things, which stay", async (t) => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    const ended = await run(t, blocking(unmissable), { env: { LOOPWATCH_JOURNAL_DIR: folder } });
    assert.equal(onlyReports(ended).length, 1);
    assert.deepEqual(filesIn(folder), ['notes.txt']);
  });
});

describe('a folder that can not be used', { concurrency: 5 }, () => {
  /** The blocks are reported all the same, and one line says what is wrong. */
  function assertSaid({ code, stderr }: Ended): void {
    assert.equal(code, 0, stderr);
    const { lines, rest } = separate(stderr);
    assert.equal(lines.length, 2, stderr);
    const said = rest.split('\n').filter((line) => line !== '');
    assert.equal(said.length, 1, stderr);
    assert.match(said[0] as string, /^loopwatch: .*journal/);
  }

  const twice = blocking({ ...unmissable, times: 2 });
  const isRoot = process.getuid?.() === 0;
  const nobody = 65_534;

  test('because it is a file', async (t) => {
    const file = join(temporaryFolder(t), 'journal');
    writeFileSync(file, 'not a folder');
    assertSaid(await run(t, twice, { env: { LOOPWATCH_JOURNAL_DIR: file } }));
  });

  test('because it is a link to somewhere else', async (t) => {
    const folder = temporaryFolder(t);
    const [target, link] = [join(folder, 'target'), join(folder, 'link')];
    mkdirSync(target);
    symlinkSync(target, link);
    assertSaid(await run(t, twice, { env: { LOOPWATCH_JOURNAL_DIR: link } }));
    assert.deepEqual(filesIn(target), []);
  });

  test('because it belongs to another user', async (t) => {
    // Only root can give a folder away; for everybody else the root folder is another user's.
    const folder = isRoot ? join(temporaryFolder(t), 'journal') : '/';
    if (isRoot) {
      mkdirSync(folder, { mode: 0o777 });
      chownSync(folder, nobody, nobody);
    }
    assertSaid(await run(t, twice, { env: { LOOPWATCH_JOURNAL_DIR: folder } }));
  });

  test('because it is read-only', async (t) => {
    const folder = temporaryFolder(t);
    // Nothing is read-only for root, so that the program has to be somebody else.
    if (isRoot) chownSync(folder, nobody, nobody);
    chmodSync(folder, 0o500);
    const how = isRoot ? { uid: nobody } : {};
    assertSaid(await run(t, twice, { env: { LOOPWATCH_JOURNAL_DIR: folder }, ...how }));
  });

  test('because it can not be made', async (t) => {
    const env = { LOOPWATCH_JOURNAL_DIR: '/dev/null/journal' };
    assertSaid(await run(t, twice, { env }));
  });
});
