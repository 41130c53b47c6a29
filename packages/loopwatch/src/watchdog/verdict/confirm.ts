/** Confirmation, as a pure function: whether a long turn was a block, and if not, why. */
import type { UnconfirmedReason } from '../../shared/record/record.js';
import type { Turn } from '../detect/detect.js';
import type { Witness } from '../evidence/witness.js';

export type Judgement =
  | { readonly verdict: 'block'; readonly durationMs: number }
  | {
      readonly verdict: 'unconfirmed';
      readonly reason: UnconfirmedReason;
      readonly durationMs: number;
    }
  /** Long in beats, but not once the time is taken off in which the loop waited for events. */
  | { readonly verdict: 'none' };

/**
 * A runnable thread that got less than this share of a CPU was waiting for one. Two busy threads
 * on one core get a half each; a quarter says that others had most of it.
 */
const STARVED_SHARE = 0.25;

/**
 * The same on a machine short of CPUs, where any moment may be the one that is sampled, and for a turn
 * in which no sample shows any of the program: nothing else speaks for a block there, and what blocks without JavaScript (garbage collection, compiling) uses the CPU it gets.
 */
const STARVED_SHARE_UNSEEN = 0.5;

/** /proc counts CPU time in ticks of 10 ms: five of them make a share that means something. */
const STARVED_OBSERVED_MS = 50;

/** How far two readings of such a counter can be off together, in ms. */
const TICK_ERROR_MS = 20;

/**
 * Whether the thread wanted to run and could not. Not when it had a threshold's worth of CPU all the
 * same: then it would have been late on a machine of its own, too. Where none of the program was on
 * the stack, it is enough that it wanted to run most of the time.
 */
function isStarved(
  { thread, showsProgram, contended }: Pick<Witness, 'thread' | 'showsProgram' | 'contended'>,
  thresholdMs: number,
): boolean {
  if (thread === null || thread.observedMs < STARVED_OBSERVED_MS) return false;
  const share = showsProgram && !contended ? STARVED_SHARE : STARVED_SHARE_UNSEEN;
  if (thread.cpuMs >= Math.min(thresholdMs, thread.observedMs * share)) return false;
  const { runnable, readings } = thread;
  if (showsProgram) return runnable === readings;
  // Also asleep, when nobody gets a CPU: in locks that those who hold them can't give back.
  return contended || runnable * 2 >= readings;
}

/**
 * Whether a busy machine has to be taken for the cause. What is left of a turn without the time in which
 * its thread waited for a CPU was spent in the turn; where the scheduler does not say how long that was,
 * one sample of a thread that runs now and then shows little when most of the turn was not looked at.
 */
function isKept(
  turn: Turn,
  seenMs: number,
  { contended, scheduling, thread }: Witness,
  thresholdMs: number,
): boolean {
  if (scheduling !== null) return seenMs - scheduling.waitedMs <= thresholdMs;
  if (!contended && turn.unseenMs <= 0) return false;
  if (thread === null) return contended && turn.unseenMs > 0;
  const longMs = turn.endMs - turn.after.atMs;
  return thread.observedMs * 2 < longMs && thread.cpuMs < thresholdMs;
}

/**
 * How long a thread must be seen asleep for its sleep alone to speak for a block, in ms: Node and V8
 * wait for their own threads now and then, for less.
 */
const ASLEEP_OBSERVED_MS = 500;

/** A thread that sleeps although its timer is overdue sleeps in a system call, not in its loop. */
function isAsleep({ contended, onWorker, thread }: Witness): boolean {
  if (thread === null || contended || onWorker || thread.readings < 2) return false;
  return thread.observedMs >= ASLEEP_OBSERVED_MS && thread.runnable * 2 < thread.readings;
}

/**
 * Whether a turn that no sample belongs to is no block. A posted capture lands before the next beat
 * if the thread gets to run JavaScript at all, so without one the kernel has to speak for the turn: by
 * its CPU time (a stack too deep to be read, say), or by its sleep (a hang in a native call); where
 * there is no such word, a watchdog that missed nothing.
 */
function isBlind(turn: Turn, witness: Witness, thresholdMs: number): boolean {
  const { samples, thread } = witness;
  if (samples > 0 || isAsleep(witness)) return false;
  if (thread === null) return turn.unseenMs > 0;
  const share = thread.observedMs * STARVED_SHARE_UNSEEN;
  const worked = thread.observedMs >= STARVED_OBSERVED_MS && thread.cpuMs >= share;
  return !worked && thread.cpuMs < thresholdMs;
}

/**
 * When the loop has run dry, Node waits for V8's background work (compiling WebAssembly, for one)
 * before it emits 'exit'. The thread sleeps, and none of the program is on its stack.
 */
