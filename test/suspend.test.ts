/**
 * A process that was stopped as a whole has not blocked.
 *
 * @machine timed
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scope } from './harness/folder.js';
import { filesIn } from './harness/journal.js';
import { type LogLine, separate } from './harness/reports.js';
import { type Server, startServer } from './harness/server.js';
import { until } from './harness/until.js';

/** A block that is reported; one of a slow start is only logged, at the level of these tests. */
function isReport({ block, level }: LogLine): boolean {
  return block !== undefined && level >= 40;
}

/** A server whose watchdog is known to watch: it has reported a first block. */
async function watchedServer(t: Scope): Promise<Server> {
  const server = await startServer(t, { env: { LOOPWATCH_LOG_LEVEL: 'debug' } });
  await server.get('/first?ms=400');
  await server.blocked(1);
  return server;
}

/** The same after the reporter has been started and has done its work. */
async function idleServer(t: Scope): Promise<Server> {
  const server = await watchedServer(t);
  await server.running.says('stderr', /"block":/);
  await until('the journal is empty', () => filesIn(server.running.journalDir).length === 0);
  return server;
}

async function standStill({ running }: Server, ms: number): Promise<void> {
  running.signal('SIGSTOP');
  await sleep(ms);
  running.signal('SIGCONT');
}

describe('SIGSTOP on an idle server', { concurrency: 3 }, () => {
  test('for 2 s is no report and one unconfirmed late beat', async (t) => {
    const server = await idleServer(t);
    const { running } = server;
    await standStill(server, 2000);
    const [, event] = await running.says('stdout', /^unconfirmed (.*"suspended".*)$/m);
    const { durationMs } = JSON.parse(event as string) as { durationMs: number };
    assert.ok(durationMs > 1900 && durationMs < 5000, `${durationMs} ms`);
    await running.says('stderr', /"unconfirmed"/);
    await server.get('/');
    // A busy machine may make other beats late, and these are told apart from the stop.
    const { starved: _, ...counts } = await server.end();
    assert.deepEqual(counts, { suspended: 1 });
    const { lines, rest } = separate(running.stderr);
    assert.equal(rest, '');
    const reported = lines.filter(isReport);
    assert.equal(reported.length, 1, 'the first block and no other');
    const logged = lines.filter(({ unconfirmed }) => unconfirmed?.reason === 'suspended');
    assert.equal(logged.length, 1);
    assert.equal(logged[0]?.level, 20);
    assert.equal(server.blocks().length, 1);
    assert.deepEqual(filesIn(running.journalDir), []);
  });

  test('leaves a block after it to be reported', async (t) => {
    const server = await idleServer(t);
    await standStill(server, 1000);
    await server.running.says('stdout', /^unconfirmed .*"suspended"/m);
    await server.get('/second?ms=400');
    const [, block, ...more] = await server.blocked(2);
    await server.end();
    assert.deepEqual(more, []);
    assert.equal(block?.culprit?.function, 'handle');
    assert.equal(block?.request?.path, '/second');
    assert.ok((block?.durationMs ?? 0) < 800, `${block?.durationMs} ms`);
  });

  test('right after a block, while the watchdog is at work, is no report either', async (t) => {
    // The moments differ from run to run, so that there are several.
    const once = async () => {
      const server = await watchedServer(t);
      await standStill(server, 700);
      await server.running.says('stdout', /^unconfirmed .*"suspended"/m);
      const { starved: _starved, ...counts } = await server.end();
      assert.deepEqual(counts, { suspended: 1 });
      assert.equal(server.blocks().length, 1);
      const { lines } = separate(server.running.stderr);
      assert.equal(lines.filter(isReport).length, 1);
    };
    await Promise.all([once(), once(), once()]);
  });
});
