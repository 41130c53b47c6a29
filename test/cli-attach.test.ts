/**
 * `loopwatch attach` and `detach`: a watch that comes to a running process, and goes without a trace.
 *
 * @machine timed
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  anyPort,
  cli,
  cliJson,
  inspectorIsClosed,
  noOptions,
  withoutInspector,
} from './harness/cli.js';
import type { Scope } from './harness/folder.js';
import { assertAnswers, doing } from './harness/looked-into.js';
import { markedLine } from './harness/markers.js';
import { programPath } from './harness/places.js';
import { unwatched } from './harness/preload.js';
import { type Report, reportsIn, separate } from './harness/reports.js';
import { type Running, start } from './harness/run.js';
import { startServer } from './harness/server.js';
import { until } from './harness/until.js';

const PROGRAM = 'express-app.mjs';

/** Long enough for a stack of it on a machine that is busy. */
const BLOCK_MS = 1200;

async function expressApp(scope: Scope): Promise<{ running: Running; url: string }> {
  const running = start(scope, [programPath(PROGRAM)], { preload: unwatched, flags: anyPort });
  const [, port] = await running.says('stdout', /^port (\d+)$/m);
  return { running, url: `http://127.0.0.1:${port}` };
}

async function report(url: string, ms: number): Promise<void> {
  const response = await fetch(`${url}/report/7?ms=${ms}`, { headers: { connection: 'close' } });
  assert.equal(await response.text(), 'done');
}

/** What the process has of timers, threads, globals and listeners. */
async function has(running: Running): Promise<unknown> {
  const count = running.stdout.split('has ').length;
  running.tell('has');
  const lines = await until(
    'what it has',
    () => {
      const found = [...running.stdout.matchAll(/^has (.+)$/gm)];
      return found.length === count && found;
    },
    { seen: () => running.shown() },
  );
  return JSON.parse(lines.at(-1)?.[1] as string);
}

/** Waits for a watchdog that has just come. */
async function isUp(running: Running): Promise<void> {
  const count = running.stdout.split(/^up$/m).length;
  running.tell('up');
  const times = () => running.stdout.split(/^up$/m).length - 1;
  await until('the watchdog', () => times() === count, { seen: () => running.shown() });
}

async function reported(running: Running, count: number): Promise<Report[]> {
  return until(
    `${count} reports`,
    () => {
      const found = reportsIn(running.stderr);
      return found.length >= count && found;
    },
    { seen: () => running.shown() },
  );
}

describe('attach', { concurrency: 3 }, () => {
  test('to an Express server, then a block: the report; detach leaves nothing', async (t) => {
    const { running, url } = await expressApp(t);
    const pid = String(running.pid);
    await report(url, 0);
    // Once before: what opening an inspector leaves for good is none of the watch's.
    await cliJson(t, 'stack', pid);
    const before = await has(running);

    const attached = await cliJson(t, 'attach', pid, '--option', 'thresholdMs=150');
    assert.deepEqual(attached, {
      ...{ pid: running.pid, attached: true, wasWatched: false },
      options: ['thresholdMs'],
    });
    await inspectorIsClosed(running);
    assert.notDeepEqual(await has(running), before);
    await isUp(running);
    await report(url, BLOCK_MS);
    const [first] = await reported(running, 1);
    const { culprit, thresholdMs, request } = (first as Report).block;
    assert.deepEqual(
      [culprit?.file, culprit?.line, thresholdMs, request?.method, request?.path],
      [programPath(PROGRAM), markedLine(PROGRAM), 150, 'GET', '/report/7'],
    );

    const detached = await cliJson(t, 'detach', pid);
    assert.deepEqual(detached, { pid: running.pid, detached: true, wasWatched: true });
    await inspectorIsClosed(running);
    let after: unknown;
    await until(
      'nothing is left',
      async () => {
        after = await has(running);
        return JSON.stringify(after) === JSON.stringify(before);
      },
      { seen: () => ({ before, after }) },
    );
    await report(url, BLOCK_MS);
    const ended = await running.endInput();
    assert.equal(ended.code, 5);
    const { lines, rest } = separate(ended.stderr);
    assert.deepEqual([lines.length, withoutInspector(rest)], [1, '']);
  });

  test('again, after a detach', async (t) => {
    const { running, url } = await expressApp(t);
    const pid = String(running.pid);
    for (const count of [1, 2]) {
      assert.equal((await cliJson(t, 'attach', pid)).wasWatched, false);
      await isUp(running);
      await report(url, BLOCK_MS);
      await reported(running, count);
      assert.equal((await cliJson(t, 'detach', pid)).wasWatched, true);
    }
    assert.equal((await cliJson(t, 'detach', pid)).wasWatched, false);
    assert.equal((await running.endInput()).code, 5);
  });

  test('to one that hangs: the hang is reported while it lasts', async (t) => {
    const running = await doing(t, 'busy');
    await cliJson(t, 'attach', String(running.pid), '-o', 'hangMs=2000');
    const [hang] = await reported(running, 1);
    const { kind, ended, culprit } = (hang as Report).block;
    assert.deepEqual([kind, ended, culprit?.function], ['hang', false, 'compute']);
    await assertAnswers(running);
    await inspectorIsClosed(running);
    assert.equal((await running.endInput()).code, 5);
  });

  test('to one that is watched changes its options', async (t) => {
    const server = await startServer(t, { flags: anyPort });
    const pid = String(server.running.pid);
    // Blocks of 300 ms are short ones by then, and may add up to a report of their own.
    const options = ['-o', 'thresholdMs=1000', '-o', 'cumulative=false'];
    const { wasWatched } = await cliJson(t, 'attach', pid, ...options);
    assert.equal(wasWatched, true);
    await server.get('/?ms=300');
    await server.get('/?ms=1200');
    const [block] = await server.blocked(1);
    assert.equal(block?.thresholdMs, 1000);
    await server.end();
  });

  test('takes variables for options, and says what is wrong with them', async (t) => {
    const { running } = await expressApp(t);
    const pid = String(running.pid);
    const env = { LOOPWATCH_THRESHOLD_MS: '300' };
    const good = await cli(t, ['attach', pid], { env: { ...env, ...noOptions } });
    assert.deepEqual([good.code, good.stderr], [0, '']);
    assert.match(good.stdout, /is watched now \(thresholdMs\); undo it with: loopwatch detach/);
    for (const [option, says] of [
      ['nonsense=1', /there is no option nonsense/],
      ['thresholdMs=-5', /THRESHOLD_MS must be a number/],
    ] as const) {
      const bad = await cli(t, ['attach', pid, '-o', option]);
      assert.deepEqual([bad.code, bad.stdout], [2, '']);
      assert.match(bad.stderr, says);
    }
  });
});
