/** What becomes of a thread's long turns: confirmed or not, reported when all is known of them. */
import { nowMs, wallTime } from '../../shared/clock.js';
import { type Beat, latestBeat } from '../../shared/memory/beats.js';
import { readGcSpans } from '../../shared/memory/gc-spans.js';
import type { Memory } from '../../shared/memory/memory.js';
import { caughtUp } from '../../shared/memory/turns.js';
import type { Settings } from '../../shared/options/option-schema.js';
import type { BlockRecord, ThreadInfo, Unconfirmed } from '../../shared/record/record.js';
import type { Turn } from '../detect/detect.js';
import type { Episode } from '../evidence/episode.js';
import type { Evidence } from '../evidence/evidence.js';
import { gcBetween } from '../evidence/gc.js';
import {
  isContended,
  type PressureGauge,
  type PressureStretch,
} from '../evidence/kernel/pressure.js';
import type { SchedulingWitness } from '../evidence/kernel/scheduling.js';
import { type CumulativeWitness, confirm, confirmCumulative, type Judgement } from './confirm.js';
import { recordFrom } from './record.js';
import type { Report } from './report.js';

/**
 * Beats after a block until its garbage collections are known: Node hands them to the program in the
 * two turns after the one that they were in.
 */
const SETTLING_BEATS = 2;

/**
 * How long a block may wait for those beats, and for the requests that came meanwhile, in ms, when the
 * loop is blocked again at once.
 */
const SETTLING_MS = 150;

/** How much later than it is due a beat mostly comes, in ms: timers count whole ones. */
const BEAT_SLACK_MS = 2;

/** On a machine short of CPUs, short blocks must have used this share of their time on one. */
const WORKED_SHARE = 0.5;

/** What the judge needs of the watchdog. */
export interface JudgePorts {
  /** Those in force. */
  readonly settings: Pick<Settings, 'beatMs' | 'hangMs'>;
  readonly gauge: PressureGauge;
  /** A turn that may have been noted in the journal was no block. */
  forget(id: string): void;
  report(report: Report): void;
  /** A late beat was no block. */
  unconfirmed(event: Unconfirmed): void;
}

/** Short blocks that have added up, with what is known of them. */
export interface CumulativeBlock {
  readonly id: string;
  readonly startMs: number;
  readonly endMs: number;
  /** What they took together. */
  readonly ms: number;
  readonly evidence: Evidence;
  readonly witness: CumulativeWitness;
}

/** A block that has ended, until all is known of it. */
interface Settling {
  readonly episode: Episode;
  readonly endMs: number;
  readonly durationMs: number;
  readonly thresholdMs: number;
  readonly lastBeat: number;
  readonly sinceMs: number;
}

/** Judges the turns of one thread. */
export class Judge {
  readonly #ports: JudgePorts;
  readonly #memory: Memory;
  readonly #thread: () => ThreadInfo;
  readonly #scheduling: SchedulingWitness;
  #settling: Settling[] = [];

  constructor(
    ports: JudgePorts,
    memory: Memory,
    thread: () => ThreadInfo,
    scheduling: SchedulingWitness,
  ) {
    this.#ports = ports;
    this.#scheduling = scheduling;
    this.#memory = memory;
    this.#thread = thread;
  }

  /** Blocks of which not all is known yet. */
  get waiting(): number {
    return this.#settling.length;
  }

  /** What is to be said of a turn by its evidence. */
  of(episode: Episode, turn: Turn, thresholdMs: number): Judgement {
    const stretch = this.#pressureSince(turn.after.atMs);
    const scheduling = this.#scheduling.between(turn.after.atMs, turn.endMs);
    const machine = { contended: isContended(stretch), scheduling };
    return confirm(turn, episode.witness(machine), thresholdMs);
  }

  /** Ends a turn: it becomes a report, is counted with its reason, or was nothing. */
  end(episode: Episode, turn: Turn, thresholdMs: number): Judgement['verdict'] {
    const judgement = this.of(episode, turn, thresholdMs);
    if (judgement.verdict === 'block' || episode.announced) {
      // A hang that was reported must end, whatever its last moments looked like.
      const durationMs =
        judgement.verdict === 'none' ? turn.endMs - turn.after.atMs : judgement.durationMs;
      episode.hung ||= durationMs >= this.#ports.settings.hangMs;
      const times = { endMs: turn.endMs, durationMs, thresholdMs, sinceMs: nowMs() };
      this.#settling.push({ episode, ...times, lastBeat: (turn.after.number + 1) >>> 0 });
      return 'block';
    }
    this.#ports.forget(episode.id);
    if (judgement.verdict === 'unconfirmed') {
      const { reason, durationMs } = judgement;
      // Time that is taken off was at its beginning: the loop waited for events, and was late after that.
      this.#unconfirmed(reason, durationMs, turn.after.atMs, turn.endMs - durationMs);
    }
    return judgement.verdict;
  }

