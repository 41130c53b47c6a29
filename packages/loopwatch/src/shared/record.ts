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
  readonly frames: readonly Frame[];
}

/** The in-app frame that the samples blame. */
export interface Culprit {
  readonly function: string | null;
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
  /** The package in node_modules that holds the frame, or null for the application itself. */
  readonly package: string | null;
  /**
   * `exact`: sampled while it ran. `caller`: certain is only that this function, or one it called
   * natively, blocked. `none`: no frame could be blamed.
   */
  readonly precision: Precision;
}

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
  readonly thread: { readonly id: number; readonly name: string };
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
  readonly previousProcess: boolean;
  /** How many reports of the same culprit were held back since the last one. */
  readonly suppressed: number;
}

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

/** The record in one sentence: the `msg` of the log line. */
export function sentence(record: BlockRecord): string {
  const ms = Math.round(record.durationMs);
  const where = location(record.culprit);
  let text =
    record.kind !== 'hang'
      ? `event loop blocked ${ms} ms`
      : record.ended
        ? `event loop hang ended after ${ms} ms`
        : `event loop hangs for ${ms} ms so far`;
  if (record.culprit !== null) {
    text += ` in ${record.culprit.function ?? '(anonymous)'}`;
    if (where !== null) text += ` (${where})`;
  }
  if (record.cause === 'module-load') text += ' while loading modules';
  if (record.request !== null) {
    const { method, route, path } = record.request;
    text += ` during ${[method, route ?? path].filter(Boolean).join(' ') || 'a request'}`;
  }
  const delayed = record.delayed?.requests ?? 0;
  if (delayed > 0) text += `, ${delayed} ${delayed === 1 ? 'request' : 'requests'} delayed`;
  return text;
}
