/**
 * What a process that is gone has left is delivered by those that are there: all of it, once.
 *
 * @machine waiting
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { blocking, unmissable } from './harness/block.js';
import { cleanEnvironment } from './harness/environment.js';
import { type Scope, temporaryFolder } from './harness/folder.js';
import { gate } from './harness/gate.js';
import { filesIn } from './harness/journal.js';
import { another, orphaned } from './harness/orphans.js';
import { node, programPath, programsFolder } from './harness/places.js';
import { byImport, unwatched } from './harness/preload.js';
import { type Report, reportsFrom, separate } from './harness/reports.js';
import { type Running, type RunOptions, start } from './harness/run.js';
import { dsnFor, freePort, sentryReceiver } from './harness/sentry-receiver.js';
import { until } from './harness/until.js';

/** Longer than the watchdog waits between two looks into the journal. */
const LOOKS_MS = 6500;

const isRoot = process.getuid?.() === 0;
const nobody = 65_534;

interface Place {
  readonly journalDir: string;
  readonly env: Readonly<Record<string, string>>;
  /** A log file of that name. */
  log(name: string): string;
}

/** A journal that several processes share. */
function place(scope: Scope, dsn?: string): Place {
  const folder = temporaryFolder(scope);
  const journalDir = join(folder, 'journal');
  const sentry = dsn === undefined ? {} : { SENTRY_DSN: dsn };
  return {
    journalDir,
    env: { LOOPWATCH_JOURNAL_DIR: journalDir, ...sentry },
    log: (name) => join(folder, `${name}.ndjson`),
  };
}

/** A watched process that does nothing until its input ends. */
function idler(scope: Scope, { env, log }: Place, name: string, how: RunOptions = {}): Running {
  const all = { ...env, LOOPWATCH_LOG: log(name), ...how.env };
  return start(scope, [programPath('block.mjs'), 'kind=wait', 'ms=1', 'end=idle'], {
    ...how,
    env: all,
  });
}

async function emptied({ journalDir }: Place, ...running: readonly Running[]): Promise<void> {
  await until('an empty journal', () => filesIn(journalDir).length === 0, {
    seen: () => [filesIn(journalDir), ...running.map((one) => one.shown())],
  });
}

async function endWell(running: Running): Promise<void> {
  const { code, signal, stderr } = await running.endInput();
  assert.deepEqual([code, signal, stderr], [0, null, '']);
}

function idsOf(reports: readonly Report[]): string[] {
  return reports.map(({ block }) => block.id);
}

