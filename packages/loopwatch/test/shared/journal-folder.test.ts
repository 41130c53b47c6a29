/**
 * @machine pure
 */
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
import fc from 'fast-check';
import { formatEntry, parseEntry } from '#src/shared/journal/journal-entry.js';
import { JournalFolder } from '#src/shared/journal/journal-folder.js';
import {
  formatName,
  type JournalName,
  parseName,
  type Wants,
} from '#src/shared/journal/journal-name.js';
import { isAlive, ownerNow } from '#src/shared/journal/owner.js';
import { plainTarget, type SentryParcel } from '#src/shared/sentry/sentry.js';
import { Journal } from '#src/watchdog/delivery/journal.js';
import { recordOf } from '../record.fixture.js';

function scratch(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'loopwatch-unit-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const all = () => true;

function entryOf(changes?: Parameters<typeof recordOf>[0]) {
  return { record: recordOf(changes), parcels: {} };
}

const DEAD = { namespace: ownerNow().namespace, pid: 2 ** 22 + 1, startedAt: '1' };

function nameOf(wants: Wants = ['log'], id = recordOf().id, owner = DEAD): JournalName {
  return { owner, id, wants };
}

test('a record is one private file, replaced as it grows, and gone when removed', (context) => {
  const folder = join(scratch(context), 'journal');
  const journal = new JournalFolder(folder);
  journal.write(nameOf(), entryOf({ durationMs: 1 }));
  journal.write(nameOf(), entryOf({ durationMs: 2 }));
  const [name, ...others] = readdirSync(folder);
  assert.deepEqual(others, []);
  assert.ok(name?.includes(recordOf().id));
  const file = join(folder, name as string);
  assert.equal(JSON.parse(readFileSync(file, 'utf8')).durationMs, 2);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  journal.remove(nameOf());
  journal.remove(nameOf());
  assert.deepEqual(readdirSync(folder), []);
});

test('a folder that others could read is closed to them', (context) => {
  const folder = join(scratch(context), 'journal');
  mkdirSync(folder);
  chmodSync(folder, 0o755);
  new JournalFolder(folder).write(nameOf(), entryOf());
  assert.equal(statSync(folder).mode & 0o777, 0o700);
});

test('a link in place of the folder is not followed', (context) => {
  const root = scratch(context);
  const elsewhere = join(root, 'elsewhere');
  mkdirSync(elsewhere);
  symlinkSync(elsewhere, join(root, 'journal'));
  assert.throws(
    () => new JournalFolder(join(root, 'journal')).write(nameOf(), entryOf()),
    /directory/,
  );
  assert.deepEqual(readdirSync(elsewhere), []);
});

test('a journal that can not be written is said once and stops nothing', (context) => {
  const root = scratch(context);
  writeFileSync(join(root, 'file'), '');
  const complaints: string[] = [];
  const journal = new Journal(join(root, 'file', 'journal'), (text) => complaints.push(text));
  journal.write(entryOf(), ['log']);
  journal.write(entryOf(), ['log']);
  journal.remove(recordOf().id);
  assert.equal(complaints.length, 1);
});

test('a folder that was cleaned away is made again', (context) => {
  const folder = join(scratch(context), 'journal');
  const complaints: string[] = [];
  const journal = new Journal(folder, (text) => complaints.push(text));
  journal.write(entryOf(), ['log']);
  rmSync(folder, { recursive: true });
  journal.write(entryOf(), ['log']);
  journal.write(entryOf(), ['log']);
  assert.equal(readdirSync(folder).length, 1);
});

test('the oldest records go when there are too many, and nobody else’s files', (context) => {
  const folder = scratch(context);
  const now = Date.now();
  const fileOf = (i: number) => formatName(nameOf(['log'], i.toString(16).padStart(32, '0')));
  for (let i = 0; i < 1010; i++) {
    const file = join(folder, fileOf(i));
    writeFileSync(file, '{}');
    utimesSync(file, now / 1000 - 5000 + i, now / 1000 - 5000 + i);
  }
  writeFileSync(join(folder, 'notes.txt'), 'mine');
  assert.equal(new JournalFolder(folder).trim(now), 10);
  const left = readdirSync(folder);
  assert.equal(left.length, 1001);
  assert.ok(!left.includes(fileOf(9)) && left.includes(fileOf(10)) && left.includes('notes.txt'));
  assert.equal(new JournalFolder(folder).trim(now + 8 * 24 * 3600 * 1000), 1000);
  assert.deepEqual(readdirSync(folder), ['notes.txt']);
});

test('names say whose a record is and who wants it, and nothing else is a name', () => {
  const owner = fc.record({
    namespace: fc.nat().map(String),
    pid: fc.nat(),
    startedAt: fc.nat().map(String),
  });
  const id = fc.stringMatching(/^[0-9a-f]{32}$/);
  const word = fc.stringMatching(/^[a-z][a-z0-9]{0,15}$/).filter((name) => name !== 'open');
  const wants = fc.oneof(
    fc.constantFrom<Wants>('open', ['log'], ['sentry'], ['log', 'sentry']),
    fc.uniqueArray(word, { minLength: 1, maxLength: 8 }),
  );
  fc.assert(
    fc.property(owner, id, wants, (whose, which, whom) => {
      const name = { owner: { ...whose }, id: which, wants: whom };
      assert.deepEqual(parseName(formatName(name)), name);
    }),
  );
  fc.assert(fc.property(fc.string(), (text) => assert.equal(parseName(text), null)));
  const nameFor = (whom: string) => formatName(nameOf(['log'])).replace('.log.', `.${whom}.`);
  assert.deepEqual(parseName(nameFor('log+sentry'))?.wants, ['log', 'sentry']);
  for (const whom of ['', 'log+', '+log', 'log+log', 'open+log', 'Log', 'log sentry', '../x']) {
    assert.equal(parseName(nameFor(whom)), null, whom);
  }
});

test('what a process that is gone has left is taken over once', (context) => {
  const folder = scratch(context);
  new JournalFolder(folder).write(nameOf(['log', 'sentry']), entryOf());
  const taker = new Journal(folder, () => assert.fail());
  assert.equal(
    taker.takeOver(Date.now(), () => false),
    null,
  );
  const found = taker.takeOver(Date.now(), all);
  const wants = ['log', 'sentry'];
  assert.deepEqual(found, { ...entryOf(), wants, previousProcess: true });
  assert.equal(taker.takeOver(Date.now(), all), null);
  // A watchdog that is restarted finds it again: it is still this process's.
  const successor = new Journal(folder, () => assert.fail()).takeOver(Date.now(), all);
  assert.equal(successor?.previousProcess, false);
  assert.equal(taker.taken(recordOf().id, 'log'), true);
  assert.match(readdirSync(folder)[0] as string, /\.sentry\.json$/);
  assert.equal(taker.taken(recordOf().id, 'sentry'), false);
  assert.deepEqual(readdirSync(folder), []);
});

test('a process of another pid namespace has a lease', (context) => {
  const folder = scratch(context);
  const foreign = nameOf(['log'], recordOf().id, { namespace: '7', pid: 1, startedAt: '5' });
  new JournalFolder(folder).write(foreign, entryOf());
  const journal = new Journal(folder, () => assert.fail());
  const now = Date.now();
  assert.equal(journal.takeOver(now + 9 * 60_000, all), null);
  new JournalFolder(folder).touch(foreign, now + 9 * 60_000);
  assert.equal(journal.takeOver(now + 11 * 60_000, all), null);
  assert.notEqual(journal.takeOver(now + 20 * 60_000, all), null);
});

test('this process is alive, one that never was is not, and one elsewhere is not known', () => {
  const here = ownerNow();
  assert.equal(isAlive(here, here), true);
  assert.equal(isAlive({ ...here, startedAt: '1' }, here), process.platform !== 'linux');
  assert.equal(isAlive(DEAD, here), false);
  assert.equal(isAlive({ ...here, namespace: '7' }, here), null);
});

const parcel: SentryParcel = {
  target: { ...plainTarget('https://key@sentry.test/1'), headers: { 'x-team': 'shop' } },
  detail: 'full',
  scope: { user: { id: 7 }, tags: { a: true }, breadcrumbs: [{ message: 'm' }], transaction: null },
  debugIds: { '/srv/app.js': 'd1' },
};

test('no damage to a record is a record, or an error', () => {
  const parcels = { sentry: parcel };
  const whole = formatEntry({ record: recordOf(), parcels });
  assert.deepEqual(parseEntry(whole), { record: recordOf(), parcels });
  assert.deepEqual(parseEntry(formatEntry(entryOf())), entryOf());
  fc.assert(
    fc.property(fc.nat(whole.length), fc.string(), fc.nat(3), (at, junk, how) => {
      const damaged = [
        whole.slice(0, at),
        whole.slice(0, at) + junk + whole.slice(at),
        whole.slice(0, at) + junk + whole.slice(at + junk.length),
        junk,
      ][how] as string;
      const entry = parseEntry(damaged);
      // Damage inside of a text leaves a record; it must still be one.
      if (entry === null) return;
      for (const field of Object.keys(recordOf())) assert.ok(field in entry.record, field);
      const { sentry } = entry.parcels as { sentry?: SentryParcel };
      if (sentry === undefined) return;
      for (const field of Object.keys(parcel)) assert.ok(field in sentry, field);
    }),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(fc.jsonValue(), (value) => assert.equal(parseEntry(JSON.stringify(value)), null)),
  );
  const wrong = Symbol.iterator.toString().length * 1e9 + 0.5;
  for (const field of Object.keys(recordOf())) {
    if (['durationMs', 'thresholdMs', 'suppressed'].includes(field)) continue;
    assert.equal(parseEntry(JSON.stringify({ ...recordOf(), [field]: wrong })), null, field);
  }
  for (const field of Object.keys(parcel)) {
    const text = JSON.stringify({ ...recordOf(), sentry: { ...parcel, [field]: wrong } });
    assert.deepEqual(parseEntry(text), entryOf(), `${field}: the record is good all the same`);
  }
});

test('a file of an earlier release is read as it was written, and ours are written so for it', () => {
  const text = JSON.stringify({ ...recordOf(), sentry: parcel });
  const entry = { record: recordOf(), parcels: { sentry: parcel } };
  assert.deepEqual(parseEntry(text), entry);
  assert.equal(formatEntry(entry), text);
  assert.equal(formatEntry(entryOf()), JSON.stringify(recordOf()));
});

test('what a newer release has left for a sink of its own is kept for it', (context) => {
  const folder = scratch(context);
  const file = formatName(nameOf(['log', 'carrier', 'sentry'] as Wants));
  const parcels = { carrier: { to: 'https://carrier.test' } };
  writeFileSync(join(folder, file), JSON.stringify({ ...recordOf(), parcels }));
  const journal = new Journal(folder, () => assert.fail());
  const found = journal.takeOver(Date.now(), (wants) => wants.includes('log'));
  assert.deepEqual(found?.record, recordOf(), 'no sink of ours gets it');
  assert.deepEqual(found?.parcels, parcels);
  journal.write({ record: found?.record ?? assert.fail(), parcels }, found?.wants ?? []);
  assert.equal(journal.taken(recordOf().id, 'log'), true);
  assert.equal(journal.taken(recordOf().id, 'sentry'), true);
  const [left, ...more] = readdirSync(folder);
  assert.match(left ?? '', /-[0-9a-f]{32}\.carrier\.json$/);
  assert.deepEqual(more, []);
  const text = readFileSync(join(folder, left as string), 'utf8');
  assert.deepEqual(JSON.parse(text), { ...recordOf(), parcels });
  new JournalFolder(folder).trim(Date.now());
  assert.deepEqual(readdirSync(folder), [left]);
});

test('files that are no records are set aside, and nothing is read outside of the folder', (context) => {
  const root = scratch(context);
  const folder = join(root, 'journal');
  mkdirSync(folder);
  const ids = ['1', '2', '3', '4', '5', '6'].map((digit) => digit.repeat(32));
  const names = ids.map((id) => formatName(nameOf(['log'], id)));
  const [half, link, other, huge, newer, dir] = names.map((name) => join(folder, name)) as [
    ...[string, string, string, string, string, string],
  ];
  writeFileSync(half, JSON.stringify(recordOf({ id: '1'.repeat(32) })).slice(0, 200));
  const secret = join(root, 'secret.json');
  writeFileSync(secret, JSON.stringify(recordOf({ id: '2'.repeat(32) })));
  symlinkSync(secret, link);
  writeFileSync(other, JSON.stringify(recordOf()));
  writeFileSync(huge, ' '.repeat(3 * 1024 * 1024));
  writeFileSync(newer, JSON.stringify({ ...recordOf({ id: '5'.repeat(32) }), schema: 2 }));
  mkdirSync(dir);
  const journal = new Journal(folder, () => assert.fail());
  assert.equal(journal.takeOver(Date.now(), all), null);
  assert.equal(readdirSync(folder).filter((name) => name.endsWith('.aside')).length, 6);
  assert.equal(journal.takeOver(Date.now(), all), null);
  assert.equal(readFileSync(secret, 'utf8').includes('2222'), true);
});
