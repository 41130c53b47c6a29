/** Dead clients: connections of real processes, each case ten times, with both ways to read the kernel. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeadClientReport } from '@loopwatch/dead-client';
import {
  type ClientSettings,
  CONNECTIONS,
  type DeadClientServer,
  type EndOfWrites,
  GRACE_MS,
  INTERVAL_MS,
  startDeadClientServer,
  type Transport,
} from './harness/dead-client.js';
import type { Scope } from './harness/folder.js';
import type { Running } from './harness/run.js';

/** Long enough for whoever is taken for dead by mistake. */
const QUIET_MS = GRACE_MS + 6 * INTERVAL_MS + 1000;

interface Case {
  readonly name: string;
  readonly transport?: Transport;
  readonly server: string;
  readonly client: ClientSettings;
  /** What happens once all are connected. */
  readonly event?: (client: Running) => Promise<void> | void;
}

const stopped = (client: Running) => client.signal('SIGSTOP');
const told = (client: Running) => client.tell('now');

interface DeadlyCase extends Case {
  readonly cause: DeadClientReport['cause'];
  readonly signal?: DeadClientReport['signal'];
  /** Whether writes and waits are under way. */
  readonly waits: boolean;
}

const reaped: readonly DeadlyCase[] = [
  {
    name: 'a stopped process',
    server: 'pour',
    client: { does: 'read' },
    event: stopped,
    cause: 'zero-window',
    waits: true,
  },
  {
    name: 'a program that stops reading',
    server: 'pour',
    client: { does: 'stop' },
    cause: 'zero-window',
    waits: true,
  },
  ...(['tls', 'http', 'ws', 'h2c', 'h2'] as const).map((transport) => ({
    name: `a stopped process over ${transport}`,
    transport,
    server: 'pour',
    client: { does: 'read' },
    event: stopped,
    cause: 'zero-window' as const,
    waits: true,
  })),
  {
    name: 'one that has ended its side, unread',
    server: 'wait',
    client: { does: 'end' },
    event: told,
    cause: 'peer-closed',
    waits: false,
  },
  {
    name: 'one that has reset, unread',
    server: 'wait',
    client: { does: 'reset' },
    event: told,
    cause: 'peer-closed',
    waits: false,
  },
  {
    name: 'a killed process, unread',
    server: 'wait',
    client: { does: 'end' },
    event: (client) => client.signal('SIGKILL'),
    cause: 'peer-closed',
    waits: false,
  },
];

const untouched: readonly Case[] = [
  { name: 'an active client', server: 'pour', client: { does: 'read' } },
  { name: 'an active client over tls', transport: 'tls', server: 'pour', client: { does: 'read' } },
  { name: 'an active client over ws', transport: 'ws', server: 'pour', client: { does: 'read' } },
  { name: 'an active client over h2', transport: 'h2', server: 'pour', client: { does: 'read' } },
  {
    name: 'a process that was stopped for 1.5 s',
    server: 'pour',
    client: { does: 'read' },
    async event(client) {
      client.signal('SIGSTOP');
      await sleep(1500);
      client.signal('SIGCONT');
    },
  },
  {
    name: 'a client that is busy for 7 s, at 5 KB/s',
    server: 'trickle',
    client: { does: 'busy', busyMs: 7000 },
    event: async (client) => void (await client.says('stdout', /^rested$/m)),
  },
  {
    name: 'a reader of 100 KiB/s',
    server: 'pour',
    client: { does: 'slow', bytesPerSecond: 100 * 1024 },
  },
  { name: 'an idle client', server: 'greet', client: { does: 'idle' } },
  { name: 'an idle client over ws', transport: 'ws', server: 'greet', client: { does: 'idle' } },
  { name: 'a paused client that has got everything', server: 'greet', client: { does: 'stop' } },
  { name: 'an active client of a blocked server', server: 'blocks', client: { does: 'read' } },
  {
    name: 'a client of a server that does not read',
    server: 'deaf',
    client: { does: 'send-first' },
  },
];

async function begin(
  t: Scope,
  backend: 'koffi' | 'proc',
  { transport = 'tcp', server: does, client: settings, event }: Case,
): Promise<DeadClientServer> {
  const server = await startDeadClientServer(t, { transport, does, watchdog: { backend } });
  const client = await server.client(t, settings);
  // The kernel connects before the program accepts, and forgets who has reset in between.
  if (does === 'wait') await server.says('waits', CONNECTIONS);
  await event?.(client);
  return server;
}

for (const backend of ['koffi', 'proc'] as const) {
  describe(`with ${backend}, reaped`, { concurrency: 3 }, () => {
    for (const deadly of reaped) {
      test(deadly.name, async (t) => {
        const server = await begin(t, backend, deadly);
        const reports = await server.says<DeadClientReport>('dead', CONNECTIONS);
        assert.equal(reports.length, CONNECTIONS);
        for (const report of reports) {
          assert.equal(report.cause, deadly.cause, JSON.stringify(report));
          assert.equal(report.backend, backend);
          assert.equal(report.action, 'reset');
          assert.equal(report.remote.address, '127.0.0.1');
          assert.ok(report.stallMs >= report.allowedMs, JSON.stringify(report));
        }
        if (!deadly.waits) return;
        const ends = await server.says<EndOfWrites>('ended', CONNECTIONS);
        for (const { write, drain, reason } of ends) {
          assert.equal(write, 'LOOPWATCH_E_DEAD_CLIENT');
          assert.equal(drain, 'LOOPWATCH_E_DEAD_CLIENT');
          if (deadly.transport === 'ws') assert.match(reason ?? '', /zero-window/);
        }
      });
    }
  });

  describe(`with ${backend}, untouched`, { concurrency: 3 }, () => {
    for (const living of untouched) {
      test(living.name, async (t) => {
        const server = await begin(t, backend, living);
        // Nothing must happen, and for that there is no event to wait for.
        await sleep(QUIET_MS);
        assert.deepEqual(server.dead(), []);
        assert.deepEqual(server.said('ended'), [], server.running.shown());
        assert.equal(server.running.isOver, false);
      });
    }
  });
}
