/**
 * Reports through a logger of the program: written by main when it can, never lost, never twice.
 *
 * @machine waiting
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { ProgramLogger } from 'loopwatch';
import { pino } from 'pino';
import { type Scope, temporaryFolder } from './harness/folder.js';
import { filesIn, recordsIn } from './harness/journal.js';
import { programPath } from './harness/places.js';
import { unwatched } from './harness/preload.js';
import { type LogLine, reportsIn, separate } from './harness/reports.js';
import { type Running, start } from './harness/run.js';
import { until } from './harness/until.js';

test('a pino logger, a child of one and the console are loggers to the compiler, too', () => {
  const shop = pino({ enabled: false });
  const loggers: readonly ProgramLogger[] = [shop, shop.child({ part: 'loop' }), console];
  assert.equal(loggers.length, 3);
});

interface Program {
  readonly running: Running;
  /** What its logger has written. */
  logged(): LogLine[];
}

interface What {
  readonly kind: string;
  readonly ms?: number;
  readonly end?: string;
  readonly env?: Readonly<Record<string, string>>;
}

function program(scope: Scope, { kind, ms = 400, end = 'idle', env = {} }: What): Program {
  const file = join(temporaryFolder(scope), 'shop.ndjson');
  const args = [programPath('logger.mjs'), kind, file, String(ms), end];
  const running = start(scope, args, { preload: unwatched, env });
  const logged = () => {
    const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as LogLine);
  };
  return { running, logged };
}

/** Waits for the first lines, and until nobody wants the record any more. */
async function settled({ running, logged }: Program): Promise<void> {
  await until('it is logged', () => logged().length > 0 || reportsIn(running.stderr).length > 0, {
    seen: () => running.shown(),
  });
  await until('the journal is empty', () => filesIn(running.journalDir).length === 0, {
    seen: () => [recordsIn(running.journalDir), running.shown()],
  });
}