function isWindingDown({ atExit }: Turn, { showsProgram, onWorker, thread }: Witness): boolean {
  if (!atExit || showsProgram || onWorker) return false;
  return thread === null || thread.runnable * 2 < thread.readings;
}

/**
 * How long the thread stood still: what the watchdog takes for a standstill, unless the CPU time that
 * the thread used has no room in what is left. Then only the watchdog had to wait.
 */
function standstillMs({ suspendedMs }: Turn, { thread }: Witness): number {
  if (thread === null) return suspendedMs;
  return thread.cpuMs + suspendedMs > thread.observedMs + TICK_ERROR_MS ? 0 : suspendedMs;
}

/** How long the watchdog neither ran nor waited for a CPU, as far as is known. */
function stoodMs({ unseenMs }: Turn, { scheduling }: Witness): number {
  return Math.max(0, unseenMs - (scheduling?.watchdogWaitedMs ?? 0));
}

/** The share of a standstill that the watchdog has to have waited for a CPU to have been kept from it. */
const WAITED_SHARE = 0.5;

/**
 * Why both threads stood still: a process that is stopped waits for no CPU, and one that waits in a
 * queue for one is told so by the kernel.
 */
function reasonOfStandstill(
  { suspendedMs }: Turn,
  { contended, scheduling }: Witness,
): 'suspended' | 'starved' {
  const kept =
    scheduling === null ? contended : scheduling.watchdogWaitedMs >= suspendedMs * WAITED_SHARE;
  return suspendedMs > 0 && !kept ? 'suspended' : 'starved';
}

/**
 * The rules, first match wins. Idle and unseen time can cover each other (a stopped process that
 * was idle), so the larger of them is taken off, not the sum.
 */
export function confirm(turn: Turn, witness: Witness, thresholdMs: number): Judgement {
  const longMs = turn.endMs - turn.after.atMs;
  const watchedMs = longMs - turn.pausedMs;
  const unseenMs = stoodMs(turn, witness);
  const seenMs = watchedMs - Math.max(turn.idleMs, unseenMs);
  const durationMs = watchedMs - Math.max(turn.idleMs, standstillMs(turn, witness));
  if (witness.debugged) return { verdict: 'unconfirmed', reason: 'debugger', durationMs: longMs };
  if (seenMs <= thresholdMs) {
    if (seenMs + turn.pausedMs > thresholdMs) {
      return { verdict: 'unconfirmed', reason: 'paused', durationMs: longMs };
    }
    if (unseenMs <= 0) {
      // The loop waited for events although its timer was due: nobody let it run.
      return turn.idleMs > thresholdMs
        ? { verdict: 'unconfirmed', reason: 'starved', durationMs: longMs }
        : { verdict: 'none' };
    }
    if (watchedMs - turn.idleMs <= thresholdMs && turn.suspendedMs <= 0) return { verdict: 'none' };
    const reason = reasonOfStandstill(turn, witness);
    return { verdict: 'unconfirmed', reason, durationMs: longMs };
  }
  const inExit = witness.samples > 0 && witness.exitingSamples === witness.samples;
  if (inExit || isWindingDown(turn, witness)) {
    return { verdict: 'unconfirmed', reason: 'exiting', durationMs };
  }
  // It ran for that long, whoever else wanted to.
  const worked = (witness.scheduling?.ranMs ?? 0) > thresholdMs;
  const starved =
    isBlind(turn, witness, thresholdMs) ||
    isKept(turn, seenMs, witness, thresholdMs) ||
    isStarved(witness, thresholdMs);
  if (starved && !worked) return { verdict: 'unconfirmed', reason: 'starved', durationMs };
  return { verdict: 'block', durationMs };
}

/** What is known about many short turns together. */
export interface CumulativeWitness extends Pick<Witness, 'samples' | 'showsProgram' | 'thread'> {
  /** Whether an inspector was open: then a debugger may have paused the thread. */
  readonly inspected: boolean;
}

/**
 * The same for many short turns: what their samples and their CPU time say of them together.
 *
 * @param ms what they took
 */
export function confirmCumulative(
  { samples, showsProgram, thread, inspected }: CumulativeWitness,
  ms: number,
): Exclude<Judgement, { verdict: 'none' }> {
  const because = (reason: UnconfirmedReason) => {
    return { verdict: 'unconfirmed', reason, durationMs: ms } as const;
  };
  if (samples === 0 || !showsProgram) return because(inspected ? 'debugger' : 'starved');
  const tellsNothing = thread === null || thread.observedMs < STARVED_OBSERVED_MS;
  if (tellsNothing || thread.cpuMs >= thread.observedMs * STARVED_SHARE_UNSEEN) {
    return { verdict: 'block', durationMs: ms };
  }
  // A pause takes no CPU either.
  if (inspected) return because('debugger');
  const slept = thread.runnable * 2 < thread.readings;
  return slept ? { verdict: 'block', durationMs: ms } : because('starved');
}
