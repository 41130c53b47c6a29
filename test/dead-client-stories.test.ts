/**
 * What dead clients do to a server, with the watchdog and without it; and what the watchdog leaves alone.
 *
 * @machine waiting
 * @run one-release
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { DeadClientReport } from '@loopwatch/dead-client';
import {
  CONNECTIONS,
  GRACE_MS,
  INTERVAL_MS,
  startDeadClientServer,
} from './harness/dead-client.js';
import type { Scope } from './harness/folder.js';
import { hasFlag, nodeMajor, programPath } from './harness/places.js';
import { unwatched } from './harness/preload.js';
import { type Ended, run } from './harness/run.js';

/** How late a busy machine may make it all. */
const SLACK_MS = 2500;

function program(t: Scope, name: string, ...args: string[]): Promise<Ended> {
  const path = programPath(`dead-client/${name}`);
  return run(t, [path, ...args], { preload: unwatched, deadlineMs: 60_000 });
}

describe('dead clients', { concurrency: 8 }, () => {
  describe('one seat and a frozen client', () => {
    test('the seat is free again after the grace', async (t) => {
      const { stdout } = await program(t, 'wedge.mjs', 'watched');
      const seatedMs = Number(/^seated after (\d+)$/m.exec(stdout)?.[1]);
      assert.ok(seatedMs <= GRACE_MS + 2 * INTERVAL_MS + SLACK_MS, stdout);
      assert.match(stdout, /^freed by LOOPWATCH_E_DEAD_CLIENT$/m);
    });

    test('without the watchdog it is still held at the end', async (t) => {
      const { stdout } = await program(t, 'wedge.mjs');
      assert.match(stdout, /^still held after \d+$/m);
    });
  });

  describe('memory of a server that writes blindly to a frozen client', () => {
    const held = ({ stdout }: Ended): number => {
      const [, json = ''] = /^memory (.+)$/m.exec(stdout) ?? [];
      return JSON.parse(json).held;
    };

    test('is given back', async (t) => {
      assert.equal(held(await program(t, 'blind.mjs', 'watched')), 0);
    });

    test('without the watchdog grows', async (t) => {
      assert.ok(held(await program(t, 'blind.mjs')) > 5 * 2 ** 20);
    });
  });

  describe('only reporting', () => {
    test('touches nothing, and says it once', async (t) => {
      const watchdog = { action: 'report' } as const;
      const server = await startDeadClientServer(t, { transport: 'tcp', does: 'pour', watchdog });
      const client = await server.client(t, { does: 'read' });
      client.signal('SIGSTOP');
      const reports = await server.says<DeadClientReport>('dead', CONNECTIONS);
      client.signal('SIGCONT');
      // Several more looks: there is no event for what must not happen.
      await sleep(8 * INTERVAL_MS);
      assert.equal(server.dead().length, CONNECTIONS);
      assert.deepEqual(server.said('ended'), []);
      for (const { action } of reports) assert.equal(action, 'report');
    });
  });

  describe('the host', () => {
    const create = (options: string, rest = '') => `
      import { createClientWatchdog } from '@loopwatch/dead-client';
      const before = Object.keys(globalThis).length;
      const watchdog = createClientWatchdog(${options});
      ${rest}
    `;

    test('ends when it has nothing else to do', async (t) => {
      const ended = await run(t, ['--input-type=module', '-e', create('{}')], {
        preload: unwatched,
      });
      assert.deepEqual([ended.code, ended.stdout, ended.stderr], [0, '', '']);
    });

    test('waits for it where it wants to, and finds no new globals', async (t) => {
      const rest = `
        await watchdog.ready;
        const { active, backend } = watchdog.status;
        watchdog.close();
        watchdog.close();
        console.log(active, backend, watchdog.status.active, Object.keys(globalThis).length - before);
      `;
      const ended = await run(t, ['--input-type=module', '-e', create('{}', rest)], {
        preload: unwatched,
      });
      assert.deepEqual([ended.stdout, ended.stderr], ['true koffi false 0\n', '']);
    });

    test('runs on where nothing can be read', async (t) => {
      const rest = `
        import { createServer, connect } from 'node:net';
        await watchdog.ready;
        const { active, backend, reason } = watchdog.status;
        const server = createServer((socket) => {
          console.log(watchdog.watch(socket).dead, active, backend, reason);
          process.exit();
        });
        watchdog.attach(server);
        server.listen(0, () => connect(server.address().port));
      `;
      const ended = await run(
        t,
        ['--input-type=module', '-e', create("{ backend: 'none' }", rest)],
        {
          preload: unwatched,
        },
      );
      assert.equal(ended.stdout, "null false none backend is 'none'\n");
    });

    test('runs on where the permission model refuses to read /proc, or to connect', async (t) => {
      const rest = `
        await watchdog.ready;
        console.log(watchdog.status.backend, watchdog.status.reason);
      `;
      const permission = nodeMajor === 20 ? '--experimental-permission' : '--permission';
      const checkout = fileURLToPath(new URL('../../', import.meta.url));
      const said = async (read: string) => {
        const flags = [permission, `--allow-fs-read=${read}`];
        const args = ['--input-type=module', '-e', create('{}', rest)];
        const ended = await run(t, args, { preload: unwatched, flags });
        assert.equal(ended.code, 0, ended.stderr);
        return ended.stdout;
      };
      assert.match(await said(`${checkout}*`), /^none koffi: .+; proc: .*restricted/);
      const proc = hasFlag('--allow-net') ? /^none koffi: .+; proc: .*restricted/ : /^proc koffi: /;
      assert.match(await said('*'), proc);
    });

    test('may have a connection watched before it is made', async (t) => {
      const rest = `
        import { once } from 'node:events';
        import { createServer, connect } from 'node:net';
        await watchdog.ready;
        const server = createServer().listen(0);
        await once(server, 'listening');
        const [kept, left] = [0, 1].map(() => connect(server.address().port));
        watchdog.watch(kept);
        watchdog.watch(left).unwatch();
        await Promise.all([kept, left].map((socket) => once(socket, 'connect')));
        console.log(watchdog.status.watched);
        process.exit();
      `;
      const ended = await run(t, ['--input-type=module', '-e', create('{}', rest)], {
        preload: unwatched,
      });
      assert.equal(ended.stdout, '1\n', ended.stderr);
    });

    test('is warned when its listener fails, and runs on', async (t) => {
      const options = `{ graceMs: 100, intervalMs: 20, onDead: async () => { throw new Error('oops'); } }`;
      const rest = `
        import { createServer, connect } from 'node:net';
        const server = createServer((socket) => {
          watchdog.watch(socket);
          socket.on('close', () => setImmediate(() => process.exit()));
          socket.write(Buffer.alloc(8 * 1024 * 1024));
        });
        server.listen(0, () => {
          const { port } = server.address();
          connect({ port, onread: { buffer: Buffer.alloc(1), callback: () => false } });
        });
      `;
      const ended = await run(t, ['--input-type=module', '-e', create(options, rest)], {
        preload: unwatched,
      });
      assert.equal(ended.code, 0);
      assert.match(ended.stderr, /DeadClientWarning: an onDead listener threw: Error: oops/);
    });

    test('may have watched whatever it has of a connection', async (t) => {
      const { stdout } = await program(t, 'targets.mjs');
      const kinds = ['socket', 'tls', 'request', 'response', 'ws'];
      const ofHttp2 = ['session', 'request', 'response', 'stream'].map((kind) => `http2 ${kind}`);
      assert.deepEqual(
        stdout.trim().split('\n'),
        [...kinds, ...ofHttp2].map((kind) => `${kind}: 1`),
      );
    });

    test('is told what can not be watched', async (t) => {
      const rest = `
        for (const call of ['watch', 'attach']) {
          try {
            watchdog[call]({});
          } catch ({ code }) {
            console.log(call, code);
          }
        }
      `;
      const ended = await run(t, ['--input-type=module', '-e', create('{}', rest)], {
        preload: unwatched,
      });
      assert.equal(ended.stdout, 'watch LOOPWATCH_E_OPTION\nattach LOOPWATCH_E_OPTION\n');
    });
  });
});