describe('the journal of others', { concurrency: 8 }, () => {
  describe('a block in which the process was killed', () => {
    test('is delivered by the next one, once, to the log and to Sentry', async (t) => {
      const receiver = await sentryReceiver(t);
      const here = place(t, receiver.dsn);
      const env = { ...here.env, LOOPWATCH_LOG: here.log('killed') };
      const { record } = await orphaned(t, { env });
      assert.deepEqual(reportsFrom(here.log('killed')), []);

      const next = idler(t, here, 'next');
      await emptied(here, next);
      await endWell(next);
      const another = idler(t, here, 'another');
      await another.says('stdout', /^measured/m);
      await endWell(another);

      const [report, ...more] = reportsFrom(here.log('next'));
      assert.deepEqual([...more, ...reportsFrom(here.log('another'))], []);
      assert.equal(report?.block.id, record.id);
      assert.equal(report?.block.previousProcess, true);
      assert.equal(report?.block.ended, false);
      assert.equal(report?.block.process.pid, record.process.pid, 'whose block it was');
      assert.equal(report?.block.culprit?.function, 'wait');
      assert.match(report?.msg ?? '', /when its process ended/);
      assert.deepEqual(receiver.faults, []);
      assert.deepEqual(
        receiver.arrivals.map(({ event }) => event.event_id),
        [record.id],
      );
    });

    test('is delivered by one that runs already', async (t) => {
      const receiver = await sentryReceiver(t);
      const here = place(t, receiver.dsn);
      const sibling = idler(t, here, 'sibling');
      await sibling.says('stdout', /^measured/m);
      const env = { ...here.env, LOOPWATCH_LOG: here.log('killed') };
      const { record } = await orphaned(t, { env });
      await emptied(here, sibling);
      await endWell(sibling);
      const reports = reportsFrom(here.log('sibling'));
      assert.deepEqual(idsOf(reports), [record.id]);
      assert.equal(reports[0]?.block.previousProcess, true);
      assert.equal(receiver.arrivals.length, 1);
    });

    test('is delivered by one of four that start at once, 20 times', async (t) => {
      const receiver = await sentryReceiver(t);
      const here = place(t, receiver.dsn);
      const first = await orphaned(t, { env: here.env });
      const wanted = [first, ...Array.from({ length: 19 }, () => another(here.journalDir, first))];
      const names = ['a', 'b', 'c', 'd'];
      const four = names.map((name) => idler(t, here, name));
      await emptied(here, ...four);
      for (const one of four) await endWell(one);
      const reports = names.flatMap((name) => reportsFrom(here.log(name)));
      const ids = wanted.map(({ record }) => record.id).sort();
      assert.deepEqual(idsOf(reports).sort(), ids);
      const sent = receiver.arrivals.map(({ event }) => event.event_id);
      assert.deepEqual(sent.sort(), ids);
      for (const { block } of reports) assert.equal(block.previousProcess, true);
    });

    test("stays a previous process's when its heir stops and starts before Sentry has it", async (t) => {
      const receiver = await sentryReceiver(t, ['silence']);
      const here = place(t, receiver.dsn);
      const { record } = await orphaned(t, { env: here.env });
      const go = join(temporaryFolder(t), 'go');
      const heir = start(
        t,
        [programPath('steps.mjs'), 'start', `file:${go}`, 'stop', 'start', 'idle'],
        {
          preload: unwatched,
          env: { ...here.env, LOOPWATCH_LOG: here.log('heir'), LOOPWATCH_EXIT_FLUSH_MS: '200' },
        },
      );
      await until('a request', () => receiver.arrivals.length === 1, { seen: () => heir.shown() });
      writeFileSync(go, '');
      await emptied(here, heir);
      await endWell(heir);
      const events = receiver.arrivals.map(({ event }) => event);
      assert.deepEqual(
        events.map((event) => [event.event_id, event.contexts['event loop']?.previous_process]),
        [
          [record.id, true],
          [record.id, true],
        ],
      );
      assert.deepEqual(idsOf(reportsFrom(here.log('heir'))), [record.id]);
    });

    test('is delivered while its process is a zombie: in a container nobody may bury it', async (t) => {
      const here = place(t);
      // The shell becomes a program that never asks what became of its child.
      const watched = [node, ...byImport().flags, ...blocking({ kind: 'wait', ms: 60_000 })];
      const keeper = spawn('sh', ['-c', '"$0" "$@" & exec sleep 120', ...watched], {
        cwd: programsFolder,
        env: cleanEnvironment(here.env),
        stdio: 'ignore',
        detached: true,
      });
      const gone = new Promise((resolve) => keeper.on('close', resolve));
      t.after(async () => {
        process.kill(-(keeper.pid as number), 'SIGKILL');
        await gone;
      });
      const pidIn = () => {
        const [name] = filesIn(here.journalDir).filter((one) => one.endsWith('.json'));
        return name === undefined ? undefined : Number(name.split('.')[1]);
      };
      const pid = await until('a record in the journal', pidIn);
      process.kill(pid, 'SIGKILL');
      if (process.platform === 'linux') {
        const state = () => readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.[0];
        await until('a zombie', () => state() === 'Z', { seen: state });
      }
      const next = idler(t, here, 'next');
      await emptied(here, next);
      await endWell(next);
      assert.equal(reportsFrom(here.log('next')).length, 1);
    });
  });

  describe('a hang that was reported while it lasted', () => {
    const hang = blocking({ kind: 'wait', ms: 20_000 });

    test('and killed its process is one more log line, and no second event', async (t) => {
      const receiver = await sentryReceiver(t);
      const here = place(t, receiver.dsn);
      const log = here.log('both');
      const env = { ...here.env, LOOPWATCH_LOG: log, LOOPWATCH_HANG_MS: '500' };
      const hanging = start(t, hang, { env });
      await until('a line and an event', () => {
        return reportsFrom(log).length === 1 && receiver.arrivals.length === 1;
      });
      // The journal comes to know that Sentry has it.
      await until('a file for the log only', () => {
        const names = filesIn(here.journalDir);
        return names.length === 1 && names[0]?.endsWith('.log.json') === true;
      });
      hanging.signal('SIGKILL');
      await hanging.ended;

      const next = idler(t, here, 'both');
      await emptied(here, next);
      await endWell(next);
      const [announced, ended, ...more] = reportsFrom(log);
      assert.deepEqual(more, []);
      assert.equal(announced?.block.previousProcess, false);
      assert.equal(ended?.block.previousProcess, true);
      assert.equal(ended?.block.id, announced?.block.id);
      assert.equal(ended?.block.kind, 'hang');
      assert.equal(receiver.arrivals.length, 1, 'no second event');
    });

    /** The hang is reported, but Sentry has not taken it when the process is killed. */
    async function killedUnsent(
      scope: Scope,
      ms: number,
      isDue: (reports: readonly Report[], sinceMs: number) => boolean,
    ): Promise<void> {
      const ingest = await gate(scope);
      const here = place(scope, ingest.dsn);
      const log = here.log('both');
      const env = { ...here.env, LOOPWATCH_LOG: log, LOOPWATCH_HANG_MS: '500' };
      const args = blocking({ ...unmissable, ms, end: 'idle' });
      const hanging = start(scope, args, { env });
      await until('a line and a request', () => {
        return reportsFrom(log).length > 0 && ingest.ids.length > 0;
      });
      const sinceMs = performance.now();
      await until('the moment', () => isDue(reportsFrom(log), performance.now() - sinceMs));
      const [{ block }] = reportsFrom(log) as [Report];
      hanging.signal('SIGKILL');
      await hanging.ended;
      const unsent = ingest.ids.length;

      const next = idler(scope, here, 'both');
      ingest.open();
      await emptied(here, next);
      await endWell(next);
      assert.ok(ingest.ids.length > unsent, 'the event is sent by the successor');
      assert.deepEqual([...new Set(ingest.ids)], [block.id]);
    }

    test('but not yet sent is sent by the next, however long it went on', async (t) => {
      // Twice hangMs, and its file has been written anew.
      await killedUnsent(t, 20_000, (_, sinceMs) => sinceMs > 1500);
    });

    test('and has ended, but is not yet sent, is sent by the next', async (t) => {
      await killedUnsent(t, 1200, (reports, sinceMs) => {
        return reports.some(({ block }) => block.ended) && sinceMs > 300;
      });
    });
  });

  describe('what was logged, but not sent', () => {
    test('is only sent', async (t) => {
      const ingest = await gate(t);
      const here = place(t, ingest.dsn);
      const log = here.log('both');
      const env = { ...here.env, LOOPWATCH_LOG: log };
      const first = start(t, blocking({ ...unmissable, end: 'idle' }), { env });
      await until('a line and a request', () => {
        return reportsFrom(log).length === 1 && ingest.ids.length === 1;
      });
      await until('a file for Sentry only', () => {
        return filesIn(here.journalDir).some((name) => name.endsWith('.sentry.json'));
      });
      first.signal('SIGKILL');
      await first.ended;
      const next = idler(t, here, 'both');
      await until('the event', () => ingest.ids.length > 1);
      ingest.open();
      await emptied(here, next);
      await endWell(next);
      assert.equal(reportsFrom(log).length, 1, 'it is logged already');
      assert.deepEqual([...new Set(ingest.ids)], idsOf(reportsFrom(log)));
    });
  });

  describe('a process that has not the sinks', () => {
    /** Lets one look into the journal, and go. */
    async function passBy(running: Running): Promise<void> {
      await running.says('stdout', /^measured/m);
      await sleep(LOOKS_MS);
      await endWell(running);
    }

    test('for anything leaves everything to those that have', async (t) => {
      const here = place(t);
      const { record } = await orphaned(t, { env: here.env });
      await passBy(idler(t, here, 'none', { env: { LOOPWATCH_LOG: 'off' } }));
      const next = idler(t, here, 'next');
      await emptied(here, next);
      await endWell(next);
      assert.deepEqual(idsOf(reportsFrom(here.log('next'))), [record.id]);
    });

    test('for Sentry leaves its events to those that have', async (t) => {
      const port = await freePort();
      const here = place(t, dsnFor(port));
      const args = blocking({ ...unmissable, end: 'idle' });
      const killed = start(t, args, { env: { ...here.env, LOOPWATCH_LOG: here.log('killed') } });
      await until('a file for Sentry only', () => {
        return filesIn(here.journalDir).some((name) => name.endsWith('.sentry.json'));
      });
      killed.signal('SIGKILL');
      await killed.ended;
      await passBy(idler(t, here, 'none', { env: { SENTRY_DSN: undefined } }));
      assert.deepEqual(reportsFrom(here.log('none')), [], 'it is logged already');
      const receiver = await sentryReceiver(t, [], port);
      const next = idler(t, here, 'next');
      await emptied(here, next);
      await endWell(next);
      assert.deepEqual(
        receiver.arrivals.map(({ event }) => event.event_id),
        idsOf(reportsFrom(here.log('killed'))),
      );
    });
  });

  describe('files that are no records', () => {
    test('are set aside or left alone, and keep nothing from being delivered', async (t) => {
      const here = place(t);
      const { journalDir } = here;
      const outside = temporaryFolder(t);
      const secret = join(outside, 'secret.json');
      const good = await orphaned(t, { env: here.env });
      const id = (digit: string) => digit.repeat(32);
      const path = (digit: string) =>
        join(journalDir, good.name.replace(good.record.id, id(digit)));
      const text = (changes: object) => JSON.stringify({ ...good.record, ...changes });

      writeFileSync(path('0'), 'no JSON at all');
      writeFileSync(path('1'), text({ id: id('1') }).slice(0, 200));
      writeFileSync(secret, text({ id: id('2') }));
      symlinkSync(secret, path('2'));
      writeFileSync(path('3'), text({ id: id('3'), scope: 'x'.repeat(3 * 1024 * 1024) }));
      writeFileSync(path('4'), text({ id: id('4'), schema: 2 }));
      writeFileSync(path('5'), text({ id: id('6') }));
      writeFileSync(path('7'), '');
      writeFileSync(path('8'), text({ id: id('8'), samples: { count: 1, stacks: 'none' } }));
      mkdirSync(path('9'));
      if (isRoot) {
        writeFileSync(path('a'), text({ id: id('a') }));
        chownSync(path('a'), nobody, nobody);
      }
      writeFileSync(join(journalDir, 'notes.txt'), 'mine');
      writeFileSync(join(journalDir, '..', 'beside.txt'), 'mine');
      const before = readFileSync(secret, 'utf8');

      const next = idler(t, here, 'next');
      const reports = await until('the good one', () => {
        const found = reportsFrom(here.log('next'));
        return found.length > 0 && found;
      });
      const isDone = () => !filesIn(journalDir).some((name) => name.endsWith('.json'));
      await until('nothing left to look at', isDone, { seen: () => filesIn(journalDir) });
      await endWell(next);
      assert.deepEqual(idsOf(reports), [good.record.id]);
      assert.deepEqual(idsOf(reportsFrom(here.log('next'))), [good.record.id]);

      const left = filesIn(journalDir);
      const aside = left.filter((name) => name.endsWith('.json.aside'));
      assert.deepEqual(
        left.filter((name) => !aside.includes(name)),
        ['notes.txt'],
      );
      assert.equal(aside.length, isRoot ? 10 : 9, left.join('\n'));
      assert.equal(readFileSync(secret, 'utf8'), before);
      assert.deepEqual(filesIn(outside), ['secret.json']);

      // Nobody meets them again.
      const third = idler(t, here, 'third');
      await third.says('stdout', /^measured/m);
      await endWell(third);
      assert.deepEqual(filesIn(journalDir).sort(), left.sort());
      assert.deepEqual(reportsFrom(here.log('third')), []);
    });

    test('nor is half of one that a killed process was writing', async (t) => {
      const here = place(t);
      const { name, record } = await orphaned(t, { env: here.env });
      const file = join(here.journalDir, name);
      renameSync(file, `${file}.tmp`);
      writeFileSync(`${file}.tmp`, JSON.stringify(record).slice(0, 500));
      const next = idler(t, here, 'next');
      await next.says('stdout', /^measured/m);
      await emptied(here, next);
      await endWell(next);
      assert.deepEqual(reportsFrom(here.log('next')), []);
    });
  });

  describe('a journal that can not be written', () => {
    test('keeps its records for somebody who can, and everything is reported', async (t) => {
      const here = place(t);
      const { journalDir } = here;
      const { name, record } = await orphaned(t, { env: here.env });
      const file = join(journalDir, name);
      // Nothing is read-only for root, so that the programs have to be somebody else.
      if (isRoot) for (const path of [journalDir, file]) chownSync(path, nobody, nobody);
      const folder = join(journalDir, '..');
      if (isRoot) chownSync(folder, nobody, nobody);
      chmodSync(journalDir, 0o500);
      const how = isRoot ? { uid: nobody } : {};
      const env = { ...here.env, LOOPWATCH_LOG: here.log('reader') };
      const reader = start(t, blocking({ ...unmissable, end: 'idle' }), {
        env,
        ...how,
      });
      await until('its own block', () => reportsFrom(here.log('reader')).length > 0);
      await sleep(LOOKS_MS);
      const { code, stderr } = await reader.endInput();
      assert.equal(code, 0);
      const { rest } = separate(stderr);
      assert.match(rest, /^loopwatch: [^\n]*journal[^\n]*\n$/, 'said once');
      assert.deepEqual(filesIn(journalDir), [name]);
      const [own, ...more] = reportsFrom(here.log('reader'));
      assert.deepEqual(more, []);
      assert.notEqual(own?.block.id, record.id);
      assert.ok(existsSync(file));

      chmodSync(journalDir, 0o700);
      const next = idler(t, here, 'next', how);
      await emptied(here, next);
      await endWell(next);
      assert.deepEqual(idsOf(reportsFrom(here.log('next'))), [record.id]);
    });
  });
});
