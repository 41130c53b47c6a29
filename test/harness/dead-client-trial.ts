/** Tries one case of dead or living clients, and says what was wrong about it. */
import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeadClientReport } from '@loopwatch/dead-client';
import {
  type DeadClientServer,
  type EndOfWrites,
  GRACE_MS,
  INTERVAL_MS,
  startBehindBlackhole,
  startDeadClientServer,
} from './dead-client.js';
import type { DeadClientCase, DeadlyCase } from './dead-client-cases.js';
import type { Scope } from './folder.js';
import type { Running } from './run.js';

export type TestedBackend = 'koffi' | 'proc';

/** Both ways to read the kernel. */
export const backends: readonly TestedBackend[] = ['koffi', 'proc'];

/** Long enough for whoever is taken for dead by mistake. */
const QUIET_MS = GRACE_MS + 6 * INTERVAL_MS + 1000;

const FREED = 'LOOPWATCH_E_DEAD_CLIENT';

/** What came of it. */
export interface Outcome {
  /** None when all was right. */
  readonly problems: readonly string[];
  /** From what the clients died of until the last was found; null for those that live. */
  readonly foundMs: number | null;
}

/** Why a case can't be tried on this machine; false where it can. */
export function skipOf({ isSwallowed }: DeadClientCase): string | false {
  if (!isSwallowed || spawnSync('unshare', ['-rn', 'ip', 'link']).status === 0) return false;
  return 'this machine allows no network namespaces (unshare -rn)';
}

/** The server, and its clients where it does not start them itself. */
interface Begun {
  readonly server: DeadClientServer;
  readonly client: Running | null;
}

async function begin(
  scope: Scope,
  backend: TestedBackend,
  connections: number,
  { transport = 'tcp', server: does, client: clientDoes, event, ...where }: DeadClientCase,
): Promise<Begun> {
  const { isInWorker, isSwallowed } = where;
  const settings = { transport, does, watchdog: { backend }, isInWorker };
  const clientSettings = { connections, ...clientDoes };
  if (isSwallowed) {
    const server = await startBehindBlackhole(scope, settings, clientSettings);
    return { server, client: null };
  }
  const server = await startDeadClientServer(scope, settings);
  const client = await server.client(scope, clientSettings);
  // The kernel connects before the program accepts, and forgets who has reset in between.
  if (does === 'wait') await server.says('waits', connections);
  await event?.(client);
  return { server, client };
}

function* flawsOf(report: DeadClientReport, { cause }: DeadlyCase, backend: TestedBackend) {
  if (report.cause !== cause) yield `the cause is ${report.cause}`;
  if (report.backend !== backend) yield `the backend is ${report.backend}`;
  if (report.action !== 'reset') yield `the action is ${report.action}`;
  if (!/^(127|10)\./.test(report.remote.address ?? '')) yield 'the address is wrong';
  if (report.stallMs < report.allowedMs) yield 'it came too early';
}

function* flawsOfEnd({ write, drain, reason }: EndOfWrites, { transport, cause }: DeadlyCase) {
  if (write !== FREED) yield `a write ended with ${write}`;
  if (drain !== FREED) yield `a wait for drain ended with ${drain}`;
  if (transport === 'ws' && !reason?.includes(cause)) yield `the reason is '${reason}'`;
}

/** Tries clients that must be found. */
export async function tryDeadly(
  scope: Scope,
  backend: TestedBackend,
  connections: number,
  deadly: DeadlyCase,
): Promise<Outcome> {
  const { server } = await begin(scope, backend, connections, deadly);
  const diedAtMs = performance.now();
  const reports = await server.says<DeadClientReport>('dead', connections);
  const foundMs = performance.now() - diedAtMs;
  const ends = deadly.waits ? await server.says<EndOfWrites>('ended', connections) : [];
  const problems = [
    ...(reports.length === connections ? [] : [`${reports.length} reports`]),
    ...reports.flatMap((report) =>
      [...flawsOf(report, deadly, backend)].map((flaw) => `${flaw}: ${JSON.stringify(report)}`),
    ),
    ...ends.flatMap((end) => [...flawsOfEnd(end, deadly)]),
  ];
  return { problems, foundMs };
}

/** Tries clients that must be left alone. */
export async function tryLiving(
  scope: Scope,
  backend: TestedBackend,
  connections: number,
  living: DeadClientCase,
): Promise<Outcome> {
  const { server, client } = await begin(scope, backend, connections, living);
  // Nothing must happen, and for that there is no event to wait for; but a blocked server has to look first.
  if (living.server.startsWith('blocks')) await server.says('blocked', 2);
  else await sleep(QUIET_MS);
  const ended = server.said('ended');
  const problems = [
    ...server.dead().map((report) => `reported: ${JSON.stringify(report)}`),
    ...ended.map((end) => `ended: ${JSON.stringify(end)}`),
    ...(server.running.isOver ? [`the server ended: ${server.running.shown()}`] : []),
    ...(client?.isOver ? [`the client ended: ${client.shown()}`] : []),
  ];
  return { problems, foundMs: null };
}
