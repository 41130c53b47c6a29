/** What the threads of loopwatch tell each other, and what they are started with. */
import type { RawFrame } from './frames.js';
import type { Settings } from './option-schema.js';
import type { BlockRecord, RequestInfo, UnconfirmedReason } from './record.js';

/** Where Sentry events go and what they are tagged with, from the environment. */
export interface SentryTarget {
  readonly dsn: string;
  readonly release: string | null;
  readonly environment: string;
}

/** Options that only the watchdog and the reporter need, with what they can't read themselves. */
export interface Setup {
  readonly settings: Settings;
  readonly sentry: SentryTarget | null;
}

/** The `workerData` of the watchdog thread. */
export interface WatchdogData {
  readonly loopwatch: 'watchdog';
  readonly buffer: SharedArrayBuffer;
  readonly setup: Setup;
  /** The id that `/proc/self/task` knows the watched thread by, or null where there is no such id. */
  readonly threadId: number | null;
}

/** Main to watchdog. */
export type Order =
  | { readonly type: 'configure'; readonly setup: Setup }
  | { readonly type: 'stop' };

/** Watchdog to main. */
export type Verdict =
  | { readonly type: 'block'; readonly record: BlockRecord }
  | {
      readonly type: 'unconfirmed';
      readonly reason: UnconfirmedReason;
      readonly durationMs: number;
    }
  | { readonly type: 'stopped' };

/** The places that a report is delivered to. */
export type SinkName = 'log' | 'sentry';

/** The `workerData` of the reporter thread. */
export interface ReporterData {
  readonly loopwatch: 'reporter';
  readonly setup: Setup;
}

/** A report and the sinks that still want it. */
export interface Delivery {
  readonly record: BlockRecord;
  readonly sinks: readonly SinkName[];
  /** pino's number for the log line. */
  readonly level: number;
}

/** Watchdog to reporter. */
export type ReporterOrder =
  | { readonly type: 'deliver'; readonly delivery: Delivery }
  | {
      readonly type: 'unconfirmed';
      readonly reason: UnconfirmedReason;
      readonly durationMs: number;
    }
  | { readonly type: 'configure'; readonly setup: Setup };

/** Reporter to watchdog: a sink has taken a report for good, or will never take it. */
export interface Acknowledgement {
  readonly type: 'acknowledged';
  readonly id: string;
  readonly ended: boolean;
  readonly sink: SinkName;
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
  readonly request: RequestInfo | null;
  /** Requests in flight, the blamed one included; null when requests are not followed. */
  readonly inFlight: number | null;
}
