/** What the test gate is told by the environment. */
import { resolve } from 'node:path';
import { refuse, TEST_LIMIT } from '../../shared/options/options.js';

export interface GateSettings {
  /** A turn of the loop in a test longer than this fails it, in ms; 0 turns the gate off. */
  readonly thresholdMs: number;
  /** Where a line of JSON for each test goes; null: nowhere. */
  readonly report: string | null;
  /** The file of known blocks; null without one. */
  readonly baseline: string | null;
  /**
   * Whether requests are followed, which adds hooks to web frameworks: their own tests may count them. Only
   * where the environment asks for it.
   */
  readonly followsRequests: boolean;
}

const DEFAULT_MS = 50;

/** How often the watched thread makes a beat, in ms, and the shortest block that is seen: two beats. */
export const BEAT_MS = 20;
export const LEAST_MS = 2 * BEAT_MS;

/** What a program sets that wants something of its requests. */
const FOLLOWING = ['LOOPWATCH_CONTEXT', 'LOOPWATCH_SERVER_TIMING', 'LOOPWATCH_MODE'];

/**
 * A limit that can be kept.
 *
 * @throws LoopwatchError `LOOPWATCH_E_OPTION`
 */
export function limitFrom(name: string, value: unknown): number {
  if (typeof value === 'number' && value >= LEAST_MS && value <= 3_600_000) return value;
  return refuse(name, `a number of ms from ${LEAST_MS} to 3600000`, value);
}

function pathFrom(text: string | undefined): string | null {
  return text ? resolve(text) : null;
}

/** @throws LoopwatchError `LOOPWATCH_E_OPTION` */
export function gateSettings(
  environment: Readonly<Record<string, string | undefined>>,
): GateSettings {
  const text = environment[TEST_LIMIT]?.trim() ?? '';
  const thresholdMs = text === '' ? DEFAULT_MS : Number(text);
  return {
    thresholdMs:
      thresholdMs === 0 ? 0 : limitFrom(TEST_LIMIT, Number.isNaN(thresholdMs) ? text : thresholdMs),
    // Now, since a test may change its directory.
    report: pathFrom(environment.LOOPWATCH_TEST_REPORT),
    baseline: pathFrom(environment.LOOPWATCH_TEST_BASELINE),
    followsRequests: FOLLOWING.some((one) => Boolean(environment[one])),
  };
}
