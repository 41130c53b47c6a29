/** What the threads of loopwatch tell each other, and what they are started with. */

import type { CountedRequests } from '../metrics/metrics.js';
import type { Settings } from '../options/option-schema.js';
import type { CaptureNews, CaptureWanted } from '../record/captures.js';
import type { DeadClient, WaitedFor } from '../record/dead-client.js';
import type { RawFrame } from '../record/frames.js';
import type { ProfileSlice, Span } from '../record/profiler.js';
import type { BlockRecord, RequestInfo, Unconfirmed } from '../record/record.js';
import type { Reported } from '../record/reported.js';
import type { DebugIds, SentryContext } from '../sentry/sentry.js';
import type { Parcels, SinkName, SinkSetup } from '../sinks/rules.js';
import type { Code } from '../sources/source-context.js';

/** Options that only the watchdog and the reporter need, with what they can't read themselves. */
export interface Setup extends SinkSetup {
  /** The environment variables that name proxies. */
  readonly proxies: Readonly<Record<string, string>>;
  /** Null without a `logTransport`. */
  readonly home: Home | null;
  /** Whether another Node process forked this one, and may have given it its own options. */
  readonly forked: boolean;
  /** The file of `loopwatch run`; null outside of it. */
  readonly tally: string | null;
}

/** The program as its main thread knows it, for the threads of its log transports. */
export interface Home {
  readonly mainScript: string | null;
  /** The working directory of the start. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Where a claim's state is. See {@link import('../memory/memory.js').Claim}. */
export interface ClaimPlace {
  readonly slot: number;
  readonly number: number;
}

/** A report that what the program itself has for a sink may deliver: who delivers it claims it. */
export interface SinkClaim extends ClaimPlace {
  readonly sink: SinkName;
  /** pino's number. */
  readonly level: number;
  /** The beat before the turn: what the moment is remembered by. 0 where there is none. */
  readonly beat: number;
}

/** A thread that makes beats: who it is, and where it makes them. */
export interface WatchedThread {
  /** As node:worker_threads numbers it; 0 is the process's first. */
  readonly id: number;
  readonly name: string;
  readonly buffer: SharedArrayBuffer;
  /** Where in the buffer its memory begins. */
  readonly offset: number;
  /** The id that `/proc/self/task` knows it by, or null where there is no such id. */
  readonly taskId: number | null;
}

/** The `workerData` of the watchdog thread. */
export interface WatchdogData {
  readonly loopwatch: 'watchdog';
  readonly thread: WatchedThread;
  /** Where worker threads announce themselves. */
  readonly registry: SharedArrayBuffer;
  readonly setup: Setup;
  /** False while an earlier watchdog of this process is still stopping. */
  readonly adopts: boolean;
}

/** The key of what the main thread hands to every worker, by Node's environment data. */
export const ENVIRONMENT_KEY = 'loopwatch';

/** What it hands to them. */
export interface WorkerEnvironment {
  /** See registry.ts. */
  readonly registry: SharedArrayBuffer;
  readonly settings: Settings;
}

/** Main to watchdog. */
export type Order =
  | { readonly type: 'configure'; readonly setup: Setup }
  /** The program has a client of its own for a sink; one that is disabled sends nowhere. */
  | { readonly type: 'client'; readonly sink: SinkName; readonly target: unknown }
  | ({ readonly type: 'dead-client' } & FoundDeadClient)
  /** What it was asked for by `map-wanted`. */
  | FileMap
  /** Whether a CPU profile is being recorded. */
  | { readonly type: 'recording'; readonly recording: boolean }
  | Sliced
  | CaptureNews
  | ForStatus
  | { readonly type: 'stop' };

/** What main tells for the status server alone. */
export type ForStatus =
  /** Requests that were answered so far, all of them anew. */
  | { readonly type: 'requests'; readonly requests: readonly CountedRequests[] }
  /** Connections that something waits for now. */
  | { readonly type: 'clients'; readonly clients: readonly WaitedFor[] };

/** A client that was found dead, and what main has done about it. */
export interface FoundDeadClient {
  readonly client: DeadClient;
  /** Sinks that the program itself has brought it to. */
  readonly delivered: readonly SinkName[];
  /** What the program's Sentry SDK says now; null where there is none. */
  readonly sentry: SentryContext | null;
}

/** The source map that the main thread has of a file, as JSON in UTF-8; null where it has none. */
export interface FileMap {
  readonly type: 'map';
  readonly file: string;
  readonly map: Uint8Array<ArrayBuffer> | null;
}

/** What main was asked for by `slice-wanted`, or says unasked at an exit: the CPU profile of a turn. */
export interface Sliced {
  readonly type: 'sliced';
  readonly beat: number;
  /** Null when there is none. */
  readonly slice: ProfileSlice | null;
}

/** A question for the main thread. */
interface MapWanted {
  readonly type: 'map-wanted';
  readonly file: string;
}

/** A question for the main thread: the CPU profile of the turn after a beat. */
export interface SliceWanted extends Span {
  readonly type: 'slice-wanted';
  readonly beat: number;
  /** When it is too late for an answer. */
  readonly untilMs: number;
}

/** Watchdog to main. */
export type Verdict =
  | {
      readonly type: 'block';
      readonly record: BlockRecord;
      /** What its delivery says of `suppressed`. */
      readonly suppressed: number;
      readonly claims: readonly SinkClaim[];
    }
  /** A report that listeners need not be told of: another process's, or one that they have heard of. */
  | {
      readonly type: 'claim';
      readonly record: Reported;
      readonly code: Readonly<Code>;
      readonly claim: SinkClaim;
    }
  | MapWanted
  | SliceWanted
  | CaptureWanted
  | { readonly type: 'unconfirmed'; readonly event: Unconfirmed }
  | { readonly type: 'stopped' };

/** The `workerData` of the reporter thread. */
export interface ReporterData {
  readonly loopwatch: 'reporter';
  readonly setup: Setup;
  /** The sinks that the process has. */
  readonly sinks: readonly SinkName[];
  /** The memory of the main thread. */
  readonly memory: SharedArrayBuffer;
}

/** A report and the sinks that still want it. */
export interface Delivery {
  readonly record: Reported;
  readonly sinks: readonly SinkName[];
  /** pino's number for the log line. */
  readonly level: number;
  readonly parcels: Parcels;
}

/** What the watchdog found, whether or not it is reported. */
export type Finding =
  | { readonly type: 'block'; readonly record: BlockRecord }
  /** A turn that goes on, as far as it is known. It may yet turn out to be no block. */
  | { readonly type: 'turn'; readonly record: BlockRecord }
  | { readonly type: 'unconfirmed'; readonly event: Unconfirmed }
  | { readonly type: 'dead-client'; readonly client: DeadClient }
  | ForStatus;

/** Watchdog to reporter. */
export type ReporterOrder =
  /** Only while the status server is on. */
  | { readonly type: 'found'; readonly finding: Finding }
  | { readonly type: 'deliver'; readonly delivery: Delivery }
  | { readonly type: 'unconfirmed'; readonly event: Unconfirmed }
  /** For the program's own sinks: what its source maps make of it. */
  | { readonly type: 'symbolicate'; readonly record: BlockRecord }
  | FileMap
  | CaptureNews
  /** Only in warn mode: also of what is not delivered. */
  | { readonly type: 'warn'; readonly record: BlockRecord }
  | { readonly type: 'configure'; readonly setup: Setup; readonly sinks: readonly SinkName[] }
  /** The process ends, or the watch: nothing may stay in a buffer. */
  | { readonly type: 'finish' };

/** Reporter to watchdog: a sink is done with a report. */
export interface Acknowledgement {
  readonly type: 'acknowledged';
  /** False when the sink failed: the journal keeps the report for another process. */
  readonly taken: boolean;
  readonly id: string;
  readonly ended: boolean;
  readonly sink: SinkName;
}

/**
 * A capture that took longer than this to land waited for a native call, in ms. Twenty times the
 * usual time; a shorter native call is too short to matter in a block.
 */
export const LATE_MS = 10;

/** A `watch` under way. */
export interface Scope {
  readonly name: string;
  /** In ms. */
  readonly thresholdMs: number;
}

/** The function that Node called to begin the turn, known from what it was called for. */
export interface CallbackInfo {
  readonly name: string | null;
  /** The beginning of its source text. */
  readonly source: string;
  /** Where the text begins in its file, from 1. */
  readonly line: number;
  readonly column: number;
  /** Files that it may be in, likeliest first. */
  readonly files: readonly string[];
}

/** What a capture found, as the watched thread writes it into shared memory. */
export interface Capture {
  readonly id: number;
  /** When the function ran, in ms of the shared clock. */
  readonly ranAtMs: number;
  /** From post to run: what could not be interrupted in between. */
  readonly waitedMs: number;
  /** What it cost the watched thread, in ms. */
  readonly costMs: number;
  /** Null when it ran in another turn than the one it was posted for, or in the exit. */
  readonly frames: readonly RawFrame[] | null;
  /** True when the innermost frame had only just been entered. */
  readonly atEntry: boolean;
  readonly exiting: boolean;
  /** True when a debugger may have paused the thread: its inspector is open. */
  readonly inspected: boolean;
  readonly sentry: SentryContext | null;
  readonly debugIds: DebugIds | null;
  /** The innermost `watch` that the stack runs in. */
  readonly scope: Scope | null;
  /** Whose turn it is, where the stack shows only Node and the capture came late. */
  readonly callback: CallbackInfo | null;
  readonly request: RequestInfo | null;
  /** When it began, in ms of the shared clock; 0 without one. */
  readonly requestSinceMs: number;
  /** Requests in flight, the blamed one included; null when requests are not followed. */
  readonly inFlight: number | null;
}

/** Reporter to watchdog. */
export type ReporterAnswer =
  | Acknowledgement
  /** What is only shown is out. */
  | { readonly type: 'shown' }
  | MapWanted
  | CaptureWanted
  | Symbolicated;

/** A record with its frames in the source code, as far as they could be led there. */
export interface Symbolicated {
  readonly type: 'symbolicated';
  readonly record: BlockRecord;
  readonly code: Readonly<Code>;
}
