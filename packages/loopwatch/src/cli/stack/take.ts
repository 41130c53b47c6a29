/** Takes the stacks of a process: all its threads once, or again and again for a while. */
import { nowMs } from '../../shared/clock.js';
import { frameOf } from '../../shared/record/frames.js';
import type { Frame, RequestInfo } from '../../shared/record/record.js';
import { Disconnected } from '../target/devtools.js';
import { type Target, type Thread, Unanswered } from '../target/target.js';
import { CAPTURE, type RawCapture } from './capture.js';
import type { SourceMaps } from './source-maps.js';

/** A wait that is worth a word; an answer takes some 30 ms where the machine is not busy. */
const LATE_MS = 300;

/** How long a worker is waited for that does not answer: others wait behind it. */
const WORKER_MS = 2000;

/** Node calls its workers `[worker 3] name`. */
const TITLE = /^\[worker (\d+)\] ?(.*)$/s;

/** One thread's stack. */
export interface ThreadStack {
  readonly thread: { readonly id: number; readonly name: string };
  /** Innermost first; empty: no JavaScript ran. Null: it did not answer in time. */
  readonly frames: readonly Frame[] | null;
  /** How long its answer had to wait, in ms: more than 300 ms were a native call, or a busy machine. */
  readonly waitedMs: number;
  readonly request: RequestInfo | null;
  readonly requestsInFlight: number | null;
  readonly isWatched: boolean;
}

/** What is known of the process besides. */
export interface ProcessView {
  readonly pid: number;
  readonly node: string;
  readonly script: string | null;
  readonly uptimeMs: number;
}

export interface Taken {
  readonly process: ProcessView;
  readonly threads: readonly ThreadStack[];
}

/** Whether an answer may have come only when something uninterruptible was over. */
export function isLate({ waitedMs }: Pick<ThreadStack, 'waitedMs'>): boolean {
  return waitedMs > LATE_MS;
}

function threadOf(title: string): ThreadStack['thread'] {
  const [, id, name] = TITLE.exec(title) ?? [];
  if (id === undefined) return { id: 0, name: 'main' };
  // Node's own name for those that were given none.
  const given = name === '' || name === 'WorkerThread' ? undefined : name;
  return { id: Number(id), name: given ?? `worker ${id}` };
}

function stackOf(
  title: string,
  frames: readonly Frame[],
  { request, requestsInFlight, isWatched }: RawCapture,
  waitedMs: number,
): ThreadStack {
  return { thread: threadOf(title), frames, waitedMs, request, requestsInFlight, isWatched };
}

function silent(title: string, waitedMs: number): ThreadStack {
  const nothing = { request: null, requestsInFlight: null, isWatched: false };
  return { thread: threadOf(title), frames: null, waitedMs, ...nothing };
}

interface Answered {
  readonly raw: RawCapture;
  readonly stack: ThreadStack;
}

export async function ask(
  thread: Thread,
  sinceMs: number,
  timeoutMs: number,
  maps: SourceMaps,
): Promise<Answered> {
  const raw = await thread.evaluate<RawCapture>(CAPTURE, timeoutMs);
  // Linux and macOS count this clock from the machine's start, for all processes.
  const waitedMs = Math.min(Math.max(0, raw.ranAtMs - sinceMs), nowMs() - sinceMs);
  const frames = await maps.readable(raw.frames.map(frameOf), thread, timeoutMs);
  return { raw, stack: stackOf(thread.title, frames, raw, waitedMs) };
}

async function askWorker(
  worker: Thread,
  timeoutMs: number,
  maps: SourceMaps,
): Promise<ThreadStack | null> {
  const sinceMs = nowMs();
  try {
    const { raw, stack } = await ask(worker, sinceMs, timeoutMs, maps);
    return raw.isOwn ? null : stack;
  } catch (error) {
    // It has ended.
    if (error instanceof Disconnected) return null;
    if (error instanceof Unanswered) return silent(worker.title, nowMs() - sinceMs);
    throw error;
  }
}

async function workersOf(
  target: Target,
  timeoutMs: number,
  maps: SourceMaps,
): Promise<ThreadStack[]> {
  const workers = await target.workers(timeoutMs);
  const stacks = await Promise.all(workers.map((worker) => askWorker(worker, WORKER_MS, maps)));
  return stacks.filter((stack) => stack !== null).sort((a, b) => a.thread.id - b.thread.id);
}

/**
 * The stacks of all threads.
 *
 * @param sinceMs when the process was asked, on our clock
 * @param timeoutMs for each answer of its main thread
 */
export async function takeAll(
  target: Target,
  sinceMs: number,
  timeoutMs: number,
  maps: SourceMaps,
): Promise<Taken> {
  const { raw, stack } = await ask(target.main, sinceMs, timeoutMs, maps);
  const { node, script, uptimeMs } = raw;
  const workers = await workersOf(target, timeoutMs, maps);
  const view = { pid: target.facts.pid, node, script, uptimeMs };
  return { process: view, threads: [stack, ...workers] };
}
