/**
 * stop(), and the exit: what is on its way arrives, nothing waits for ever, nothing comes twice.
 *
 * @machine timed
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Scope, temporaryFolder } from './harness/folder.js';
import { type Gate, gate } from './harness/gate.js';
import { filesIn } from './harness/journal.js';
import { programPath } from './harness/places.js';
import { unwatched } from './harness/preload.js';
import { reportsFrom } from './harness/reports.js';
import { type Ended, type Running, start } from './harness/run.js';
import { sentryReceiver } from './harness/sentry-receiver.js';
import { until } from './harness/until.js';

/** What an idle stop may take on a machine that is busy: mostly the end of a thread. */
const AT_ONCE_MS = 1000;

/** What ending threads and a process may take on top of a flush. */
const GRACE_MS = 2500;

/** Blocks that nothing can starve, each with turns after it in which it is settled. */
const BLOCK = ['block:400', 'sleep:100'];

interface Stepping {
  readonly running: Running;
  /** Of the log. */
  ids(): string[];
}

function stepping(
  scope: Scope,
  steps: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Stepping {
  const log = join(temporaryFolder(scope), 'blocks.ndjson');
  const running = start(scope, [programPath('steps.mjs'), ...steps], {
    preload: unwatched,
    env: { LOOPWATCH_LOG: log, LOOPWATCH_BEAT_MS: '10', ...env },
  });
  return { running, ids: () => reportsFrom(log).map(({ block }) => block.id) };
}

/** How long each stop took, in ms. */
function stopsIn(stdout: string): number[] {
  return [...stdout.matchAll(/^stopped (\d+)$/gm)].map(([, ms]) => Number(ms));
}

function assertWell(ended: Ended): void {
  assert.deepEqual([ended.code, ended.signal, ended.stderr], [0, null, '']);
}

async function requests(ingest: Gate, count: number, { running }: Stepping): Promise<void> {
  await until(`${count} requests`, () => ingest.ids.length >= count, {
    seen: () => [ingest.ids, running.shown()],
  });
}

describe('stop()', { concurrency: 3 }, () => {
  test('delivers what is queued', async (t) => {
    const receiver = await sentryReceiver(t);
    const blocks = [...BLOCK, ...BLOCK, 'block:400'];
    const program = stepping(t, ['start', 'up', ...blocks, 'stop'], { SENTRY_DSN: receiver.dsn });
    const ended = await program.running.endInput();
    assertWell(ended);
    assert.equal(program.ids().length, 3);
    const sent = receiver.arrivals.map(({ header }) => header.event_id);
    assert.deepEqual(sent, program.ids());
    assert.deepEqual(filesIn(ended.journalDir), []);
  });

  test('waits for what is in flight, and then resolves', async (t) => {
    const ingest = await gate(t);
    const steps = ['start', 'up', ...BLOCK, 'stopping', 'say:going', 'join'];
    const env = { SENTRY_DSN: ingest.dsn, LOOPWATCH_EXIT_FLUSH_MS: '15000' };
    const program = stepping(t, steps, env);
    await requests(ingest, 1, program);
    await program.running.says('stdout', /^going$/m);
    // Long enough for a stop that does not wait.
    await sleep(600);
    assert.deepEqual(stopsIn(program.running.stdout), [], 'it waits');
    ingest.open();
    const openedMs = performance.now();
    await program.running.says('stdout', /^stopped /m);
    assert.ok(performance.now() - openedMs < AT_ONCE_MS + 500, 'and no longer than that');
    const ended = await program.running.endInput();
    assertWell(ended);
    assert.deepEqual(ingest.ids, program.ids());
    assert.equal(ingest.ids.length, 1);
    assert.deepEqual(filesIn(ended.journalDir), []);
  });

  test('delivers what the turn that calls it, and those after it, have queued', async (t) => {
    const ingest = await gate(t);
    const go = join(temporaryFolder(t), 'go');
    const steps = [
      'start',
      'up',
      ...BLOCK,
      'block:400',
      'stopping',
      ...BLOCK,
      `file:${go}`,
      'join',
    ];
    const env = { SENTRY_DSN: ingest.dsn, LOOPWATCH_EXIT_FLUSH_MS: '15000' };
    const program = stepping(t, steps, env);
    await requests(ingest, 1, program);
    await until('three reports in the log', () => program.ids().length >= 3, {
      seen: () => program.ids(),
    });
    writeFileSync(go, '');
    ingest.open();
    const ended = await program.running.endInput();
    assertWell(ended);
    assert.deepEqual(ingest.ids, program.ids());
    assert.equal(ingest.ids.length, 3);
    assert.deepEqual(filesIn(ended.journalDir), []);
  });

  test('gives up a sink that is stuck; the next start delivers what is left', async (t) => {
    const ingest = await gate(t);
    const go = join(temporaryFolder(t), 'go');
    const steps = ['start', 'up', ...BLOCK, ...BLOCK, 'stop', `file:${go}`, 'start', 'idle'];
    // Time for the log, also where others have the CPU.
    const flushMs = 1500;
    const env = { SENTRY_DSN: ingest.dsn, LOOPWATCH_EXIT_FLUSH_MS: String(flushMs) };
    const program = stepping(t, steps, env);
    const { running } = program;
    await running.says('stdout', /^stopped /m);
    const [tookMs = 0] = stopsIn(running.stdout);
    assert.ok(tookMs >= flushMs - 50 && tookMs < flushMs + GRACE_MS, `stopped after ${tookMs} ms`);
    const logged = program.ids();
    assert.equal(logged.length, 2);
    assert.equal(filesIn(running.journalDir).length, 2, 'both wait for Sentry');
    ingest.open();
    writeFileSync(go, '');
    await until('an empty journal', () => filesIn(running.journalDir).length === 0, {
      seen: () => filesIn(running.journalDir),
    });
    const ended = await running.endInput();
    assertWell(ended);
    assert.deepEqual(program.ids(), logged, 'logged once');
    // The first was out when its reporter was ended.
    assert.deepEqual([...new Set(ingest.ids)].sort(), [...logged].sort());
    assert.equal(ingest.ids.length, 3);
  });

  test('resolves where nothing was started, where it was called before, and both of two', async (t) => {
    const steps = ['stop', 'start', 'up', ...BLOCK, 'stops', 'stop'];
    const program = stepping(t, steps);
    const ended = await program.running.endInput();
    assertWell(ended);
    assert.equal(program.ids().length, 1);
    const took = stopsIn(ended.stdout);
    assert.equal(took.length, 3);
    for (const ms of took) assert.ok(ms < AT_ONCE_MS, `stopped after ${ms} ms`);
  });

  test('resolves when a stop before it has, which a start came after', async (t) => {
    const ingest = await gate(t);
    const again = ['stopping', 'start', 'stopping', 'say:going', 'stop', 'say:drained'];
    const steps = ['start', 'up', ...BLOCK, ...again];
    const env = { SENTRY_DSN: ingest.dsn, LOOPWATCH_EXIT_FLUSH_MS: '15000' };
    const program = stepping(t, steps, env);
    await requests(ingest, 1, program);
    await program.running.says('stdout', /^going$/m);
    // Long enough for the second watch, which has nothing to deliver.
    await sleep(1500);
    assert.deepEqual(stopsIn(program.running.stdout), [], 'both wait');
    ingest.open();
    const ended = await program.running.endInput();
    assertWell(ended);
    assert.match(ended.stdout, /^drained$/m);
    assert.deepEqual(ingest.ids, program.ids());
    assert.equal(ingest.ids.length, 1);
  });

  test('has nothing to wait for when it is idle', async (t) => {
    const ingest = await gate(t);
    const steps = ['start', 'up', 'stop', 'start', 'stop', 'start', 'say:on', 'up', 'stop'];
    const program = stepping(t, steps, { SENTRY_DSN: ingest.dsn });
    const ended = await program.running.endInput();
    assertWell(ended);
    const took = stopsIn(ended.stdout);
    assert.equal(took.length, 3);
    for (const ms of took) assert.ok(ms < AT_ONCE_MS, `stopped after ${ms} ms`);
  });

  test('and a start at once send what is in flight once', async (t) => {
    const ingest = await gate(t);
    const steps = ['start', 'up', ...BLOCK, 'stopping', 'start', 'idle'];
    const env = { SENTRY_DSN: ingest.dsn, LOOPWATCH_EXIT_FLUSH_MS: '15000' };
    const program = stepping(t, steps, env);
    const { running } = program;
    await requests(ingest, 1, program);
    // Long enough for a second watchdog to look into the journal.
    await sleep(1500);
    ingest.open();
    await running.says('stdout', /^stopped /m);
    await until('an empty journal', () => filesIn(running.journalDir).length === 0, {
      seen: () => filesIn(running.journalDir),
    });
    const ended = await running.endInput();
    assertWell(ended);
    assert.equal(program.ids().length, 1);
    assert.deepEqual(ingest.ids, program.ids());
  });
});

describe('process.exit() while the ingest is stuck', { concurrency: 3 }, () => {
  for (const flushMs of [0, 500, 2000]) {
    test(`ends after ${flushMs} ms, with its code, and keeps what was not sent`, async (t) => {
      const ingest = await gate(t);
      const steps = ['start', 'up', ...BLOCK, ...BLOCK, 'exit:7'];
      const env = { SENTRY_DSN: ingest.dsn, LOOPWATCH_EXIT_FLUSH_MS: String(flushMs) };
      const { running, ids } = stepping(t, steps, env);
      const ended = await running.endInput();
      assert.deepEqual([ended.code, ended.signal, ended.stderr], [7, null, '']);
      assert.ok(ended.silentMs >= flushMs - 50, `it left after ${ended.silentMs} ms`);
      assert.ok(ended.silentMs < flushMs + GRACE_MS, `it left after ${ended.silentMs} ms`);
      assert.equal(filesIn(ended.journalDir).length, 2);
      assert.ok(ids().length <= 2);
      assert.equal(new Set(ids()).size, ids().length);
    });
  }
});
