/** Finds the inspector of a process, or has it opened by SIGUSR1. */
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { nowMs } from '../../shared/clock.js';
import { codeOf } from '../../shared/errors.js';
import { Unusable } from '../terminal/outcome.js';
import { signalObjection } from './check.js';
import { type Facts, presence, signalThreadSleeps } from './facts.js';
import { allListening, inodesOf, type Listening, listeningOf, ownerOf } from './sockets.js';

/** Node's own default. */
const DEFAULT_PORT = 9229;

const LOOK_EVERY_MS = 10;

/** For who may have to wait for minutes. */
const COMES_EVERY_MS = 500;

/** An inspector answers from a thread of its own, however busy the program is. */
const ANSWER_MS = 2000;

/** How long a port that must be new is waited for before the known ones are asked. */
const NEW_PORT_MS = 1000;

type Address = Pick<Listening, 'host' | 'port'>;

/** An inspector that can be connected to. */
export interface Inspector extends Address {
  /** Of its WebSocket. */
  readonly url: string;
  /** False when it was opened for us, and is to be closed again. */
  readonly wasOpen: boolean;
  /** How long the process took to open it, in ms: a native call delays that. */
  readonly openedAfterMs: number;
}

/** The process did not open its inspector in time: its main thread is in a native call. */
export class NotOpened extends Error {
  override readonly name = 'NotOpened';
}

/** The port that a process's command line and NODE_OPTIONS name for its inspector, 0 for any. */
export function expectedPort({ args, nodeOptions }: Pick<Facts, 'args' | 'nodeOptions'>): number {
  const flag = /^--(?:inspect(?:-brk|-wait|-port)?|debug-port)=(?:.*:)?(\d+)$/;
  const words = [...nodeOptions.split(/\s+/), ...args];
  const ports = words.flatMap((word) => flag.exec(word)?.[1] ?? []);
  return ports.length === 0 ? DEFAULT_PORT : Number(ports.at(-1));
}

function getJson({ host, port }: Address, path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const asking = get({ host, port, path, timeout: ANSWER_MS, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('error', reject);
      response.on('end', () => {
        try {
          resolve(JSON.parse(text));
        } catch (error) {
          reject(error);
        }
      });
    });
    asking.on('timeout', () => asking.destroy(new Error('no answer')));
    asking.on('error', reject);
  });
}

/** The WebSocket of the inspector at an address; null when what listens there is none. */
async function inspectorAt(address: Address): Promise<string | null> {
  try {
    const targets = (await getJson(address, '/json/list')) as { webSocketDebuggerUrl?: unknown }[];
    const url = targets[0]?.webSocketDebuggerUrl;
    return typeof url === 'string' && url.startsWith('ws://') ? url : null;
  } catch {
    return null;
  }
}

type Found = Omit<Inspector, 'wasOpen' | 'openedAfterMs'>;

async function firstOf(addresses: readonly Address[]): Promise<Found | null> {
  for (const { host, port } of addresses) {
    const url = await inspectorAt({ host, port });
    if (url !== null) return { host, port, url };
  }
  return null;
}

/** Node would say so on the target's stderr, and listen nowhere. */
function requireFree(port: number, { pid }: Facts, own: ReadonlySet<string>): void {
  const taken = allListening(pid)?.find((one) => one.port === port);
  if (taken === undefined || own.has(taken.inode)) return;
  const owner = ownerOf(taken.inode);
  const by = owner === null ? 'by another process' : `by process ${owner}`;
  throw new Unusable(
    `port ${port}, on which process ${pid} would open its inspector, is taken ${by}; a start with --inspect-port=0 avoids that`,
  );
}

function signal(pid: number): void {
  try {
    // Windows has no signals: Node does there by this what SIGUSR1 does elsewhere.
    if (process.platform !== 'win32') process.kill(pid, 'SIGUSR1');
    else (process as unknown as { _debugProcess(pid: number): void })._debugProcess(pid);
  } catch (error) {
    if (codeOf(error) === 'ESRCH') throw new Unusable(`there is no process ${pid} any more`);
    throw new Unusable(`no permission to signal process ${pid}`);
  }
}

