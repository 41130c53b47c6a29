/**
 * `loopwatch profile` and `heap`: what they write of processes in every state, which go on unharmed.
 *
 * @machine waiting
 * @run releases
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { anyPort, cli, inspectorIsClosed, startCli, withoutInspector } from './harness/cli.js';
import { temporaryFolder } from './harness/folder.js';
import { assertUnharmed, doing, PROGRAM, program } from './harness/looked-into.js';
import { programPath } from './harness/places.js';
import { start } from './harness/run.js';

interface Profile {
  readonly nodes: readonly { readonly callFrame: { readonly url: string } }[];
  readonly samples: readonly number[];
}

/** Whether it saw the program at work; what V8 has inlined before it began has no name of its own. */
function sawProgram(text: string): boolean {
  const { nodes } = JSON.parse(text) as Profile;
  return nodes.some(({ callFrame }) => callFrame.url.endsWith(PROGRAM));
}

function assertSnapshot(text: string): void {
  const { snapshot, nodes } = JSON.parse(text);
  assert.ok(snapshot.node_count > 1000 && nodes.length > 1000);
}

describe('profile', { concurrency: 4 }, () => {
  test('of a process that hangs: who computes, in a file of its own', async (t) => {
    const running = await doing(t, 'busy');
    const file = join(temporaryFolder(t), 'busy.cpuprofile');
    const args = ['profile', String(running.pid), '-s', '0.5', '-o', file];
    const { code, stdout, stderr } = await cli(t, args);
    assert.deepEqual([code, stdout], [0, ''], stderr);
    assert.match(stderr, /^loopwatch: process \d+: \d+ samples in 0\.5 s; written to .*busy\.cpu/);
    assert.ok(sawProgram(readFileSync(file, 'utf8')));
    assert.equal(statSync(file).mode & 0o777, 0o600);
    await assertUnharmed(running);
  });

  test('of an idle one, on stdout', async (t) => {
    const running = await program(t, 'idle');
    const args = ['profile', String(running.pid), '--seconds', '.2', '--output', '-'];
    const { code, stdout } = await cli(t, args);
    assert.equal(code, 0);
    assert.ok(JSON.parse(stdout).nodes.length > 0);
    await assertUnharmed(running);
  });

  test('says what it has done as JSON, in a file of a name that is free', async (t) => {
    const running = await program(t, 'idle');
    const cwd = temporaryFolder(t);
    const args = ['profile', String(running.pid), '-s', '0.2', '--json'];
    const { code, stdout, stderr } = await cli(t, args, { cwd });
    assert.deepEqual([code, stderr], [0, '']);
    const { pid, file, bytes, seconds } = JSON.parse(stdout);
    assert.deepEqual([pid, seconds], [running.pid, 0.2]);
    assert.deepEqual(readdirSync(cwd), [file]);
    assert.equal(statSync(join(cwd, file)).size, bytes);
    await assertUnharmed(running);
  });

  test('interrupted leaves no file, and the process as it was', async (t) => {
    const running = await program(t, 'idle');
    const cwd = temporaryFolder(t);
    const profiling = startCli(t, ['profile', String(running.pid), '-s', '60'], { cwd });
    await running.says('stderr', /Debugger attached/);
    profiling.signal('SIGINT');
    assert.equal((await profiling.ended).code, 130);
    assert.deepEqual(readdirSync(cwd), []);
    await assertUnharmed(running);
  });

  test('of one that ends meanwhile: so it says, and leaves no file', async (t) => {
    const running = await program(t, 'idle');
    const cwd = temporaryFolder(t);
    const profiling = startCli(t, ['profile', String(running.pid), '-s', '60'], { cwd });
    await running.says('stderr', /Debugger attached/);
    assert.equal((await running.endInput()).code, 5);
    const { code, stderr } = await profiling.ended;
    assert.deepEqual(
      [code, /has ended meanwhile|no process \d+ any more/.test(stderr)],
      [2, true],
      stderr,
    );
    assert.deepEqual(readdirSync(cwd), []);
  });

  test('of one in a native call: what the kernel says', async (t) => {
    const running = await doing(t, 'exec');
    const cwd = temporaryFolder(t);
    const args = ['profile', String(running.pid), '-t', '300ms', '--json'];
    const { code, stdout, stderr } = await cli(t, args, { cwd });
    assert.equal(code, 1, stderr);
    assert.deepEqual(JSON.parse(stdout).answered, false);
    assert.match(stderr, /did not answer for 300 ms, nothing was written; the kernel says: sleep/);
    assert.deepEqual(readdirSync(cwd), []);
    await assertUnharmed(running);
  });
});

describe('heap', { concurrency: 4 }, () => {
  test('of a process that hangs', async (t) => {
    const running = await doing(t, 'busy');
    const file = join(temporaryFolder(t), 'busy.heapsnapshot');
    const { code, stderr } = await cli(t, ['heap', String(running.pid), '-o', file]);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^loopwatch: process \d+: [\d.]+ MB of heap snapshot in .*; written to /);
    assertSnapshot(readFileSync(file, 'utf8'));
    assert.equal(statSync(file).mode & 0o777, 0o600);
    await assertUnharmed(running);
  });

  test('of a watched one is no block', async (t) => {
    const running = start(t, [programPath(PROGRAM), 'idle'], { flags: anyPort });
    await running.says('stdout', /^up$/m);
    const { code, stdout, stderr } = await cli(t, ['heap', String(running.pid), '-o', '-']);
    assert.equal(code, 0, stderr);
    assertSnapshot(stdout);
    await inspectorIsClosed(running);
    const ended = await running.endInput();
    assert.deepEqual([ended.code, withoutInspector(ended.stderr)], [5, '']);
  });
});

describe('they refuse', { concurrency: 4 }, () => {
  test('a place that can not be written, before anything is captured', async (t) => {
    const running = await program(t, 'idle');
    const folder = temporaryFolder(t);
    for (const file of [folder, join(folder, 'none', 'file')]) {
      const ended = await cli(t, ['heap', String(running.pid), '-o', file]);
      assert.deepEqual([ended.code, ended.stdout], [2, ''], ended.stderr);
      assert.match(ended.stderr, /^loopwatch: .* can't be written: .+\n$/);
    }
    assert.deepEqual(readdirSync(folder), []);
    await assertUnharmed(running);
  });

  for (const [args, says] of [
    [['profile', '1', '-s', '0'], /Give a number of seconds/],
    [['profile', '1', '-s', '601'], /Give a number of seconds/],
    [['profile', '1', '-s', '1e2'], /Give a number of seconds/],
    [['heap', '4194303'], /there is no process 4194303/],
    [['heap', String(process.pid), '--json', '-o', '-'], /both want stdout/],
  ] as const) {
    test(args.join(' '), async (t) => {
      const cwd = temporaryFolder(t);
      const { code, stdout, stderr } = await cli(t, args, { cwd });
      assert.deepEqual([code, stdout], [2, ''], stderr);
      assert.match(stderr, says);
      assert.deepEqual(readdirSync(cwd), []);
    });
  }
});
