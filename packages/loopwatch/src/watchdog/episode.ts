/** One suspected turn, from its first late moment to its end: the evidence as it comes in. */
import { hostname } from 'node:os';
import { wallTime } from '../shared/clock.js';
import { isInApp, plainFile } from '../shared/frames.js';
import type { Beat } from '../shared/memory.js';
import { type BlockRecord, type RequestInfo, SCHEMA } from '../shared/record.js';
import {
  causeOf,
  culpritOf,
  invokerOf,
  isStartup,
  isStillStarting,
  showsProgram,
} from './classify.js';
import type { Witness } from './confirm.js';
import { Fold, type Folded } from './fold.js';
import type { Sample } from './sample.js';
import { DEAREST_MS } from './schedule.js';
import { Looks } from './thread-state.js';

/** The time that goes with a verdict. */
export interface Span {
  readonly startMs: number;
  readonly durationMs: number;
  readonly ended: boolean;
}

const HOST = hostname();

/** The share of a turn before its first sample from which on that sample does not speak for it. */
const HARDLY_SEEN = 0.8;

/** Distinct stacks in a record, heaviest first: a log line has to stay one that a person can open. */
const MOST_PUBLISHED = 16;

/** Threads are numbered as node:worker_threads does; the process's first is 0. */
const MAIN_THREAD = { id: 0, name: 'main' } as const;

/**
 * A new id. Loading node:crypto takes 5 ms (measured), which only the first suspect should pay,
 * not every process that starts with the preload.
 */
function randomId(): string {
  return process.getBuiltinModule('node:crypto').randomBytes(16).toString('hex');
}

/** Collects samples and looks, and turns them into a record at any moment. */
export class Episode {
  /** Also the Sentry event id. */
  readonly id = randomId();
  readonly looks = new Looks();
  nextSampleMs = 0;
  /** What the samples have cost the watched thread. */
  spentMs = 0;
  /** Whether it is a hang. */
  hung = false;
  /** Whether it was reported while it lasted. */
  announced = false;
  readonly #after: Beat;
  readonly #fold = new Fold();
  #evidenceUntilMs: number;
  #firstSampleMs: number | null = null;
  #exitingSamples = 0;
  #inFlight: number | null = null;
  readonly #requests = new Map<string, { request: RequestInfo | null; weightMs: number }>();

  /** @param after the beat before the turn */
  constructor(after: Beat) {
    this.#after = after;
    this.#evidenceUntilMs = after.atMs;
  }

  /** The number of the beat before the turn: what the evidence must belong to. */
  get beat(): number {
    return this.#after.number;
  }

  get samples(): number {
    return this.#fold.count;
  }

  add({ capture, late }: Sample): void {
    const { frames, atEntry, ranAtMs, waitedMs, costMs, exiting, inFlight } = capture;
    if (frames === null) return;
    this.spentMs += Math.min(costMs, DEAREST_MS);
    if (exiting) this.#exitingSamples++;
    // The first sample is the only witness of the time before it.
    const weightMs = late ? waitedMs : ranAtMs - this.#evidenceUntilMs;
    this.#evidenceUntilMs = ranAtMs;
    this.#firstSampleMs ??= ranAtMs;
    this.#fold.add(frames, atEntry, weightMs, late);
    if (inFlight !== null) this.#inFlight = Math.max(inFlight, this.#inFlight ?? 0);
    // A late answer that meets none of the program's own code has landed in another callback.
    const code = late && atEntry ? frames.slice(1) : frames;
    const known = !late || code.some(([, file]) => isInApp(plainFile(file)));
    this.#addRequest(known ? capture.request : null, weightMs);
  }

  #addRequest(request: RequestInfo | null, weightMs: number): void {
    const key = request === null ? '' : `${request.method} ${request.path} ${request.startedAt}`;
    const known = this.#requests.get(key);
    this.#requests.set(key, { request, weightMs: weightMs + (known?.weightMs ?? 0) });
  }

  #request(): RequestInfo | null {
    const all = [...this.#requests.values()].sort((a, b) => b.weightMs - a.weightMs);
    return all[0]?.request ?? null;
  }

  witness(): Witness {
    return {
      samples: this.samples,
      exitingSamples: this.#exitingSamples,
      showsProgram: showsProgram(this.#fold.stacks()),
      thread: this.looks.witness(),
    };
  }

  /** Whether the turn was the loading of the main module. */
  isStartup(): boolean {
    const stacks = this.#fold.stacks();
    // Without a sample: the preload makes beat 1, and the main module runs in the turn after it.
    if (this.#after.number === 1 && this.#wasHardlySeen()) return true;
    return isStartup(stacks) || isStillStarting(stacks, this.#request(), this.#after.idleMs);
  }

  /**
   * Whether hardly any of the turn has been sampled: it began before the first sample, nobody saw
   * with what. In the first turn that was the main module.
   */
  #wasHardlySeen(): boolean {
    if (this.#firstSampleMs === null) return true;
    const wholeMs = this.#evidenceUntilMs - this.#after.atMs;
    return this.#firstSampleMs - this.#after.atMs >= wholeMs * HARDLY_SEEN;
  }

  /** The record as it stands. */
  record({ startMs, durationMs, ended }: Span, thresholdMs: number): BlockRecord {
    const stacks = this.#fold.stacks();
    const request = this.#request();
    return {
      schema: SCHEMA,
      id: this.id,
      kind: this.hung ? 'hang' : 'block',
      startedAt: wallTime(startMs),
      durationMs: Math.round(durationMs * 10) / 10,
      thresholdMs,
      ended,
      cause: causeOf(stacks, this.isStartup(), this.looks.witness()),
      thread: MAIN_THREAD,
      culprit: culpritOf(stacks),
      samples: { count: this.samples, stacks: stacks.slice(0, MOST_PUBLISHED).map(publicStack) },
      invoker: invokerOf(stacks),
      request,
      delayed:
        this.#inFlight === null
          ? null
          : { requests: Math.max(0, this.#inFlight - (request === null ? 0 : 1)) },
      trace: null,
      gc: null,
      cpu: this.looks.cpu(),
      process: {
        pid: process.pid,
        node: process.version,
        host: HOST,
        uptimeMs: Math.round(process.uptime() * 1000),
      },
      previousProcess: false,
      suppressed: 0,
    };
  }
}

/** Without the frame that was only just being entered: it was called next. */
function publicStack({ count, frames, atEntry }: Folded): {
  count: number;
  frames: Folded['frames'];
} {
  return { count, frames: atEntry ? frames.slice(1) : frames };
}
