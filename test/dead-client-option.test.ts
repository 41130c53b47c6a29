/**
 * Dead clients of a program that knows nothing of them: the option, and where its reports go.
 *
 * @machine waiting
 * @run one-release
 */
import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Scope, temporaryFolder } from './harness/folder.js';
import { programPath, registerUrl } from './harness/places.js';
import { byImport, byNodeOptions } from './harness/preload.js';
import { logFile } from './harness/reports.js';
import { type Running, start } from './harness/run.js';
import { SERVING, statusOf } from './harness/status.js';
import { until } from './harness/until.js';

const QUICK = { LOOPWATCH_DEAD_CLIENT_GRACE_MS: '2000' };

interface Unaware {
  readonly running: Running;
  dead(): readonly NonNullable<ReturnType<typeof logFile>[number]['deadClient']>[];
}

function unaware(
  t: Scope,
  does: readonly string[],
  env: Readonly<Record<string, string>>,
  preload = byImport(),
): Unaware {
  const log = join(temporaryFolder(t), 'log.ndjson');
  const running = start(t, [programPath('dead-client/unaware.mjs'), ...does], {
    env: { ...QUICK, LOOPWATCH_LOG: log, ...env },
    deadlineMs: 60_000,
    preload,
  });
  return { running, dead: () => logFile(log).flatMap(({ deadClient }) => deadClient ?? []) };
}

describe('LOOPWATCH_DEAD_CLIENTS', { concurrency: 6 }, () => {
  for (const protocol of ['http', 'h2c']) {
    test(`reset frees a frozen client of ${protocol}, and logs it`, async (t) => {
      const { running, dead } = unaware(t, [protocol], { LOOPWATCH_DEAD_CLIENTS: 'reset' });
      await running.says('stdout', /^closed$/m);
      await until('a log line', () => dead().length > 0);
      const [report] = dead();
      assert.equal(report?.cause, 'zero-window');
      assert.equal(report?.action, 'reset');
      assert.equal(report?.protocol, protocol === 'h2c' ? 'http2' : 'tcp');
      assert.equal(running.stderr, '');
    });
  }

  test('report says so, in the metrics too, and frees nothing', async (t) => {
    const env = { ...SERVING, LOOPWATCH_DEAD_CLIENTS: 'report', LOOPWATCH_LOG: 'stderr' };
    const { running } = unaware(t, ['http'], env);
    await running.says('stderr', /"deadClient":.*does not read any more/);
    const status = await statusOf(running);
    const metrics = async () => (await status.ask('/metrics')).body;
    const counted = /^loopwatch_dead_clients_total\{cause="zero-window"\} 1$/m;
    await until('the metric', async () => counted.test(await metrics()));
    assert.match(await metrics(), /^loopwatch_watched_sockets 1$/m);
    let page = '';
    const listed = async () => {
      page = (await status.ask('/clients')).body;
      const { watched, dead, clients } = JSON.parse(page);
      const { queuedBytes, stallMs, cause } = clients[0] ?? {};
      const isStalled = queuedBytes > 0 && stallMs >= 2000 && cause === 'zero-window';
      return watched === 1 && dead['zero-window'] === 1 && clients.length === 1 && isStalled;
    };
    await until('the list of clients', listed, { seen: () => page });
    assert.doesNotMatch(running.stdout, /closed/);
  });

  test('reports once what the worker process of a cluster has accepted, through NODE_OPTIONS', async (t) => {
    const env = { LOOPWATCH_DEAD_CLIENTS: 'report' };
    const { running, dead } = unaware(t, ['http', 'cluster'], env, byNodeOptions('--import'));
    await until('a log line', () => dead().length > 0, { seen: () => running.shown() });
    // Several more looks: there is no event for what must not happen.
    await sleep(2000);
    const [report, ...more] = dead();
    assert.deepEqual(more, []);
    assert.equal(report?.cause, 'zero-window');
    assert.notEqual(report?.process?.pid, running.pid);
    assert.deepEqual([running.stdout, running.stderr], ['frozen\n', '']);
  });

  test('leaves servers in worker threads alone', async (t) => {
    const env = { LOOPWATCH_DEAD_CLIENTS: 'reset' };
    const { running, dead } = unaware(t, ['http', 'worker'], env);
    await running.says('stdout', /^frozen$/m);
    // There is no event for what must not happen.
    await sleep(5000);
    assert.deepEqual(dead(), []);
    assert.deepEqual([running.stdout, running.stderr], ['frozen\n', '']);
  });

  test('off is the default', async (t) => {
    const { running, dead } = unaware(t, ['http'], {});
    // There is no event for what must not happen.
    await sleep(6000);
    assert.deepEqual(dead(), []);
    assert.equal(running.isOver, false);
    assert.equal(running.stdout, 'frozen\n');
  });

  test('without the package there is one line, and the program runs', async (t) => {
    const folder = temporaryFolder(t);
    // loopwatch itself finds nothing either when it lies elsewhere.
    copyFileSync(programPath('dead-client/unaware.mjs'), join(folder, 'unaware.mjs'));
    const running = start(t, [join(folder, 'unaware.mjs'), 'http'], {
      preload: { flags: ['--import', registerUrl] },
      cwd: folder,
      env: { ...QUICK, LOOPWATCH_DEAD_CLIENTS: 'reset' },
    });
    await running.says(
      'stderr',
      /^loopwatch: deadClients: @loopwatch\/dead-client is not installed/m,
    );
    assert.equal(running.isOver, false);
  });
});
