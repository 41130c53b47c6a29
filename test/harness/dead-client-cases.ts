/**
 * Clients that die, and clients that only look like it: test/dead-client.test.ts and
 * test/dead-client-cases.test.ts try each with ten connections at once, `npm run dead-clients` tries them
 * again and again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeadClientReport } from '@loopwatch/dead-client';
import type { ClientSettings, Transport } from './dead-client.js';
import type { Running } from './run.js';

export interface DeadClientCase {
  readonly name: string;
  /** Default: 'tcp'. */
  readonly transport?: Transport;
  /** What the server does with each connection. */
  readonly server: string;
  readonly client: ClientSettings;
  /** Whether server and watchdog are in a worker thread. */
  readonly isInWorker?: true;
  /** What happens once all are connected. */
  readonly event?: (client: Running) => Promise<void> | void;
  /** The link swallows everything once all are connected: needs network namespaces. */
  readonly isSwallowed?: true;
  /** Whether it is in every run of the tests, and not in the long ones alone. */
  readonly standsForKind?: true;
}

export interface DeadlyCase extends DeadClientCase {
  readonly cause: DeadClientReport['cause'];
  /** Whether writes and waits are under way. */
  readonly waits: boolean;
}

const stopped = (client: Running) => client.signal('SIGSTOP');
const killed = (client: Running) => client.signal('SIGKILL');
const told = (client: Running) => client.tell('now');

async function stoppedForAMoment(client: Running): Promise<void> {
  client.signal('SIGSTOP');
  await sleep(1500);
  client.signal('SIGCONT');
}

/** Bytes wait for it for ever. */
const wedged = { server: 'pour', cause: 'zero-window', waits: true } as const;

/** The server does not read, so that Node does not hear of the end. */
const gone = { server: 'wait', cause: 'peer-closed', waits: false } as const;

/** They must be found. */
export const deadly: readonly DeadlyCase[] = [
  {
    ...wedged,
    name: 'a stopped process',
    client: { does: 'read' },
    event: stopped,
    standsForKind: true,
  },
  { ...wedged, name: 'a program that stops reading', client: { does: 'stop' } },
  ...(['tls', 'http', 'ws', 'h2c', 'h2'] as const).map((transport) => ({
    ...wedged,
    name: `a stopped process over ${transport}`,
    transport,
    client: { does: 'read' },
    event: stopped,
    ...(transport === 'ws' ? { standsForKind: true as const } : {}),
  })),
  {
    ...wedged,
    name: 'a stopped process, of a blocked server',
    server: 'blocks',
    client: { does: 'read' },
    event: stopped,
  },
  {
    ...wedged,
    name: 'a stopped process, of a server in a worker thread',
    client: { does: 'read' },
    event: stopped,
    isInWorker: true,
    standsForKind: true,
  },
  {
    ...gone,
    name: 'one that has ended its side, unread',
    client: { does: 'end' },
    event: told,
    standsForKind: true,
  },
  { ...gone, name: 'one that has reset, unread', client: { does: 'reset' }, event: told },
  { ...gone, name: 'a killed process, unread', client: { does: 'end' }, event: killed },
  // A killed client of TLS resets, since it has not read its session tickets: that Node notices.
  {
    ...gone,
    name: 'one that has ended its side, unread, over tls',
    transport: 'tls',
    client: { does: 'end' },
    event: told,
  },
  {
    ...gone,
    name: 'a killed process, unread, over ws',
    transport: 'ws',
    client: { does: 'end' },
    event: killed,
  },
  {
    ...wedged,
    name: 'a client behind a link that swallows everything',
    client: { does: 'read' },
    cause: 'unreachable',
    isSwallowed: true,
    standsForKind: true,
  },
];

/** They must be left alone. */
export const living: readonly DeadClientCase[] = [
  { name: 'an active client', server: 'pour', client: { does: 'read' }, standsForKind: true },
  ...(['tls', 'ws', 'h2'] as const).map((transport) => ({
    name: `an active client over ${transport}`,
    transport,
    server: 'pour',
    client: { does: 'read' },
  })),
  ...(['tcp', 'tls', 'ws'] as const).map((transport) => ({
    name: `a process that was stopped for 1.5 s${transport === 'tcp' ? '' : ` over ${transport}`}`,
    transport,
    server: 'pour',
    client: { does: 'read' },
    event: stoppedForAMoment,
    ...(transport === 'tcp' ? { standsForKind: true as const } : {}),
  })),
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
  ...(['tcp', 'tls', 'ws'] as const).map((transport) => ({
    name: `an idle client${transport === 'tcp' ? '' : ` over ${transport}`}`,
    transport,
    server: 'greet',
    client: { does: 'idle' },
  })),
  {
    name: 'a paused client that has got everything',
    server: 'greet',
    client: { does: 'stop' },
    standsForKind: true,
  },
  { name: 'an active client of a blocked server', server: 'blocks', client: { does: 'read' } },
  {
    name: 'an active client of a server that is blocked for longer than the grace',
    server: 'blocks-for-long',
    client: { does: 'read' },
    standsForKind: true,
  },
  {
    name: 'a client of a server that does not read',
    server: 'deaf',
    client: { does: 'send-first' },
  },
];
