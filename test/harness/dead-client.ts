/** Servers under the watchdog of dead clients, and clients that die in every way. */
import type { ClientWatchdogOptions, DeadClientReport } from '@loopwatch/dead-client';
import type { Scope } from './folder.js';
import { node, programPath } from './places.js';
import { unwatched } from './preload.js';
import { type Running, type RunOptions, start } from './run.js';
import { until } from './until.js';

/** Every case is tried with that many connections at once. */
export const CONNECTIONS = 10;

export const GRACE_MS = 3000;
export const INTERVAL_MS = 250;

/** Longer than anything that must not happen would take to happen. */
const DEADLINE_MS = 90_000;

export type Transport = 'tcp' | 'tls' | 'http' | 'ws' | 'h2c' | 'h2';

export interface ServerSettings {
  readonly transport: Transport;
  /** Whether it runs in a worker thread. */
  readonly isInWorker?: boolean | undefined;
  readonly does: string;
  readonly watchdog: ClientWatchdogOptions | null;
}

export interface ClientSettings {
  readonly does: string;
  readonly connections?: number;
  readonly bytesPerSecond?: number;
  readonly busyMs?: number;
}

/** What a connection that was written to says of its end. */
export interface EndOfWrites {
  readonly write: string | null;
  readonly drain: string | null;
  readonly reason: string | null;
}

/** test/programs/dead-client/server.mjs, listening. */
export class DeadClientServer {
  readonly running: Running;
  readonly transport: Transport;
  readonly port: number;

  constructor(running: Running, transport: Transport, port: number) {
    this.running = running;
    this.transport = transport;
    this.port = port;
  }

  /** What it has said of one kind so far. */
  said<T>(word: string): T[] {
    const lines = this.running.stdout.matchAll(new RegExp(`^${word} (.+)$`, 'gm'));
    return [...lines].map(([, json]) => JSON.parse(json as string) as T);
  }

  dead(): DeadClientReport[] {
    return this.said('dead');
  }

  /** Waits for so many of one kind. */
  async says<T>(word: string, count: number): Promise<T[]> {
    return until(
      `${count} times ${word}`,
      () => {
        if (this.running.isOver) throw new Error(`the server ended: ${this.running.shown()}`);
        const said = this.said<T>(word);
        return said.length >= count && said;
      },
      { deadlineMs: DEADLINE_MS, seen: () => this.running.shown() },
    );
  }

  /** Starts clients of it and waits until they are connected. */
  async client(scope: Scope, settings: ClientSettings): Promise<Running> {
    const { transport, port } = this;
    const given = JSON.stringify({ transport, port, connections: CONNECTIONS, ...settings });
    const running = start(scope, [programPath('dead-client/client.mjs'), given], {
      preload: unwatched,
      deadlineMs: DEADLINE_MS,
    });
    await running.says('stdout', /^connected$/m);
    return running;
  }
}

/** With a grace of 3 s and a look every 250 ms, unless the settings say otherwise. */
function filledIn({ transport, does, watchdog }: ServerSettings): string {
  const quick = { graceMs: GRACE_MS, intervalMs: INTERVAL_MS, peerCloseMs: 1000 };
  return JSON.stringify({ transport, does, watchdog: watchdog && { ...quick, ...watchdog } });
}

/** Runs a program in a worker thread that has this process's standard input. */
function inWorker(path: string, ...args: readonly string[]): string[] {
  const program = `
    const { Worker } = require('node:worker_threads');
    const worker = new Worker(${JSON.stringify(path)}, { argv: ${JSON.stringify(args)}, stdin: true });
    process.stdin.pipe(worker.stdin);
  `;
  return ['-e', program];
}

/** Starts a server, see {@link filledIn}. */
export async function startDeadClientServer(
  scope: Scope,
  settings: ServerSettings,
  options: RunOptions = {},
): Promise<DeadClientServer> {
  const { transport, watchdog, isInWorker } = settings;
  const args = [programPath('dead-client/server.mjs'), filledIn(settings)] as const;
  const running = start(scope, isInWorker ? inWorker(...args) : args, {
    preload: unwatched,
    deadlineMs: DEADLINE_MS,
    ...options,
  });
  const [, port] = await running.says('stdout', /^port (\d+)$/m);
  const { backend = 'auto' } = watchdog ?? {};
  if (backend !== 'auto') await running.says('stdout', new RegExp(`^backend ${backend}$`, 'm'));
  return new DeadClientServer(running, transport, Number(port));
}

/**
 * Starts a server and its clients, and then lets the link between them swallow everything. Needs
 * network namespaces.
 */
export async function startBehindBlackhole(
  scope: Scope,
  settings: ServerSettings,
  client: ClientSettings,
): Promise<DeadClientServer> {
  const inner = [
    node,
    programPath('dead-client/blackhole.mjs'),
    filledIn(settings),
    JSON.stringify({ transport: settings.transport, ...client }),
  ];
  // The harness starts the interpreter under test, which starts the namespace.
  const outer = `
    const { spawn } = require('node:child_process');
    spawn('unshare', ${JSON.stringify(['-rn', ...inner])}, { stdio: 'inherit' });
  `;
  const running = start(scope, ['-e', outer], { preload: unwatched, deadlineMs: DEADLINE_MS });
  await running.says('stdout', /^swallowed$/m);
  return new DeadClientServer(running, settings.transport, 0);
}