  /** The record of a turn that goes on. */
  soFar(episode: Episode, durationMs: number, thresholdMs: number): BlockRecord {
    return recordFrom(episode.evidence, {
      id: episode.id,
      kind: episode.hung ? 'hang' : 'block',
      ...{ startMs: episode.after.atMs, durationMs, thresholdMs, ended: false, gc: null },
      startup: episode.isStartup(),
      seen: episode.seen(thresholdMs, nowMs(), false),
      thread: this.#thread(),
    });
  }

  /** When to look for the beat that a report waits for, right after it; infinity without one. */
  dueMs(now: number, { atMs }: Beat): number {
    if (this.#settling.length === 0) return Number.POSITIVE_INFINITY;
    const beatMs = atMs + this.#ports.settings.beatMs + BEAT_SLACK_MS;
    return beatMs > now ? beatMs : Number.POSITIVE_INFINITY;
  }

  /**
   * Reports the blocks of which all is known, or of which no more will be.
   *
   * @param last whether no more beats will come
   */
  settle(now: number, last: boolean): void {
    const waiting: Settling[] = [];
    for (const settling of this.#settling) {
      const beats = (latestBeat(this.#memory) - settling.lastBeat) >>> 0;
      const { isOver } = caughtUp(this.#memory, settling.episode.after.number);
      const known = beats >= SETTLING_BEATS;
      const isLate = now - settling.sinceMs >= SETTLING_MS;
      if ((known && isOver) || last || isLate) this.#report(settling, known);
      else waiting.push(settling);
    }
    this.#settling = waiting;
  }

  #report({ episode, ...facts }: Settling, known: boolean): void {
    const { endMs, durationMs, thresholdMs } = facts;
    const startMs = endMs - durationMs;
    const gc = gcBetween(readGcSpans(this.#memory), startMs, endMs);
    episode.evidence.addCaughtUp(caughtUp(this.#memory, episode.after.number).count);
    const startup = episode.isStartup();
    const record = recordFrom(episode.evidence, {
      id: episode.id,
      kind: episode.hung ? 'hang' : 'block',
      ...{ startMs, durationMs, thresholdMs, ended: true, startup },
      seen: episode.seen(thresholdMs, endMs, true),
      thread: this.#thread(),
      gc: known || gc.count > 0 ? gc : null,
    });
    const span = { startMs, endMs };
    this.#ports.report({ record, startup, span, ...this.#moment(episode) });
  }

  /** By what the program's Sentry client knows the turn. */
  #moment({ after, evidence }: Episode): Pick<Report, 'evidence' | 'beat'> {
    return { evidence, beat: this.#thread().id === 0 ? after.number : null };
  }

  /** Reports short blocks that have added up. */
  endCumulative(block: CumulativeBlock, thresholdMs: number): void {
    const { id, startMs, endMs, ms, evidence, witness } = block;
    const cpuMs = evidence.readings.witness()?.cpuMs ?? 0;
    const { isKnown } = this.#scheduling;
    if (!isKnown && cpuMs < ms * WORKED_SHARE && isContended(this.#pressureSince(startMs))) {
      // Others had the CPUs: beats that are late for that are nobody's fault.
      this.#unconfirmed('starved', ms, startMs);
      return;
    }
    const judgement = confirmCumulative(witness, ms);
    if (judgement.verdict === 'unconfirmed') {
      this.#unconfirmed(judgement.reason, ms, startMs);
      return;
    }
    const gc = gcBetween(readGcSpans(this.#memory), startMs, endMs);
    const record = recordFrom(evidence, {
      ...{ id, kind: 'cumulative', startMs, durationMs: ms, ended: true, thresholdMs, gc },
      ...{ startup: false, seen: 'whole', thread: this.#thread() },
    });
    this.#ports.report({ record, startup: false, evidence, beat: null, span: null });
  }

  #pressureSince(fromMs: number): PressureStretch | null {
    return this.#ports.gauge.since(fromMs, nowMs());
  }

  /** @param fromMs since when the machine's load matters */
  #unconfirmed(
    reason: Unconfirmed['reason'],
    durationMs: number,
    fromMs: number,
    startMs = fromMs,
  ): void {
    const matters = reason === 'starved';
    const pressure = matters ? (this.#pressureSince(fromMs)?.pressure ?? null) : null;
    const rounded = Math.round(durationMs * 10) / 10;
    const startedAt = wallTime(startMs);
    this.#ports.unconfirmed({
      reason,
      startedAt,
      durationMs: rounded,
      thread: this.#thread(),
      pressure,
    });
  }
}
