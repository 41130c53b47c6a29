/** The watch that the gate measures by: one of it a process, and what it has found. */
import { subscribe } from 'node:diagnostics_channel';
import { isMainThread } from 'node:worker_threads';
import { onBlock, start } from '../../index.js';
import { gatePort } from '../../main/api.js';
import { monotonicMs } from '../../shared/clock.js';
import type { BlockRecord, Unconfirmed } from '../../shared/record/record.js';
import type { Finding } from './judge.js';
import { proveAlive } from './self-test.js';
import { BEAT_MS, type GateSettings } from './settings.js';

/** A hang is told of when it ends, like any block; only it must be longer than the threshold, in ms. */
const HANG_MS = 5000;

export const NO_WATCHDOG = 'the watchdog is not running';
const IN_WORKER = "they run in a worker thread; use processes (Vitest: pool: 'forks')";

export class Watch {
  #findings: Finding[] = [];
  #proof: Promise<string | null> | undefined;

  get findings(): readonly Finding[] {
    return this.#findings;
  }

  /** What was found so far is of no interest to the tests that follow. */
  forget(): void {
    this.#findings = [];
  }

  /**
   * Starts the watch, once, and proves by a block of its own that it sees one.
   *
   * @returns what is wrong, or null
   */
  begin(settings: GateSettings): Promise<string | null> {
    this.#proof ??= this.#start(settings);
    return this.#proof;
  }

  async #start({ thresholdMs, followsRequests }: GateSettings): Promise<string | null> {
    if (!isMainThread) return IN_WORKER;
    start({
      ...{ beatMs: BEAT_MS, thresholdMs, adaptive: false, cumulative: false },
      ...{ hangMs: Math.max(HANG_MS, 2 * thresholdMs), onHang: 'report' },
      ...{ log: 'off', sentry: 'off' },
      ...(followsRequests ? {} : { context: 'off', serverTiming: false }),
    });
    onBlock((record) => this.#takeBlock(record));
    subscribe('loopwatch:unconfirmed', (event) => this.#takeUnconfirmed(event as Unconfirmed));
    const own = gatePort();
    return own === null ? NO_WATCHDOG : proveAlive(own, () => this.#findings);
  }

  #takeBlock(record: BlockRecord): void {
    // A hang is told of again when it ends; another thread's loop is not the tests'.
    if (!record.ended || record.thread.id !== 0) return;
    const startMs = monotonicMs(record.startedAt);
    const endMs = startMs + record.durationMs;
    this.#findings.push({ kind: 'block', startMs, endMs, scope: record.scope, record });
  }

  #takeUnconfirmed({ reason, startedAt, durationMs, thread }: Unconfirmed): void {
    if (thread.id !== 0) return;
    const startMs = monotonicMs(startedAt);
    const endMs = startMs + durationMs;
    this.#findings.push({ kind: 'unconfirmed', startMs, endMs, scope: null, reason });
  }
}
