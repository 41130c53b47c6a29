/** The record of a block, put together from its evidence. */
import { hostname } from 'node:os';
import { wallTime } from '../../shared/clock.js';
import {
  type BlockRecord,
  type FoldedStack,
  type Kind,
  SCHEMA,
  type ThreadInfo,
} from '../../shared/record/record.js';
import type { Evidence, Seen } from '../evidence/evidence.js';
import type { Folded } from '../evidence/fold.js';
import { causeOf, invokerOf } from './classify.js';
import { culpritOf } from './culprit.js';

const HOST = hostname();

/** Distinct stacks in a record, heaviest first: a log line has to stay one that a person can open. */
const MOST_PUBLISHED = 16;

/** What a record says that its evidence does not. */
export interface Facts {
  readonly id: string;
  readonly kind: Kind;
  readonly startMs: number;
  readonly durationMs: number;
  readonly thresholdMs: number;
  readonly ended: boolean;
  readonly startup: boolean;
  readonly seen: Seen;
  readonly thread: ThreadInfo;
  readonly gc: BlockRecord['gc'];
}

/** Which process it is that reports. */
export function processNow(): BlockRecord['process'] {
  return {
    pid: process.pid,
    node: process.version,
    host: HOST,
    uptimeMs: Math.round(process.uptime() * 1000),
  };
}

/** Without the frame that was only just being entered: it was called next. */
function publicStack({ count, frames, atEntry, weightMs }: Folded): FoldedStack {
  return { count, ms: Math.round(weightMs), frames: atEntry ? frames.slice(1) : frames };
}

/** The record as the evidence stands. */
export function recordFrom(evidence: Evidence, facts: Facts): BlockRecord {
  const { startMs, durationMs, startup, seen, gc, thread, thresholdMs, ...named } = facts;
  const stacks = evidence.stacks();
  const published = stacks.slice(0, MOST_PUBLISHED).map(publicStack);
  return {
    schema: SCHEMA,
    id: named.id,
    kind: named.kind,
    startedAt: wallTime(startMs),
    durationMs: Math.round(durationMs * 10) / 10,
    thresholdMs: Math.round(thresholdMs * 10) / 10,
    ended: named.ended,
    cause: causeOf({ stacks, startup, thread: evidence.readings.witness(), gc, durationMs }),
    thread,
    culprit: culpritOf(evidence.stacks(seen)),
    samples: { count: evidence.samples, stacks: published },
    invoker: invokerOf(stacks),
    request: seen === 'whole' ? evidence.request() : null,
    delayed: evidence.delayed(),
    trace: evidence.sentry?.trace ?? null,
    gc,
    cpu: evidence.readings.cpu(),
    process: processNow(),
    profile: null,
    previousProcess: false,
    scope: evidence.scope()?.name ?? null,
    suppressed: 0,
  };
}
