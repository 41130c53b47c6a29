/** Reports that wait for the part of a CPU profile that is theirs: the recorder is in main. */
import type { Sliced, SliceWanted } from '../../shared/messages/messages.js';
import type { ProfileSlice } from '../../shared/record/profiler.js';
import { refinedByProfile } from './profile-refinement.js';
import type { Report } from './report.js';

/** How long a report waits, in ms: main needs 2 to 15 once its loop turns, and it may be blocked again. */
const WAIT_MS = 200;

/** Answers that came unasked, at an exit, and whose reports are still to come. */
const MOST_EARLY = 16;

interface Held {
  readonly report: Report;
  readonly untilMs: number;
}

/** What becomes of them. */
interface HeldReportsPorts {
  /** A report is as complete as it gets. */
  ready(report: Report): void;
  ask(question: SliceWanted): void;
  /** Called when {@link HeldReports.size} has changed. */
  changed(): void;
}

export class HeldReports {
  readonly #ports: HeldReportsPorts;
  /** By the beat before their turn. */
  readonly #held = new Map<number, Held>();
  readonly #early = new Map<number, ProfileSlice | null>();
  /** Whether the recorder records. */
  recording = false;

  constructor(ports: HeldReportsPorts) {
    this.#ports = ports;
  }

  /** Reports that wait. */
  get size(): number {
    return this.#held.size;
  }

  /** Passes a report on, as soon as its slice is there or can't be expected any more. */
  take(report: Report, nowMs: number): void {
    const { beat, span, record } = report;
    if (!this.recording || beat === null || span === null || !record.ended) {
      this.#ports.ready(report);
      return;
    }
    const early = this.#early.get(beat);
    if (early !== undefined) {
      this.#early.delete(beat);
      this.#pass(report, early);
      return;
    }
    const untilMs = nowMs + WAIT_MS;
    this.#held.set(beat, { report, untilMs });
    this.#ports.ask({ type: 'slice-wanted', beat, ...span, untilMs });
    this.#ports.changed();
  }

  /** Main has the slice of a turn, or none. */
  answer({ beat, slice }: Sliced): void {
    const held = this.#held.get(beat);
    if (held === undefined) {
      this.#early.set(beat, slice);
      const [oldest] = this.#early.keys();
      if (this.#early.size > MOST_EARLY && oldest !== undefined) this.#early.delete(oldest);
      return;
    }
    this.#held.delete(beat);
    this.#pass(held.report, slice);
    this.#ports.changed();
  }

  /** Lets those go that have waited long enough. */
  tend(nowMs: number): void {
    for (const [beat, { report, untilMs }] of [...this.#held]) {
      if (nowMs < untilMs) continue;
      this.#held.delete(beat);
      this.#ports.ready(report);
    }
  }

  #pass(report: Report, slice: ProfileSlice | null): void {
    const { record } = report;
    this.#ports.ready(
      slice === null ? report : { ...report, record: refinedByProfile(record, slice) },
    );
  }
}
