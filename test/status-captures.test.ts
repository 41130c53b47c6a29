/**
 * Captures through the status server: for those with the token, one at a time, and nothing stays behind.
 *
 * @machine timed
 */
import assert from 'node:assert/strict';
import { cpSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Scope } from './harness/folder.js';
import { temporaryFolder } from './harness/folder.js';
import { programPath, registerUrl } from './harness/places.js';
import { type RunOptions, start } from './harness/run.js';
import { SERVING, statusOf } from './harness/status.js';
import { until } from './harness/until.js';

const TOKEN = 'a-token-for-tests-only';
const BEARER = { authorization: `Bearer ${TOKEN}` };

async function capturable(
  scope: Scope,
  args = [programPath('status.mjs')],
  options: RunOptions = {},
) {
  const env = { ...SERVING, LOOPWATCH_SERVE_TOKEN: TOKEN };
  const running = start(scope, args, { ...options, env });
  await running.says('stdout', /^up$/m);
  const status = await statusOf(running);
  const post = (path: string) => status.ask(path, { method: 'POST', headers: BEARER });
  return { running, post, folder: join(running.journalDir, 'captures') };
}

describe('captures', { concurrency: 3 }, () => {
  test('a CPU profile', async (t) => {
    const { running, post, folder } = await capturable(t);
    const { status, headers, body } = await post('/profile?seconds=0.5');
    assert.equal(status, 200, body);
    const { nodes, samples } = JSON.parse(body);
    assert.ok(nodes.length > 0 && samples.length > 0);
    assert.match(
      String(headers['content-disposition']),
      /^attachment; filename="[\w.-]+\.cpuprofile"$/,
    );
    assert.deepEqual(readdirSync(folder), []);
    assert.equal((await running.endInput()).code, 0);
  });

  test('a heap snapshot, which is no block', async (t) => {
    const { running, post, folder } = await capturable(t);
    const { status, body } = await post('/heap');
    assert.equal(status, 200, body);
    assert.ok(JSON.parse(body).snapshot.node_count > 1000);
    assert.deepEqual(readdirSync(folder), []);
    const { code, stderr } = await running.endInput();
    assert.equal(code, 0);
    assert.doesNotMatch(stderr, /event loop blocked .*(?:writeHeapSnapshot|capture)/);
  });

  test('one at a time', async (t) => {
    const { post } = await capturable(t);
    const first = post('/profile?seconds=2');
    await until('a second one is refused', async () => {
      const { status, body } = await post('/profile?seconds=0.01');
      return status === 409 && /under way/.test(body);
    });
    assert.equal((await first).status, 200);
    assert.equal((await post('/profile?seconds=0.1')).status, 200);
  });

  test('none of a main thread that hangs, and none later', async (t) => {
    const { running, post, folder } = await capturable(t);
    running.tell('block 9000');
    const { status, body } = await until('an answer', async () => {
      const answer = await post('/profile?seconds=0.01').catch(() => null);
      return answer?.status === 503 && answer;
    });
    assert.deepEqual([status, /loopwatch profile PID/.test(body)], [503, true]);
    await until('it turns', async () => (await post('/profile?seconds=0.01')).status === 200);
    assert.deepEqual(readdirSync(folder), []);
  });

  test('none without the package', async (t) => {
    const folder = temporaryFolder(t);
    cpSync(programPath('looked-into.mjs'), join(folder, 'idle.mjs'));
    const preload = { flags: ['--import', registerUrl] };
    const args = [join(folder, 'idle.mjs'), 'idle'];
    const { running, post } = await capturable(t, args, { preload, cwd: folder });
    const { status, body } = await post('/heap');
    assert.deepEqual([status, body], [501, '@loopwatch/profiler is not installed\n']);
    assert.equal((await running.endInput()).code, 5);
  });

  test('end with the process', async (t) => {
    const { running, post, folder } = await capturable(t);
    const waiting = post('/profile?seconds=60').catch(() => null);
    await until('it is under way', () => existsSync(folder));
    running.tell('exit 7');
    assert.equal((await running.ended).code, 7);
    assert.equal(await waiting, null);
    assert.doesNotMatch(running.stderr, /debugger/i);
  });
});
