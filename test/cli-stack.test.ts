/**
 * `loopwatch stack`: what it shows of processes in every state, and that these go on as if nothing was.
 *
 * @machine waiting
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { describe, test } from 'node:test';
import { anyPort, cli, cliJson, inspectorIsClosed, startCli } from './harness/cli.js';
import type { Scope } from './harness/folder.js';
import { assertUnharmed, BLOCK_MS, doing, PROGRAM, program } from './harness/looked-into.js';
import { markedLine } from './harness/markers.js';
import { hasFlag, nodeMajor, programPath } from './harness/places.js';
import { heldPort } from './harness/port.js';
import { startServer } from './harness/server.js';
import { until } from './harness/until.js';

interface Shown {
  readonly thread: { readonly id: number; readonly name: string };
  readonly frames: { readonly function: string | null; readonly file: string; line: number }[];
  readonly waitedMs: number;
}

/** Function and line of the program's frames, innermost first. */
function placesIn({ frames }: Shown): [string | null, number][] {
  return frames
    .filter(({ file }) => file === programPath(PROGRAM))
    .map(({ function: name, line }) => [name, line]);
}

describe('stack', { concurrency: 4 }, () => {
  test('of an idle process: no JavaScript runs', async (t) => {
    const running = await program(t, 'idle');
    const { process: view, threads } = await cliJson(t, 'stack', String(running.pid));
    assert.equal(view.pid, running.pid);
    assert.equal(view.script, programPath(PROGRAM));
    assert.deepEqual(
      threads.map(({ frames }: Shown) => frames),
      [[]],
    );
    await assertUnharmed(running);
  });

  for (const [kind, name, marker] of [
    ['busy', 'compute', 'line: busy'],
    ['regexp', 'match', 'line: regexp'],
    ['scripts', 'compute', 'line: busy'],
  ] as const) {
    test(`of one that is ${kind}: its line`, async (t) => {
      const running = await doing(t, kind);
      const { threads } = await cliJson(t, 'stack', String(running.pid));
      assert.deepEqual(placesIn(threads[0])[0], [name, markedLine(PROGRAM, marker)]);
      await assertUnharmed(running);
    });
  }

  test('of one in execSync: what the kernel says of it, and what it waits for', async (t) => {
    const running = await doing(t, 'exec');
    const { kernel, threads } = await cliJson(t, 'stack', String(running.pid));
    assert.equal(kernel.state, 'sleeping');
    assert.match(kernel.children[0].command, /sleep/);
    assert.ok(threads[0].waitedMs > BLOCK_MS / 8, `${threads[0].waitedMs}`);
    await assertUnharmed(running);
  });

  test('of one with three workers: each by its name', async (t) => {
    const running = await program(t, 'workers');
    const threads: Shown[] = await until('the workers are up', async () => {
      const found = await cliJson(t, 'stack', String(running.pid));
      return found.threads.length === 4 && placesIn(found.threads[1]).length > 0 && found.threads;
    });
    assert.deepEqual(
      threads.map(({ thread }) => thread.name),
      ['main', 'painter', 'reader', 'sleeper'],
    );
    assert.deepEqual(placesIn(threads[1] as Shown)[0], [
      'compute',
      markedLine(PROGRAM, 'line: busy'),
    ]);
    assert.deepEqual(threads[2]?.frames, []);
    await assertUnharmed(running);
  });

  test('of one that loopwatch watches: the request', async (t) => {
    const server = await startServer(t, { flags: anyPort });
    const asking = server.get(`/report/7?ms=${BLOCK_MS}`);
    const shown = await until('the request', async () => {
      const found = await cliJson(t, 'stack', String(server.running.pid));
      return found.threads[0].request !== null && found;
    });
    const [main, ...workers] = shown.threads;
    assert.deepEqual(workers, [], 'its own threads are left out');
    assert.equal(main.isWatched, true);
    assert.deepEqual([main.request.method, main.request.path], ['GET', '/report/7']);
    await asking;
    await inspectorIsClosed(server.running);
    await server.end();
  });

  test('as text: the line of code, and where it was called from', async (t) => {
    const running = await doing(t, 'busy');
    const { code, stdout, stderr } = await cli(t, ['stack', String(running.pid)]);
    assert.deepEqual([code, stderr], [0, '']);
    const line = markedLine(PROGRAM, 'line: busy');
    assert.match(stdout, new RegExp(`^process ${running.pid} {2}.*looked-into\\.mjs`));
    assert.match(stdout, new RegExp(`> ${line} \\| {3}while \\(performance\\.now`));
    await assertUnharmed(running);
  });

  test('--for: where the time went', async (t) => {
    const running = await doing(t, 'busy');
    const pid = String(running.pid);
    const { code, stdout } = await cli(t, ['stack', pid, '--for', '1s']);
    assert.equal(code, 0);
    assert.match(stdout, /^main: \d+ samples in (?:\d+ ms|\d\.\d s)\n/);
    assert.match(stdout, /^100% +compute {2}.*looked-into\.mjs:\d+/m);
    const { threads } = await cliJson(t, 'stack', pid, '--for', '500ms');
    // Its clock is a function of Node's own, which is on top more often than not on some releases.
    assert.deepEqual(placesIn(threads[0].stacks[0])[0], [
      'compute',
      markedLine(PROGRAM, 'line: busy'),
    ]);
    await assertUnharmed(running);
  });

  test('--watch: again and again, until it is interrupted', async (t) => {
    const running = await program(t, 'idle');
    const watching = startCli(t, ['stack', String(running.pid), '--watch', '200ms']);
    await watching.says('stdout', /^process [\s\S]*^process /m);
    watching.signal('SIGINT');
    assert.equal((await watching.ended).code, 130);
    await assertUnharmed(running);
  });

  test('of one that ends meanwhile does not hold it up', async (t) => {
    const running = await program(t, 'idle');
    const watching = startCli(t, ['stack', String(running.pid), '--watch', '200ms']);
    await watching.says('stdout', /^process /m);
    // Node says that it waits for who looks on, who goes at once.
    assert.equal((await running.endInput()).code, 5);
    const { code, stderr } = await watching.ended;
    assert.deepEqual([code, /has ended meanwhile/.test(stderr)], [2, true], stderr);
  });

  test('leaves an inspector open that was', async (t) => {
    const running = await program(t, 'inspect', []);
    const [, port] = await running.says('stderr', /listening on ws:\/\/127\.0\.0\.1:(\d+)/);
    await cliJson(t, 'stack', String(running.pid));
    assert.equal((await fetch(`http://127.0.0.1:${port}/json/version`)).ok, true);
    assert.equal((await running.endInput()).code, 5);
  });
});

