/** Whose block it was, and what that makes of a test: pure functions over intervals and names. */
import type { BlockRecord, Cause, UnconfirmedReason } from '../../shared/record/record.js';
import { type Interval, intersect, lengthMs, subtract, union } from './intervals.js';
import { loadingShare, withoutLoading } from './loading.js';

/** What blocks in the async context of a hook are called. */
export const HOOK_SCOPE = 'loopwatch hook';

/** What the watchdog has told of a late turn of the loop. */
export type Finding = Interval & { readonly scope: string | null } & (
    | { readonly kind: 'block'; readonly record: BlockRecord }
    | { readonly kind: 'unconfirmed'; readonly reason: UnconfirmedReason }
  );

/** One run of a test's body, as far as judging it needs. */
export interface Measured {
  /** What blocks in its async context are called. */
  readonly scope: string;
  readonly name: string;
  /** The test that it is a part of. */
  readonly parent: Measured | null;
  readonly startMs: number;
  readonly endMs: number;
  /** What `measure.only` has singled out, if anything. */
  readonly only: readonly Interval[];
  /** What `measure.pause` has left out. */
  readonly paused: readonly Interval[];
  readonly limitMs: number;
  /** How long its thread had to wait for a CPU in the time that counts, in ms, where only a part does. */
  readonly waitedMs: number;
  /** How long its thread had a CPU in all, in ms; Infinity where that is not known. */
  readonly ranMs: number;
}

/**
 * Without what blocked in hooks while they ran: that is no test's, and no file's. What they have started and
 * runs on, a server for one, has their context, and belongs to whoever runs then.
 */
export function withoutHooks(findings: readonly Finding[], hooks: readonly Interval[]): Finding[] {
  const ran = union(hooks);
  return findings.filter(
    (finding) => finding.scope !== HOOK_SCOPE || touchMs(finding, ran) <= TOUCH_MS,
  );
}

/** The time of a test that counts. */
export function measuredTime({ startMs, endMs, only, paused }: Measured): Interval[] {
  const whole = [{ startMs, endMs }];
  return subtract(only.length > 0 ? intersect(whole, only) : whole, paused);
}

/**
 * Times come from two clocks, one of them in whole ms: what touches a test for less than this, in ms,
 * may as well have ended before it began.
 */
const TOUCH_MS = 3;

function touchMs(finding: Interval, measured: readonly Interval[]): number {
  return lengthMs(intersect([finding], measured));
}

function isWithin(run: Measured, ancestor: Measured): boolean {
  for (let one = run.parent; one !== null; one = one.parent) if (one === ancestor) return true;
  return false;
}

/** Who ran meanwhile, without those of whom only a part ran that is in the list itself. */
function runningDuring(finding: Finding, runs: readonly Measured[]): Measured[] {
  const running = runs.filter((run) => touchMs(finding, measuredTime(run)) > TOUCH_MS);
  return running.filter((run) => !running.some((other) => isWithin(other, run)));
}

/**
 * Whose it is: the test in whose async context it happened, also when that is over; without such a
 * context (a server's, say) the only test that ran. Null when several ran, or none.
 */
function ownerOf(finding: Finding, runs: readonly Measured[]): Measured | null {
  const named = runs.find(({ scope }) => scope === finding.scope);
  if (named !== undefined) return named;
  const [only, ...others] = runningDuring(finding, runs);
  return only !== undefined && others.length === 0 ? only : null;
}

/** What takes as long as it computes; a call into the system may sleep. */
const COMPUTING: readonly Cause[] = ['javascript', 'native', 'gc', 'unknown'];

/** The kernel counts the time of a thread that runs at its own ticks, in ms. */
const TICK_MS = 10;

/**
 * How long a block was at most that its machine is not to blame for: no longer than its test has computed.
 * The rest is the waiting of threads for one another (in garbage collections, for one) where none of
 * them gets a CPU.
 */
function ownMs(ms: number, { record }: Block, { ranMs }: Measured): number {
  return COMPUTING.includes(record.cause) ? Math.min(ms, ranMs + TICK_MS) : ms;
}

