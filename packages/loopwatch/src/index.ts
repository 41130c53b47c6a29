/**
 * loopwatch tells which line of code, in which request, froze the event loop.
 *
 * @packageDocumentation
 */
import type { BlockListener } from './main/verdicts.js';
import type { Options } from './shared/option-schema.js';
import type { BlockRecord, UnconfirmedReason } from './shared/record.js';
import { watched } from './watched.js';

export type { BlockListener } from './main/verdicts.js';
export { LoopwatchError, type LoopwatchErrorCode } from './shared/errors.js';
export type { Options } from './shared/option-schema.js';
export type {
  BlockRecord,
  Cause,
  Culprit,
  FoldedStack,
  Frame,
  Invoker,
  Kind,
  Precision,
  RequestInfo,
  UnconfirmedReason,
} from './shared/record.js';

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