/** How an inspector is waited for. */
interface Waiting {
  /**
   * The sockets that the process had before; null where that can't be known. Not only those that listened:
   * the kernel's list of these can miss one while others come and go.
   */
  readonly before: ReadonlySet<string> | null;
  /** The port to be expected where new ones can't be seen. */
  readonly expected: number;
  readonly everyMs: number;
  readonly untilMs: number;
  /** Called once when the port should long have been there. */
  readonly overdue: () => void;
}

async function opened({ pid }: Facts, waiting: Waiting): Promise<Inspector> {
  const { before, expected } = waiting;
  const sentMs = nowMs();
  let isOverdue = false;
  for (;;) {
    const now = before === null ? null : listeningOf(pid);
    const added = now?.filter(({ inode }) => before?.has(inode) === false);
    const candidates = added ?? [{ host: '127.0.0.1', port: expected }];
    const openedAfterMs = nowMs() - sentMs;
    const found = await firstOf(candidates);
    if (found !== null) return { ...found, wasOpen: false, openedAfterMs };
    if (!isOverdue && nowMs() - sentMs > NEW_PORT_MS) {
      isOverdue = true;
      // Opened by the program itself, on a port of its choice: then SIGUSR1 changes nothing.
      const old = await firstOf(now?.filter(({ inode }) => before?.has(inode)) ?? []);
      if (old !== null) return { ...old, wasOpen: true, openedAfterMs: 0 };
      waiting.overdue();
    }
    if (presence(pid) === null) throw new Unusable(`process ${pid} has ended meanwhile`);
    if (nowMs() > waiting.untilMs) throw new NotOpened();
    await sleep(waiting.everyMs);
  }
}

/** The inspector that listens where it is expected; null where none is seen to. */
function openAt(expected: number, listening: readonly Listening[] | null): Promise<Found | null> {
  return firstOf(listening?.filter(({ port }) => port === expected) ?? []);
}

/**
 * The inspector of a process, opened where it is not.
 *
 * @param asked called when the process was told to open it
 * @throws Unusable when it can't be had; NotOpened when it did not open in time
 */
export async function inspectorOf(
  facts: Facts,
  timeoutMs: number,
  asked: () => void,
): Promise<Inspector> {
  const { pid } = facts;
  const expected = expectedPort(facts);
  const before = inodesOf(pid);
  const listening = listeningOf(pid);
  const open = await openAt(expected, listening);
  if (open !== null) return { ...open, wasOpen: true, openedAfterMs: 0 };
  const why = signalObjection(facts);
  if (why !== null) throw new Unusable(why);
  if (before !== null && expected !== 0) requireFree(expected, facts, before);
  if (listening === null && (await inspectorAt({ host: '127.0.0.1', port: expected })) !== null) {
    throw new Unusable(`port ${expected} is taken by some inspector, and it can't be told whose`);
  }
  const sleeps = signalThreadSleeps(pid);
  signal(pid);
  asked();
  const overdue = () => {
    if (sleeps === null || signalThreadSleeps(pid) !== sleeps) return;
    throw new Unusable(
      `process ${pid} handles SIGUSR1 itself, by which Node.js would open its inspector`,
    );
  };
  const untilMs = nowMs() + timeoutMs;
  return opened(facts, { before, expected, everyMs: LOOK_EVERY_MS, untilMs, overdue });
}

/** The inspector that a process which was asked before has opened, or will. */
export async function inspectorToCome(facts: Facts, timeoutMs: number): Promise<Inspector> {
  const expected = expectedPort(facts);
  const before = inodesOf(facts.pid);
  const open = await openAt(expected, listeningOf(facts.pid));
  if (open !== null) return { ...open, wasOpen: false, openedAfterMs: 0 };
  const untilMs = nowMs() + timeoutMs;
  return opened(facts, {
    before,
    expected,
    everyMs: COMES_EVERY_MS,
    untilMs,
    overdue: () => {},
  });
}

/** Whether an inspector listens no more. */
export async function isClosed({ pid }: Facts, { host, port }: Address): Promise<boolean> {
  const own = listeningOf(pid);
  if (own !== null) return !own.some((one) => one.port === port);
  return (await inspectorAt({ host, port })) === null;
}
