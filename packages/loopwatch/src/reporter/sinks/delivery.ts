/** Hands reports to a sink: in order and again, by its own rules, until they are taken. */
import { messageOf } from '../../shared/errors.js';
import type { Unconfirmed } from '../../shared/record/record.js';
import type { SinkName } from '../../shared/sinks/rules.js';
import type { RetryRules, Sink, SinkReport } from './sink.js';

/** Delivers to one sink. What can't be delivered yet waits; the watchdog bounds how much that is. */
export class SinkDelivery {
  readonly #sink: Sink;
  readonly #name: SinkName;
  readonly #complain: (text: string) => void;
  /** The last report of each lane that is under way. */
  readonly #last = new Map<string, Promise<boolean>>();

  /** @param complain says one line to the person who runs the program */
  constructor(name: SinkName, sink: Sink, complain: (text: string) => void) {
    this.#name = name;
    this.#sink = sink;
    this.#complain = complain;
  }

  /** Resolves to whether the report was taken, or is not to be: false leaves it to another process. */
  async deliver(report: SinkReport, parcel: unknown): Promise<boolean> {
    try {
      return !this.#sink.accepts(report, parcel) || (await this.#hand(report, parcel));
    } catch (error) {
      this.#failed(error);
      return false;
    }
  }

  flush(): void {
    this.#guard(() => this.#sink.flush?.());
  }

  unconfirmed(event: Unconfirmed): void {
    this.#guard(() => this.#sink.unconfirmed?.(event));
  }

  note(level: number, text: string): void {
    this.#guard(() => this.#sink.note?.(level, text));
  }

  #guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** What a sink throws must not end the thread of the others. */
  #failed(error: unknown): void {
    this.#complain(`the sink ${this.#name} failed: ${messageOf(error)}`);
  }

  async #hand(report: SinkReport, parcel: unknown): Promise<boolean> {
    const { retry } = this.#sink;
    if (retry === null) return this.#once(report, parcel);
    const lane = retry.laneOf(parcel);
    const own = this.#untilDone(report, parcel, retry, this.#last.get(lane));
    this.#last.set(lane, own);
    try {
      return await own;
    } finally {
      if (this.#last.get(lane) === own) this.#last.delete(lane);
    }
  }

  async #once(report: SinkReport, parcel: unknown): Promise<boolean> {
    const { kind } = await this.#sink.deliver(report, parcel);
    if (kind === 'retry') throw new Error('it asks for a retry and has no rules for one');
    return kind === 'taken';
  }

  /** @param before the report before it in its lane */
  async #untilDone(
    report: SinkReport,
    parcel: unknown,
    { firstMs, longestMs }: RetryRules,
    before: Promise<boolean> | undefined,
  ): Promise<boolean> {
    await Promise.allSettled([before]);
    for (let failures = 0; ; failures++) {
      const outcome = await this.#sink.deliver(report, parcel);
      if (outcome.kind !== 'retry') return outcome.kind === 'taken';
      const backoffMs = Math.min(firstMs * 2 ** failures, longestMs);
      await new Promise((resolve) => setTimeout(resolve, outcome.waitMs ?? backoffMs));
    }
  }
}