describe('what the logger writes', { concurrency: 5 }, () => {
  for (const kind of ['pino', 'child']) {
    test(`${kind}: the report, at its level, once, and stderr nothing`, async (t) => {
      const shop = program(t, { kind });
      await settled(shop);
      const ended = await shop.running.endInput();
      assert.deepEqual([ended.code, ended.stderr], [0, '']);
      const [line, ...more] = shop.logged() as (LogLine & { name: string; part?: string })[];
      assert.deepEqual(more, []);
      assert.deepEqual([line?.level, line?.name], [40, 'shop']);
      assert.equal(line?.part, kind === 'child' ? 'loop' : undefined);
      assert.match(line?.msg ?? '', /^event loop blocked \d+ ms in block \(/);
      assert.equal(line?.block?.culprit?.function, 'block');
      assert.equal(line?.block?.suppressed, 0);
      assert.match(line?.hint ?? '', /^[^\n]+\.$/);
    });
  }

  test('a hang: log while it lasts, since who hangs writes nothing, and the logger its end', async (t) => {
    const shop = program(t, { kind: 'pino', ms: 1500, env: { LOOPWATCH_HANG_MS: '500' } });
    await settled(shop);
    const ended = await shop.running.endInput();
    const [during, ...more] = reportsIn(ended.stderr);
    assert.deepEqual([during?.level, during?.block.ended, more], [50, false, []]);
    const [after, ...others] = shop.logged();
    assert.deepEqual([after?.level, after?.block?.ended, others], [50, true, []]);
    assert.equal(after?.block?.id, during?.block.id);
  });

  test('late beats that were no blocks, when the level asks for them', async (t) => {
    const shop = program(t, { kind: 'pino', ms: 1, env: { LOOPWATCH_LOG_LEVEL: 'debug' } });
    await shop.running.says('stdout', /^up$/m);
    shop.running.signal('SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, 700));
    shop.running.signal('SIGCONT');
    const line = await until(
      'the late beat is logged',
      () => shop.logged().find(({ unconfirmed }) => unconfirmed?.reason === 'suspended'),
      { seen: () => [shop.logged().map(({ msg }) => msg), shop.running.shown()] },
    );
    assert.equal(line.level, 20);
  });

  test('a promise is waited for', async (t) => {
    const shop = program(t, { kind: 'later' });
    await settled(shop);
    const ended = await shop.running.endInput();
    assert.equal(ended.stderr, '');
    assert.equal(shop.logged().length, 1);
  });
});

describe('a logger that fails', { concurrency: 5 }, () => {
  for (const kind of ['throws', 'rejects']) {
    test(`${kind}: said once, log has the report, and the program goes on`, async (t) => {
      const shop = program(t, { kind });
      await settled(shop);
      const ended = await shop.running.endInput();
      assert.equal(ended.code, 0);
      const { lines, rest } = separate(ended.stderr);
      assert.equal(lines.length, 1);
      assert.match(rest, /^loopwatch: the logger failed: the logger is (closed|away)\n$/);
    });
  }

  test('one that ends the process: log has the report', async (t) => {
    const shop = program(t, { kind: 'exits' });
    const ended = await shop.running.ended;
    assert.equal(ended.code, 5);
    assert.equal(reportsIn(ended.stderr).length, 1);
    assert.deepEqual(filesIn(ended.journalDir), []);
  });
});

describe('a program that does not get to log', { concurrency: 5 }, () => {
  test('exits in the turn that blocked: log has it', async (t) => {
    const shop = program(t, { kind: 'pino', end: 'exit' });
    const ended = await shop.running.ended;
    assert.equal(ended.code, 3);
    assert.equal(reportsIn(ended.stderr).length, 1);
    assert.deepEqual([shop.logged(), filesIn(ended.journalDir)], [[], []]);
  });

  test('exits right after it has logged: nobody else has it', async (t) => {
    const shop = program(t, { kind: 'pino', end: 'exit-soon' });
    const ended = await shop.running.ended;
    assert.equal(ended.code, 3);
    assert.deepEqual([shop.logged().length, ended.stderr], [1, '']);
    assert.deepEqual(filesIn(ended.journalDir), []);
  });

  test('blocks again: each report is somewhere, once', async (t) => {
    const shop = program(t, { kind: 'pino', end: 'again' });
    const all = () => [...shop.logged(), ...reportsIn(shop.running.stderr)];
    await until('both are logged', () => all().length >= 2, {
      seen: () => [all(), shop.running.shown()],
    });
    await settled(shop);
    await shop.running.endInput();
    const ids = all().map(({ block }) => block?.id);
    assert.deepEqual([ids.length, new Set(ids).size], [2, 2]);
  });

  test('stops the watch: it still gets what is pending', async (t) => {
    const shop = program(t, { kind: 'pino', end: 'stop' });
    await shop.running.says('stdout', /stopped/);
    const ended = await shop.running.endInput();
    assert.equal(ended.stderr, '');
    assert.equal(shop.logged().length, 1);
    assert.deepEqual(filesIn(ended.journalDir), []);
  });

  test('is killed: the logger of the next start has it', async (t) => {
    const env = { LOOPWATCH_JOURNAL_DIR: join(temporaryFolder(t), 'journal') };
    const killed = program(t, { kind: 'pino', ms: 60_000, env });
    const journal = env.LOOPWATCH_JOURNAL_DIR;
    await until('the record is journalled', () => recordsIn(journal).length > 0);
    killed.running.signal('SIGKILL');
    await killed.running.ended;
    const [left] = recordsIn(journal);
    const next = program(t, { kind: 'pino', ms: 1, env });
    await settled(next);
    const ended = await next.running.endInput();
    assert.equal(ended.stderr, '');
    const [line, ...more] = next.logged();
    assert.deepEqual([line?.block?.id, line?.block?.previousProcess, more], [left?.id, true, []]);
  });
});
