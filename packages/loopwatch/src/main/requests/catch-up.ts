/**
 * The requests that came while the loop was blocked. Nobody knows of them then; they are those that are
 * read afterwards, until the loop has to wait for events again.
 */
import { performance } from 'node:perf_hooks';
import type { Memory } from '../../shared/memory/memory.js';
import { setCaughtUp } from '../../shared/memory/turns.js';

const utilization = performance.eventLoopUtilization.bind(performance);

/**
 * When the loop waits for this long, all that had come has been read, in ms. A loop that accepts one
 * connection after the other waits for a moment each time.
 */
const CAUGHT_UP_MS = 2;

/** A loop that never waits is not watched for longer. The watchdog's SETTLING_MS is longer than that. */
const MOST_BEATS = 5;

/** Counts them, after each block. */
export class CatchUp {
  readonly #memory: Memory;
  #isOn = false;
  #beat = 0;
  #count = 0;
  #beats = 0;
  /** How long the loop had waited for events when it was last seen busy with this. */
  #idleMs = 0;
  /** Connections that have got an answer meanwhile: what they ask now, they ask afterwards. */
  #answered = new WeakSet<object>();

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** The turn after a beat is blocked; what is read from now on had to wait. */
  begin(beat: number): void {
    this.#isOn = true;
    this.#beat = beat;
    this.#count = 0;
    this.#beats = 0;
    this.#idleMs = utilization().idle;
    this.#answered = new WeakSet();
    this.#publish();
  }

  /** @param connection null where it carries several requests at once */
  started(connection: object | null): void {
    if (!this.#isOn || this.#endsNow()) return;
    if (connection !== null && this.#answered.has(connection)) return;
    this.#count++;
    this.#publish();
  }

  answered(connection: object): void {
    if (this.#isOn) this.#answered.add(connection);
  }

  /** A beat was made. */
  turned(): void {
    if (!this.#isOn) return;
    this.#beats++;
    // The first one ends the turn that was blocked.
    if (this.#beats > 1) this.#endsNow();
  }

  #endsNow(): boolean {
    const { idle } = utilization();
    const hasWaited = idle - this.#idleMs > CAUGHT_UP_MS;
    this.#idleMs = idle;
    if (!hasWaited && this.#beats <= MOST_BEATS) return false;
    this.#isOn = false;
    this.#publish();
    return true;
  }

  #publish(): void {
    setCaughtUp(this.#memory, { beat: this.#beat, count: this.#count, isOver: !this.#isOn });
  }
}