/** A block that is longer than the limit, and how much of it counts. */
export interface Blocked {
  readonly record: BlockRecord;
  readonly blockedMs: number;
}

/** What is to be said of one test's run; the heaviest block comes first. */
export type Judgement =
  | { readonly verdict: 'clean' }
  | { readonly verdict: 'blocked'; readonly blocks: readonly Blocked[] }
  | {
      readonly verdict: 'unmeasured';
      readonly reason: UnconfirmedReason;
      readonly lateMs: number;
    };

const MACHINE: readonly UnconfirmedReason[] = ['suspended', 'starved', 'debugger'];

/** Whether late time says that nobody knows what the loop did, rather than that it was excused. */
function isUnknown(finding: Finding): finding is Finding & { kind: 'unconfirmed' } {
  return finding.kind === 'unconfirmed' && MACHINE.includes(finding.reason);
}

type Block = Finding & { readonly kind: 'block' };

function isBlock(finding: Finding): finding is Block {
  return finding.kind === 'block';
}

/** The share of a block that counts: without the loading of modules. */
function shareOf({ record }: Block): number {
  return 1 - loadingShare(record.samples.stacks);
}

/**
 * The verdict on a test, by the blocks of it that are longer than its limit.
 *
 * @param runs all tests of the process that may have run meanwhile, this one included
 */
export function judge(
  run: Measured,
  findings: readonly Finding[],
  runs: readonly Measured[],
): Judgement {
  const measured = measuredTime(run);
  const blocks: Blocked[] = [];
  let doubtMs = 0;
  for (const finding of findings.filter(isBlock)) {
    const touched = touchMs(finding, measured);
    const ms = touched * shareOf(finding);
    if (ms <= run.limitMs || ownerOf(finding, runs) !== run) continue;
    // The watchdog knows of the whole turn that the machine is not to blame, and not of its parts.
    const isWhole = touched >= finding.endMs - finding.startMs - TOUCH_MS;
    const blockedMs = ownMs(isWhole ? ms : ms - run.waitedMs, finding, run);
    if (blockedMs <= run.limitMs) doubtMs = Math.max(doubtMs, ms);
    else blocks.push({ record: withoutLoading(finding.record), blockedMs });
  }
  if (blocks.length > 0) {
    return { verdict: 'blocked', blocks: blocks.sort((a, b) => b.blockedMs - a.blockedMs) };
  }
  if (doubtMs > 0) return { verdict: 'unmeasured', reason: 'starved', lateMs: doubtMs };
  let worst: Judgement = { verdict: 'clean' };
  let worstMs = run.limitMs;
  for (const finding of findings.filter(isUnknown)) {
    const lateMs = touchMs(finding, measured);
    if (lateMs <= worstMs) continue;
    worst = { verdict: 'unmeasured', reason: finding.reason, lateMs };
    worstMs = lateMs;
  }
  return worst;
}

/** A block that no test could be blamed for. */
export interface Leftover {
  readonly record: BlockRecord;
  readonly blockedMs: number;
  /** The test that left behind what blocked, or null. */
  readonly leftBy: string | null;
}

/**
 * The blocks of a file: longer than its limit while tests ran, and none of theirs, because several ran
 * or because a test that was over had left it behind.
 */
export function leftovers(
  findings: readonly Finding[],
  runs: readonly Measured[],
  limitMs: number,
): Leftover[] {
  const whole = union(runs.flatMap(measuredTime));
  return findings.filter(isBlock).flatMap((finding) => {
    const { record } = finding;
    const owner = ownerOf(finding, runs);
    const own = owner === null ? [] : measuredTime(owner);
    const spokenFor = owner === null ? [] : [{ startMs: owner.startMs, endMs: owner.endMs }];
    const rest = subtract(whole, [...own, ...spokenFor]);
    const blockedMs = touchMs(finding, rest) * shareOf(finding);
    if (blockedMs <= limitMs) return [];
    return [{ record: withoutLoading(record), blockedMs, leftBy: owner?.name ?? null }];
  });
}
