/** What is evaluated in a process to take a thread's stack, as text and as what it answers. */
import { CAPTURE_SOURCE } from '../../main/stack/call-sites.js';
import type { RawFrame } from '../../shared/record/frames.js';
import type { RequestInfo } from '../../shared/record/record.js';

/** What one thread answers. */
export interface RawCapture {
  /** Innermost frame first; empty when nothing ran. */
  readonly frames: readonly RawFrame[];
  /** On the monotonic clock of the machine, in ms. */
  readonly ranAtMs: number;
  /** Of loopwatch, where it watches this thread. */
  readonly request: RequestInfo | null;
  readonly requestsInFlight: number | null;
  /** Whether loopwatch watches this thread. */
  readonly isWatched: boolean;
  /** Whether it is a thread of loopwatch's own. */
  readonly isOwn: boolean;
  readonly node: string;
  readonly script: string | null;
  readonly uptimeMs: number;
}

/** How deep a stack is taken. */
const DEPTH = 200;

interface GlobalRegistry {
  readonly snapshot?: unknown;
  readonly api?: {
    requestNow?(): { request: RequestInfo | null; inFlight: number | null } | null;
  };
}

/**
 * Sent as its text, so that it names nothing of this module. It may meet anything: a program that has
 * replaced `Error.prepareStackTrace`, or frozen it.
 */
function capture(source: string, depth: number): RawCapture {
  type Site = NodeJS.CallSite;
  const set = (name: string, value: unknown) => {
    const before = Object.getOwnPropertyDescriptor(Error, name);
    Object.defineProperty(Error, name, { value, configurable: true, writable: true });
    return () => {
      if (before === undefined) delete (Error as unknown as Record<string, unknown>)[name];
      else Object.defineProperty(Error, name, before);
    };
  };
  const rows = (_error: Error, sites: Site[]) => {
    return sites
      .filter((site) => site.getScriptNameOrSourceURL() !== source)
      .map((site) => [
        site.getFunctionName(),
        site.getFileName() ?? site.getScriptNameOrSourceURL() ?? null,
        site.getLineNumber(),
        site.getColumnNumber(),
        site.isAsync() ? 1 : 0,
      ]);
  };
  const holder: { stack?: unknown } = {};
  const restore = [set('stackTraceLimit', depth), set('prepareStackTrace', rows)];
  let frames: unknown;
  try {
    Error.captureStackTrace(holder, capture);
    frames = holder.stack;
  } finally {
    for (const back of restore.reverse()) back();
  }
  const registry = (globalThis as unknown as Record<symbol, GlobalRegistry | undefined>)[
    Symbol.for('loopwatch')
  ];
  const { workerData } = process.getBuiltinModule('node:worker_threads');
  const requests = registry?.api?.requestNow?.() ?? null;
  const [seconds, nanoseconds] = process.hrtime();
  return {
    frames: frames as RawFrame[],
    ranAtMs: seconds * 1000 + nanoseconds / 1e6,
    request: requests?.request ?? null,
    requestsInFlight: requests?.inFlight ?? null,
    isWatched: registry?.snapshot !== undefined,
    isOwn: typeof workerData?.loopwatch === 'string',
    node: process.version,
    script: process.argv[1] ?? null,
    uptimeMs: process.uptime() * 1000,
  };
}

/** The expression. Always the same text: V8 compiles it once. */
export const CAPTURE = `(${capture})(${JSON.stringify(CAPTURE_SOURCE)}, ${DEPTH})\n//# sourceURL=${CAPTURE_SOURCE}`;