describe('stack says what is wrong:', { concurrency: 4 }, () => {
  async function refused(t: Scope, pid: string | number, says: RegExp): Promise<void> {
    const { code, stdout, stderr } = await cli(t, ['stack', String(pid)]);
    assert.deepEqual([code, stdout], [2, ''], stderr);
    assert.match(stderr, says);
  }

  test('no such process, and no number', async (t) => {
    await refused(t, 4_194_303, /^loopwatch: there is no process 4194303\n$/);
    await refused(t, 'app', /Give the number of a process/);
  });

  test('not Node.js, which a SIGUSR1 would have ended', async (t) => {
    const sleeping = spawn('sleep', ['60']);
    t.after(() => {
      sleeping.kill();
    });
    await refused(t, sleeping.pid ?? 0, /is not Node\.js but sleep/);
    assert.equal(sleeping.exitCode ?? sleeping.signalCode, null);
  });

  test('stopped', async (t) => {
    const running = await program(t, 'idle');
    running.signal('SIGSTOP');
    await refused(t, running.pid, /is stopped/);
    running.signal('SIGCONT');
    await assertUnharmed(running);
  });

  test('the port is taken', async (t) => {
    const { port } = await heldPort(t);
    const running = await program(t, 'idle', [`--inspect-port=${port}`]);
    await refused(
      t,
      running.pid,
      new RegExp(`port ${port}, .* is taken by process ${process.pid}`),
    );
    await assertUnharmed(running);
  });

  test('it handles SIGUSR1 itself', async (t) => {
    const running = await program(t, 'signals');
    const { code, stderr } = await cli(t, ['stack', String(running.pid), '--timeout', '3s']);
    // Older releases do not name the thread by which that could be known for certain.
    assert.equal(code, nodeMajor >= 24 ? 2 : 1, stderr);
    assert.match(stderr, /handles SIGUSR1 itself/);
    assert.match(running.stdout, /^handled$/m);
    await assertUnharmed(running);
  });

  const flag = '--disable-sigusr1';
  test('it was started with --disable-sigusr1', { skip: !hasFlag(flag) }, async (t) => {
    const running = await program(t, 'idle', [flag]);
    await refused(t, running.pid, /--disable-sigusr1/);
    await assertUnharmed(running);
  });

  test("another user's process", { skip: process.getuid?.() !== 0 }, async (t) => {
    const running = await program(t, 'idle');
    const ended = await cli(t, ['stack', String(running.pid)], { uid: 65_534, cwd: '/' });
    assert.deepEqual([ended.code, ended.stdout], [2, ''], ended.stderr);
    assert.match(ended.stderr, /belongs to another user \(uid 0, you are 65534\)/);
    await assertUnharmed(running);
  });

  test('no answer in time: what the kernel says; the inspector is closed later', async (t) => {
    const running = await doing(t, 'exec');
    const ended = await cli(t, ['stack', String(running.pid), '-t', '300ms', '--json']);
    assert.equal(ended.code, 1, ended.stderr);
    const { answered, kernel } = JSON.parse(ended.stdout);
    assert.deepEqual([answered, kernel.state], [false, 'sleeping']);
    await assertUnharmed(running);
  });
});
