/**
 * loopwatch tells which line of code, in which request, froze the event loop.
 *
 * @packageDocumentation
 */
import type { WatchOptions } from './main/api.js';
import type { BlockListener } from './main/verdicts.js';
import type { Options } from './shared/options/option-schema.js';
import type { BlockRecord, UnconfirmedReason } from './shared/record/record.js';
import { watched } from './watched.js';

export type { WatchOptions } from './main/api.js';
export type { BlockListener } from './main/verdicts.js';
export { LoopwatchError, type LoopwatchErrorCode } from './shared/errors.js';
export type {
  LogFields,
  LogLevel,
  LogTarget,
  LogTransport,
  ProgramLogger,
} from './shared/options/log-options.js';
export type {
  AdaptiveSettings,
  CumulativeSettings,
  Options,
} from './shared/options/option-schema.js';
export type {
  BlockRecord,
  Cause,
  Culprit,
  FoldedStack,
  Frame,
  Invoker,
  Kind,
  Precision,
  Pressure,
  RequestInfo,
  ThreadInfo,
  Unconfirmed,
  UnconfirmedReason,
} from './shared/record/record.js';

/**
 * Starts watching this process, or changes the options of the watch that is already on (also when
 * the preload or another copy of loopwatch started it). Options given here win over the
 * environment; options not given keep what an earlier call chose.
 *
 * @throws LoopwatchError `LOOPWATCH_E_OPTION` for a bad value, with nothing changed;
 *   `LOOPWATCH_E_DENIED` when the permission model forbids worker threads or the inspector;
 *   `LOOPWATCH_E_VERSION` when an incompatible copy of loopwatch watches already
 */
export function start(options: Options = {}): void {
  watched().start(options);
}

/**
 * Stops watching. What is reported already is delivered first, for at most `exitFlushMs`; what
 * remains stays in the journal. Safe to call twice, or without a start.
 *
 * @throws LoopwatchError `LOOPWATCH_E_VERSION` (rejects)
 */
export async function stop(): Promise<void> {
  await watched().stop();
}

/**
 * Runs a function that may block the loop: late beats while it runs, or until its promise settles,
 * are no blocks, whoever makes them. They are counted as `paused`. Pauses may be nested.
 *
 * @returns what the function returns; a promise that settles as the function's does
 * @throws LoopwatchError `LOOPWATCH_E_OPTION` when it is no function; `LOOPWATCH_E_VERSION`; and
 *   whatever the function throws
 */
export function pause<T>(fn: () => T): T {
  return watched().pause(fn);
}

/**
 * Runs a function with a threshold of its own: stricter for a handler, looser for a job. It holds in
 * the function and, when it is async, in what it awaits; what else runs meanwhile keeps the usual
 * threshold. Of nested ones, the innermost counts. Reports name it in `scope`.
 *
 * The first one under way switches AsyncLocalStorage on until none is, which before Node 24 makes
 * promises dearer.
 *
 * @returns what the function returns; a promise that settles as the function's does
 * @throws LoopwatchError `LOOPWATCH_E_OPTION` for a bad threshold or name, before anything runs;
 *   `LOOPWATCH_E_VERSION`; and whatever the function throws
 */
export function watch<T>(fn: () => T, options: WatchOptions): T {
  return watched().watch(fn, options);
}

/**
 * Calls the listener with each confirmed block when it has ended, and with each hang twice: while
 * it lasts, as soon as the loop turns again, and never for a late beat that was no block.
 *
 * @returns a function that removes the listener
 * @throws LoopwatchError `LOOPWATCH_E_VERSION`
 */
export function onBlock(listener: BlockListener): () => void {
  return watched().onBlock(listener);
}

/**
 * The latest 100 records of this process, oldest first.
 *
 * @throws LoopwatchError `LOOPWATCH_E_VERSION`
 */
export function blocks(): BlockRecord[] {
  return watched().blocks();
}

/**
 * How many late beats of this process were not blocks, by reason.
 *
 * @throws LoopwatchError `LOOPWATCH_E_VERSION`
 */
export function unconfirmed(): Partial<Record<UnconfirmedReason, number>> {
  return watched().unconfirmed();
}
