/** The block record, schema 1: the one shape in which a block leaves loopwatch. */

/** The schema number of {@link BlockRecord}. */
export const SCHEMA = 1;

export type Cause = 'javascript' | 'native' | 'sync-io' | 'gc' | 'module-load' | 'unknown';
export type Kind = 'block' | 'hang' | 'cumulative';
export type Precision = 'exact' | 'caller' | 'none';
export type Invoker =
  | 'http-request'
  | 'timer'
  | 'immediate'
  | 'microtask'
  | 'next-tick'
  | 'event'
  | 'module'
  | 'unknown';

/** Why a late beat was not a block. */
export type UnconfirmedReason = 'suspended' | 'starved' | 'debugger' | 'paused' | 'exiting';

/** A late beat that was not a block. */
export interface Unconfirmed {
  readonly reason: UnconfirmedReason;
  /** ISO 8601. */
  readonly startedAt: string;
  /** How long the loop was late, in ms. */
  readonly durationMs: number;
  readonly thread: ThreadInfo;
  /** What the kernel says of the machine meanwhile, where it does and where it matters. */
  readonly pressure: Pressure | null;
}

/** How the machine kept threads waiting during a late beat, in ms. Null is not known. */
export interface Pressure {
  /** Time in which some thread of the machine waited for a CPU (`/proc/pressure/cpu`). */
  readonly cpuWaitMs: number | null;
  /** Time in which the cgroup was not allowed to run (`cpu.stat`). */
  readonly throttledMs: number | null;
}

/** A thread of the process; 0 is its first. */
export interface ThreadInfo {
  readonly id: number;
  /** `main`, or the name that the Worker was given. */
  readonly name: string;
}

/** One frame of a stack. Lines and columns count from 1; what is not known is null. */
export interface Frame {
  readonly function: string | null;
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
  /** True for the application's own code: not Node's, not in node_modules. */
  readonly inApp: boolean;
  /** True for a function that awaited the ones before it and is not itself on the stack. */
  readonly async: boolean;
}

/** A stack that was seen `count` times, innermost frame first. */
export interface FoldedStack {
  readonly count: number;
  /** How much of the block it answers for, in ms; missing in early records. */
  readonly ms?: number;
  readonly frames: readonly Frame[];
}

/**
 * The in-app frame that the samples blame. Where no frame of the application was on any stack it is
 * a dependency's; where there was none of a dependency either, its function is {@link NODE}.
 */
export interface Culprit {
  /**
   * Null for a function without a name. For the callback of a turn whose stack was gone, and which
   * has no name, the beginning of its source text.
   */
  readonly function: string | null;
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
  /** The package in node_modules that was busy: in this frame, or called from it. */
  readonly package: string | null;
  /**
   * `exact`: sampled while it ran. `caller`: certain is only that this function, or one it called
   * natively, blocked. `none`: no frame could be blamed.
   */
  readonly precision: Precision;
}

/** The function of a culprit when all that was seen was Node itself. */
export const NODE = '(node)';

/** A request, as far as loopwatch may know it: never a header, a body or a query string. */
export interface RequestInfo {
  readonly id: string | null;
  readonly method: string | null;
  readonly route: string | null;
  readonly path: string | null;
  /** ISO 8601. */
  readonly startedAt: string;
}

/** One confirmed block, hang or cumulative window. Durations are in ms. */
export interface BlockRecord {
  readonly schema: typeof SCHEMA;
  /** 32 hexadecimal digits; also the Sentry event id. */
  readonly id: string;
  readonly kind: Kind;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Right to within one beat. While a hang lasts: how long it has lasted. */
  readonly durationMs: number;
  readonly thresholdMs: number;
  /** False while a hang still lasts. */
  readonly ended: boolean;
  readonly cause: Cause;
  readonly thread: ThreadInfo;
  readonly culprit: Culprit | null;
  readonly samples: { readonly count: number; readonly stacks: readonly FoldedStack[] };
  readonly invoker: Invoker;
  readonly request: RequestInfo | null;
  readonly delayed: { readonly requests: number } | null;
  readonly trace: { readonly traceId: string; readonly spanId: string } | null;
  readonly gc: { readonly count: number; readonly ms: number } | null;
  readonly cpu: {
    readonly userMs: number;
    readonly systemMs: number;
    readonly state: 'running' | 'sleeping' | null;
  } | null;
  readonly process: {
    readonly pid: number;
    readonly node: string;
    readonly host: string;
    readonly uptimeMs: number;
  };
  /** The CPU profile of it, where `@loopwatch/profiler` recorded: a path that ends in `.cpuprofile`. */
  readonly profile: string | null;
  readonly previousProcess: boolean;
  /** The name of the `watch` that it happened in, whose threshold this is. */
  readonly scope: string | null;
  /** How many reports of the same culprit were held back since the last one. */
  readonly suppressed: number;
}

/** What of a record tells what to do about it. */
export type Advised = Pick<BlockRecord, 'cause' | 'culprit' | 'invoker' | 'samples'>;

/** The last directories of a path are enough for a person; the record holds it whole. */
function shortPath(file: string): string {
  const parts = file.split(/[\\/]/);
  return parts.slice(-2).join('/');
}

/** `src/report.ts:88`, or null when the record blames no file. */
export function location(culprit: Culprit | null): string | null {
  if (culprit?.file == null) return null;
  const path = shortPath(culprit.file);
  return culprit.line === null ? path : `${path}:${culprit.line}`;
}

function opening({ kind, ended, thread, previousProcess }: BlockRecord): string {
  const loop = thread.id === 0 ? 'event loop' : `event loop of ${thread.name}`;
  if (kind !== 'hang' || previousProcess) return `${loop} blocked`;
  return ended ? `${loop} hang ended after` : `${loop} hangs for`;
}

/** The record in one sentence: the `msg` of the log line. */
export function sentence(record: BlockRecord): string {
  const ms = Math.round(record.durationMs);
  const where = location(record.culprit);
  let text = `${opening(record)} ${ms} ms`;
  if (!record.ended) text += record.previousProcess ? ' when its process ended' : ' so far';
  if (record.kind === 'cumulative') text += ' by short blocks, most of them';
  if (record.culprit !== null) {
    text += ` in ${record.culprit.function ?? '(anonymous)'}`;
    if (where !== null) text += ` (${where})`;
    if (record.culprit.package !== null) text += ` [${record.culprit.package}]`;
  }
  if (record.cause === 'module-load') text += ' while loading modules';
  if (record.request !== null) {
    const { method, route, path } = record.request;
    text += ` during ${[method, route ?? path].filter(Boolean).join(' ') || 'a request'}`;
  }
  const delayed = record.delayed?.requests ?? 0;
  if (delayed > 0) text += `, ${delayed} ${delayed === 1 ? 'request' : 'requests'} delayed`;
  if (record.suppressed > 0) text += `, ${record.suppressed} more like it not reported`;
  return text;
}

/** A late beat that was no block, in one sentence. */
export function unconfirmedSentence({ reason, durationMs, thread }: Unconfirmed): string {
  const where = thread.id === 0 ? '' : ` of ${thread.name}`;
  return `late beat of ${Math.round(durationMs)} ms${where} was no block: ${reason}`;
}
