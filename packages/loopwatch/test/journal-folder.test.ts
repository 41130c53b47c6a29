import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { JournalFolder } from '#src/shared/journal-folder.js';
import { Journal } from '#src/watchdog/journal.js';
import { recordOf } from './record.fixture.js';

function scratch(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'loopwatch-unit-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('a record is one private file, replaced as it grows, and gone when removed', (context) => {
  const folder = join(scratch(context), 'journal');
  const journal = new JournalFolder(folder);
  journal.write(recordOf({ durationMs: 1 }));
  journal.write(recordOf({ durationMs: 2 }));
  const [name, ...others] = readdirSync(folder);
  assert.deepEqual(others, []);
  assert.ok(name?.includes(recordOf().id));
  const file = join(folder, name as string);
  assert.equal(JSON.parse(readFileSync(file, 'utf8')).durationMs, 2);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  journal.remove(recordOf().id);
  journal.remove(recordOf().id);
  assert.deepEqual(readdirSync(folder), []);
});

test('a folder that others could read is closed to them', (context) => {
  const folder = join(scratch(context), 'journal');
  mkdirSync(folder);
  chmodSync(folder, 0o755);
  new JournalFolder(folder).write(recordOf());
  assert.equal(statSync(folder).mode & 0o777, 0o700);
});

test('a link in place of the folder is not followed', (context) => {
  const root = scratch(context);
  const elsewhere = join(root, 'elsewhere');
  mkdirSync(elsewhere);
  symlinkSync(elsewhere, join(root, 'journal'));
  assert.throws(() => new JournalFolder(join(root, 'journal')).write(recordOf()), /directory/);
  assert.deepEqual(readdirSync(elsewhere), []);
});

test('a journal that can not be written is said once and stops nothing', (context) => {
  const root = scratch(context);
  writeFileSync(join(root, 'file'), '');
  const complaints: string[] = [];
  const journal = new Journal(join(root, 'file', 'journal'), (text) => complaints.push(text));
  journal.write(recordOf());
  journal.write(recordOf());
  journal.remove(recordOf().id);
  assert.equal(complaints.length, 1);
});

test('a folder that was cleaned away is made again', (context) => {
  const folder = join(scratch(context), 'journal');
  const complaints: string[] = [];
  const journal = new Journal(folder, (text) => complaints.push(text));
  journal.write(recordOf());
  rmSync(folder, { recursive: true });
  journal.write(recordOf());
  journal.write(recordOf());
  assert.equal(readdirSync(folder).length, 1);
});

test('the oldest records go when there are too many', (context) => {
  const folder = scratch(context);
  for (let i = 0; i < 1010; i++) {
    const file = join(folder, `${i}.json`);
    writeFileSync(file, '{}');
    utimesSync(file, i, i);
  }
  assert.equal(new JournalFolder(folder).trim(), 10);
  const left = readdirSync(folder);
  assert.equal(left.length, 1000);
  assert.ok(!left.includes('9.json') && left.includes('10.json'));
});
