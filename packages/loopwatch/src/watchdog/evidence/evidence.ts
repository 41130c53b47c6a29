/** What is known of some blocked time, as it comes in: samples, readings of the thread's state, what they say. */

import type { CallbackInfo, Capture, Scope } from '../../shared/messages/messages.js';
import { isOfItsCallback, type RawFrame } from '../../shared/record/frames.js';
import type { RequestInfo } from '../../shared/record/record.js';
import type { DebugIds, SentryContext } from '../../shared/sentry/sentry.js';
import { Fold, type Folded } from './fold.js';
import { ThreadReadings } from './kernel/thread-state.js';
import { fileOf } from './locate.js';
import { showsProgram } from './owner.js';
import type { Sample } from './sampling/sample.js';
import type { Witness } from './witness.js';

/** Distinct requests and scopes kept; a turn that goes through more has no one to blame anyway. */
const MOST_KEPT = 64;

/** The frame that stands for the callback of a turn whose stack was gone. */
function frameOfCallback(callback: CallbackInfo): RawFrame {
  const { name, source, line, column } = callback;
  const file = fileOf(callback);
  const shown = name ?? firstLine(source);
  return file === null ? [shown, null, null, null, 0] : [name, file, line, column, 0, line];
}

const SHOWN_LENGTH = 60;

function firstLine(source: string): string {
  const [line = ''] = source.split('\n', 1);
  return line.length <= SHOWN_LENGTH ? line : `${line.slice(0, SHOWN_LENGTH)}…`;
}

/** Values by key, each with the time that speaks for it. */
class Weighed<T> {
  readonly #entries = new Map<string, { readonly value: T; weightMs: number }>();

  add(key: string, value: T, weightMs: number): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined) entry.weightMs += weightMs;
    else if (this.#entries.size < MOST_KEPT) this.#entries.set(key, { value, weightMs });
  }

  /** The value that most time speaks for. */
  heaviest(): T | undefined {
    return [...this.#entries.values()].sort((a, b) => b.weightMs - a.weightMs)[0]?.value;
  }
}

/**
 * How much of a turn was seen, past its first `thresholdMs`: all that matters; its end, and that was a
 * block by itself, or goes on; or so little that what was met may not be what blocked.
 */
export type Seen = 'whole' | 'end' | 'hardly';

/** Collects evidence in bounded memory. */
export class Evidence {
  readings = new ThreadReadings();
  readonly #fold = new Fold();
  readonly #requests = new Weighed<RequestInfo | null>();
  readonly #scopes = new Weighed<Scope | null>();
  /** What the program's Sentry SDK said of itself. */
  sentry: SentryContext | null = null;
  #debugIds: DebugIds | null = null;
  #exitingSamples = 0;
  #inFlight: number | null = null;
  #lastInFlight = 0;
  #caughtUp = 0;

  get samples(): number {
    return this.#fold.count;
  }

  /** Of the files in its stacks. */
  get debugIds(): DebugIds | null {
    return this.#debugIds;
  }

  /** @param weightMs the time that the sample answers for */
  add({ capture, late }: Sample, weightMs: number): void {
    const { exiting, inFlight, scope } = capture;
    if (capture.frames === null) return;
    if (exiting) this.#exitingSamples++;
    this.sentry ??= capture.sentry;
    if (capture.debugIds !== null) this.#debugIds = { ...this.#debugIds, ...capture.debugIds };
    this.#addStack(capture, capture.frames, weightMs, late);
    if (inFlight !== null) {
      this.#inFlight = Math.max(inFlight, this.#inFlight ?? 0);
      this.#lastInFlight = inFlight;
    }
    this.#addRequest(capture, weightMs, late);
    this.#scopes.add(JSON.stringify(scope), scope, weightMs);
  }

  /** A request speaks for the time since it began; nobody for what of the turn was before. */
  #addRequest(capture: Capture, weightMs: number, late: boolean): void {
    const { request, requestSinceMs, ranAtMs, frames, atEntry } = capture;
    if (request === null || (late && !isOfItsCallback(frames ?? [], atEntry))) {
      this.#requests.add('', null, weightMs);
      return;
    }
    const ownMs = Math.min(weightMs, ranAtMs - requestSinceMs);
    this.#requests.add(request.id ?? request.startedAt, request, ownMs);
    this.#requests.add('', null, weightMs - ownMs);
  }

  /** What was seen of the thread so far says nothing about what it does. */
  forgetReadings(): void {
    this.readings = new ThreadReadings();
  }

  #addStack(
    { atEntry, callback }: Capture,
    frames: readonly RawFrame[],
    weightMs: number,
    late: boolean,
  ): void {
    if (callback === null) this.#fold.add(frames, atEntry, weightMs, late);
    else this.#fold.add([frameOfCallback(callback), ...frames], false, weightMs, late);
  }

  /** The distinct stacks, heaviest first, of what may be blamed: none of what was hardly seen. */
  stacks(seen: Seen = 'whole'): Folded[] {
    if (seen === 'hardly') return [];
    return seen === 'whole' ? this.#fold.stacks() : this.#fold.stacksAfterFirst();
  }

  request(): RequestInfo | null {
    return this.#requests.heaviest() ?? null;
  }

  /** The `watch` that most of the time was spent in. */
  scope(): Scope | null {
    return this.#scopes.heaviest() ?? null;
  }

  /** Says how many requests were read after the last sample, until the loop had caught up. */
  addCaughtUp(count: number): void {
    this.#caughtUp = count;
  }

  /** How many requests waited; null when requests are not followed. */
  delayed(): { readonly requests: number } | null {
    if (this.#inFlight === null) return null;
    const blamed = this.request() === null ? 0 : 1;
    const waiting = Math.max(this.#inFlight, this.#lastInFlight + this.#caughtUp);
    return { requests: Math.max(0, waiting - blamed) };
  }

  witness(): Omit<Witness, 'debugged' | 'contended' | 'scheduling' | 'onWorker'> {
    const stacks = this.stacks();
    return {
      samples: this.samples,
      exitingSamples: this.#exitingSamples,
      showsProgram: showsProgram(stacks),
      thread: this.readings.witness(),
    };
  }
}
