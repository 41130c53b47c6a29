/** What dead clients do to a server, with the watchdog and without it; and what the watchdog leaves alone. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeadClientReport } from '@loopwatch/dead-client';
import {
  CONNECTIONS,
  GRACE_MS,
  INTERVAL_MS,
  startDeadClientServer,
} from './harness/dead-client.js';
import type { Scope } from './harness/folder.js';
import { node, programPath } from './harness/places.js';
import { unwatched } from './harness/preload.js';
import { type Ended, run, start } from './harness/run.js';
import { until } from './harness/until.js';

const backends = ['koffi', 'proc'] as const;

/** How late a busy machine may make it all. */
const SLACK_MS = 2500;

function program(t: Scope, name: string, ...args: string[]): Promise<Ended> {
  const path = programPath(`dead-client/${name}`);
  return run(t, [path, ...args], { preload: unwatched, deadlineMs: 60_000 });
}

describe('one seat and a frozen client', { concurrency: 2 }, () => {
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

describe('memory of a server that writes blindly to a frozen client', { concurrency: 2 }, () => {
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

describe('descriptors that are used again at once', () => {
  for (const backend of backends) {
    test(`no wrong connection is touched, with ${backend}`, async (t) => {
      const { stdout } = await program(t, 'churn.mjs', backend, '8');
      const { served, reaped, wrong } = JSON.parse(/^churned (.+)$/m.exec(stdout)?.[1] ?? '{}');
      assert.equal(wrong, 0);
      assert.ok(reaped >= 10, stdout);
      assert.ok(served > 1000, stdout);
    });
  }
});

describe('a link that swallows everything', { concurrency: 2 }, () => {
  const allowed = spawnSync('unshare', ['-rn', 'ip', 'link']).status === 0;
  const skip = allowed ? false : 'this machine allows no network namespaces (unshare -rn)';
  for (const backend of backends) {
    test(`makes a client unreachable, with ${backend}`, { skip }, async (t) => {
      const watchdog = { backend, graceMs: GRACE_MS, intervalMs: INTERVAL_MS };
      const server = { transport: 'tcp', does: 'pour', watchdog };
      const client = { transport: 'tcp', does: 'read', connections: CONNECTIONS };
      // The harness starts the interpreter under test, which starts the namespace.
      const inner = [
        node,
        programPath('dead-client/blackhole.mjs'),
        JSON.stringify(server),
        JSON.stringify(client),
      ];
      const outer = `
        const { spawn } = require('node:child_process');
        spawn('unshare', ${JSON.stringify(['-rn', ...inner])}, { stdio: 'inherit' });
      `;
      const running = start(t, ['-e', outer], { preload: unwatched, deadlineMs: 60_000 });
      const dead = () =>
        [...running.stdout.matchAll(/^dead (.+)$/gm)].map(
          ([, json]) => JSON.parse(json as string) as DeadClientReport,
        );
      await until('all are dead', () => dead().length >= CONNECTIONS, {
        deadlineMs: 40_000,
        seen: () => running.shown(),
      });
      assert.match(running.stdout, /^swallowed$/m);
      for (const { cause } of dead()) assert.equal(cause, 'unreachable');
    });
  }
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
    const ended = await run(t, ['--input-type=module', '-e', create('{}')], { preload: unwatched });
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
    const ended = await run(t, ['--input-type=module', '-e', create("{ backend: 'none' }", rest)], {
      preload: unwatched,
    });
    assert.equal(ended.stdout, "null false none backend is 'none'\n");
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
