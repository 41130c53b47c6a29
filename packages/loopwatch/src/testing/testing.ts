/**
 * What tests may say to the gate, whatever runs them; the runners' own entries export the same. It
 * starts nothing by itself.
 */
import { notice } from '../shared/notice.js';
import { refuse } from '../shared/options/options.js';
import { Gate } from './gate.js';
import { BlockedError, serverBlockedText } from './report/blocked-error.js';
import { type AnyResponse, PENDING_REASON, serverLoop } from './server/server-timing.js';
import { gateSettings, limitFrom } from './verdict/settings.js';

export { BlockedError } from './report/blocked-error.js';
export { baselineOf, type Checked, type CheckOptions, check } from './report/check.js';
export { junitOf } from './report/junit.js';
export type { AnyResponse } from './server/server-timing.js';

/** Copies of this module, a bundler's for one, share the process's gate. */
const KEY = Symbol.for('loopwatch.gate');

type Global = { [KEY]?: Gate };

/**
 * The gate of this process. For the runners' adapters.
 *
 * @internal
 * @throws LoopwatchError `LOOPWATCH_E_OPTION` for a bad value in the environment
 */
export function gate(): Gate {
  const existing = (globalThis as Global)[KEY];
  if (existing !== undefined) return existing;
  const value = new Gate(gateSettings(process.env));
  Object.defineProperty(globalThis, KEY, { value, configurable: true });
  return value;
}

/** Windows inside a test. Outside of tests they only run the function. */
export const measure = {
  /**
   * From the first call on, only the time in such functions counts in this test. An async function
   * lasts until its promise settles.
   *
   * @returns what the function returns
   */
  only: <T>(fn: () => T): T => gate().only(fn),
  /**
   * The time in this function does not count in this test: a block that reaches out of it on either
   * side is measured without it.
   *
   * @returns what the function returns
   */
  pause: <T>(fn: () => T): T => gate().pause(fn),
};

/**
 * Lets the test that calls it block; called in the body of a suite or file, all tests of that.
 *
 * @param suite Mocha does not say whose body is running: there, the `this` of `describe`
 */
export function allowBlocking(reason: string, suite?: object): void {
  gate().agree({ allowed: String(reason) }, suite);
}

/**
 * Sets the limit of the test that calls it; called in the body of a suite or file, of all tests of that.
 *
 * @param suite Mocha does not say whose body is running: there, the `this` of `describe`
 * @throws LoopwatchError `LOOPWATCH_E_OPTION` for less than 40 ms
 */
export function noBlocking(limit: { readonly thresholdMs: number }, suite?: object): void {
  gate().agree({ limitMs: limitFrom('thresholdMs of noBlocking', limit.thresholdMs) }, suite);
}

/** What `assertNotBlocked` found. */
export interface ServerVerdict {
  readonly verdict: 'clean' | 'unmeasured';
  /** Why it is unmeasured, or null. */
  readonly reason: string | null;
  /** How long the request has blocked its server's loop, in ms; null where that is not known. */
  readonly blockedMs: number | null;
}

/**
 * Checks by the `Server-Timing` of an answer that its request did not block the server's loop. Takes
 * the answers of fetch, undici, supertest, axios, node:http and Playwright's request.
 *
 * @param options `thresholdMs` default: LOOPWATCH_TEST_THRESHOLD_MS, or 50; that variable as 0 turns
 *   the check off
 * @returns `unmeasured`, and says so once on stderr, where the server is not watched; also where its loop was
 *   late and it was too early to say why
 * @throws BlockedError when it was blocked for longer; LoopwatchError `LOOPWATCH_E_OPTION`
 */
export function assertNotBlocked(
  response: AnyResponse,
  options: { readonly thresholdMs?: number } = {},
): ServerVerdict {
  if (typeof response !== 'object' || response === null) {
    refuse('the response of assertNotBlocked', 'an object', response);
  }
  const { thresholdMs: usualMs } = gateSettings(process.env);
  const unmeasured = (reason: string) =>
    ({ verdict: 'unmeasured', reason, blockedMs: null }) as const;
  if (usualMs === 0) return unmeasured('LOOPWATCH_TEST_THRESHOLD_MS is 0');
  const limitMs =
    options.thresholdMs === undefined
      ? usualMs
      : limitFrom('thresholdMs of assertNotBlocked', options.thresholdMs);
  const loop = serverLoop(response);
  const blockedMs = loop?.blockedMs ?? null;
  if (loop === null || blockedMs === null) {
    const reason = 'the answer has no Server-Timing of loopwatch: its server is not watched';
    notice(`assertNotBlocked is skipped: ${reason}`);
    return unmeasured(reason);
  }
  if (blockedMs <= limitMs) {
    return loop.isPending
      ? unmeasured(PENDING_REASON)
      : { verdict: 'clean', reason: null, blockedMs };
  }
  const text = serverBlockedText('the request', blockedMs, limitMs);
  throw new BlockedError(`loopwatch: ${text}`, null);
}
