/** The threshold in force for one thread. */

import { nowMs } from '../../shared/clock.js';
import { Clock, type Memory } from '../../shared/memory/memory.js';
import type { Scope } from '../../shared/messages/messages.js';
import type { Settings } from '../../shared/options/option-schema.js';
import { AdaptiveThreshold } from './adaptive.js';

/** What it needs of the watchdog. */
export interface ThresholdPorts {
  /** Those in force. */
  readonly settings: Pick<Settings, 'adaptive' | 'thresholdMs' | 'hangMs'>;
}

/** Knows it at any time. */
export class Threshold {
  readonly #ports: ThresholdPorts;
  readonly #memory: Memory;
  readonly #adaptive = new AdaptiveThreshold();

  constructor(ports: ThresholdPorts, memory: Memory) {
    this.#ports = ports;
    this.#memory = memory;
  }

  reset(): void {
    this.#adaptive.reset();
  }

  /** Takes a usual delay of the loop into account. */
  learn(delayMs: number): void {
    const { adaptive } = this.#ports.settings;
    if (adaptive !== false) this.#adaptive.add([delayMs], adaptive);
  }

  /** Outside of every `watch`. */
  usualMs(now: number): number {
    const { adaptive, thresholdMs, hangMs } = this.#ports.settings;
    if (adaptive === false) return thresholdMs;
    return this.#adaptive.at(now, adaptive, { leastMs: thresholdMs, mostMs: hangMs });
  }

  /** The silence from which on a turn is a suspect. */
  suspicionMs(now: number): number {
    const scopedMs = this.#memory.clocks[Clock.scopedThresholdMs] as number;
    const usualMs = this.usualMs(now);
    return scopedMs > 0 ? Math.min(scopedMs, usualMs) : usualMs;
  }

  /** What a turn is judged by: the threshold of the `watch` it was in, or the usual one. */
  of(scope: Scope | null): number {
    return scope?.thresholdMs ?? this.usualMs(nowMs());
  }
}
