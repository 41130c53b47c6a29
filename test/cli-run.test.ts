/**
 * `loopwatch run`, `doctor`, and what holds for all commands.
 *
 * @machine waiting
 * @uses inspector-port
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { onceUp } from './harness/block.js';
import { cli, startCli } from './harness/cli.js';
import { temporaryFolder } from './harness/folder.js';
import { node } from './harness/places.js';
import { separate } from './harness/reports.js';

/** Takes no CPU, so that no busy machine can change what it is. */
const SLOW = `function slow(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}`;
const BLOCK = `${SLOW}
${onceUp}(100, () => { slow(800); setTimeout(() => process.exit(3), 200); });
console.log('out', process.execArgv.length, process.env.NODE_OPTIONS.includes('--no-warnings'));`;

describe('run', { concurrency: 4 }, () => {
  test('watches the command, ends as it does, and sums up', async (t) => {
    const file = join(temporaryFolder(t), 'summary.json');
    const env = { NODE_OPTIONS: '--no-warnings' };
    const args = ['run', '--summary', file, '--', node, '-e', BLOCK];
    const ended = await cli(t, args, { env });
    assert.equal(ended.code, 3, ended.stderr);
    assert.equal(ended.stdout, 'out 2 true\n');
    const { lines, rest } = separate(ended.stderr);
    assert.equal(lines.length, 1, 'the log is as without it');
    assert.match(rest, /^loopwatch: 1 block, \d+ ms in all, in .+\n {2}worst: .* in slow \(/);
    const { processes, blocks, culprits } = JSON.parse(readFileSync(file, 'utf8'));
    assert.deepEqual([processes, blocks], [1, 1]);
    assert.match(culprits[0].culprit, /^slow /);
  });

  test('counts what the log does not say, and all processes of the command', async (t) => {
    const script = `"${node}" -e "$CODE"; "${node}" -e "$CODE"; exit 4`;
    const env = { CODE: BLOCK, LOOPWATCH_LOG: 'off' };
    const ended = await cli(t, ['run', '--json', '--', 'sh', '-c', script], { env });
    assert.equal(ended.code, 4, ended.stderr);
    const { processes, blocks } = JSON.parse(ended.stderr);
    assert.deepEqual([processes, blocks], [2, 2]);
  });

  test('counts the block in which a process was killed', async (t) => {
    const code = `${SLOW}
    ${onceUp}(100, () => {
      slow(1000);
      process.kill(process.pid, 'SIGKILL');
    })`;
    const ended = await cli(t, ['run', '--', node, '-e', code]);
    assert.equal(ended.signal, 'SIGKILL');
    assert.match(ended.stderr, /^loopwatch: 1 block, .*\n {2}worst: .* when its process ended/m);
  });

  test('says that nothing was watched, and when the command is not there', async (t) => {
    const other = await cli(t, ['run', '--', 'sh', '-c', 'exit 6']);
    assert.deepEqual([other.code, /nothing was watched/.test(other.stderr)], [6, true]);
    const missing = await cli(t, ['run', '--', './no-such-command']);
    assert.equal(missing.code, 127);
    assert.equal(missing.stderr, 'loopwatch: ./no-such-command is not there\n');
    const bad = await cli(t, ['run', '--', 'true'], { env: { LOOPWATCH_HANG_MS: 'soon' } });
    assert.deepEqual([bad.code, /LOOPWATCH_HANG_MS must be/.test(bad.stderr)], [2, true]);
  });

  test('passes signals on, and dies by them', async (t) => {
    const handles = `process.on('SIGTERM', () => process.exit(9)); setInterval(() => {}, 9999);
      console.log('up')`;
    const handled = startCli(t, ['run', '-q', '--', node, '-e', handles]);
    await handled.says('stdout', /^up$/m);
    handled.signal('SIGTERM');
    assert.deepEqual([(await handled.ended).code, handled.stderr], [9, '']);

    const plain = `setInterval(() => {}, 9999); console.log('up')`;
    const killed = startCli(t, ['run', '--', node, '-e', plain]);
    await killed.says('stdout', /^up$/m);
    killed.signal('SIGINT');
    assert.equal((await killed.ended).signal, 'SIGINT');
    assert.match(killed.stderr, /^loopwatch: no blocks in /);
  });
});

describe('doctor', () => {
  test('finds that all works here', async (t) => {
    const ended = await cli(t, ['doctor', '--json']);
    const findings: { check: string; verdict: string }[] = JSON.parse(ended.stdout);
    assert.equal(ended.code, 0, ended.stdout);
    const verdictOf = (name: string) => findings.find(({ check }) => check === name)?.verdict;
    assert.deepEqual(
      ['node', 'inspector', 'options', 'journal', 'a block is caught'].map(verdictOf),
      ['ok', 'ok', 'ok', 'ok', 'ok'],
    );
    assert.ok(verdictOf('stack, attach, detach') !== undefined);
  });

  test('finds what is wrong', async (t) => {
    const wrong = await cli(t, ['doctor'], { env: { LOOPWATCH_THRESHOLD_MS: '-1' } });
    assert.equal(wrong.code, 1);
    assert.match(wrong.stdout, /^fail +options +LOOPWATCH_THRESHOLD_MS must be/m);
    const sentry = { SENTRY_DSN: 'http://key@127.0.0.1:1/2', LOOPWATCH_LOG: '/no/such/folder/log' };
    const deaf = await cli(t, ['doctor'], { env: sentry });
    assert.equal(deaf.code, 1);
    assert.match(deaf.stdout, /^fail +sentry +127\.0\.0\.1:1 does not answer: .*REFUSED/m);
    assert.match(deaf.stdout, /^fail +log +/m);
  });
});

test('help is a result, a mistake is not', async (t) => {
  const help = await cli(t, ['--help']);
  assert.deepEqual([help.code, help.stderr], [0, '']);
  const helps = async (name: string) => {
    assert.match(help.stdout, new RegExp(`^ {2}${name} `, 'm'));
    const own = await cli(t, [name, '--help']);
    assert.deepEqual([own.code, /^Usage: loopwatch /.test(own.stdout)], [0, true]);
  };
  await Promise.all(['run', 'stack', 'attach', 'detach', 'doctor', 'check'].map(helps));
  assert.doesNotMatch(help.stdout, /close-inspector/);
  for (const args of [['nonsense'], ['stack'], ['stack', '1', '--for', 'ages']]) {
    const ended = await cli(t, args);
    assert.deepEqual([ended.code, ended.stdout], [2, ''], args.join(' '));
    assert.match(ended.stderr, /^error: /);
  }
});
