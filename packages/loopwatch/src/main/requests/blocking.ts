/**
 * Whose blocks they are, as the watched thread itself knows it, for answers that are to say so: the
 * captures run here, and shared memory says which turns are confirmed.
 */
import { performance } from 'node:perf_hooks';
import { nowMs } from '../../shared/clock.js';
import { lastBeat, latestBeat, pausedUntil, turnMs } from '../../shared/memory/beats.js';
import { Clock, type Memory } from '../../shared/memory/memory.js';
import { isConfirmedTurn, isSettledBeat } from '../../shared/memory/turns.js';
import { LATE_MS } from '../../shared/messages/messages.js';
import { SCHEMA_OF_OPTIONS } from '../../shared/options/option-schema.js';
import { isOfItsCallback } from '../../shared/record/frames.js';
import type { Moment } from '../stack/snapshot.js';
import type { CatchUp } from './catch-up.js';
import type { Exchange } from './exchange.js';

const utilization = performance.eventLoopUtilization.bind(performance);

/** A moment on a blocked stack, and whose request it belongs to. */
interface RequestMoment extends Moment {
  readonly exchange: Exchange | null;
}

/** A turn in which the watchdog has asked for the stack. */
interface Turn {
  readonly beat: number;
  readonly startMs: number;
  untilMs: number;
  /** The time that speaks for each, in ms. */
  readonly weights: Map<Exchange | null, number>;
}

/** A turn that is over and not confirmed yet. */
interface Ended {
  readonly beat: number;
  readonly exchange: Exchange;
  readonly ms: number;
}

/** The threshold until the watchdog has set it, in ms. */
const UNKNOWN_MS = SCHEMA_OF_OPTIONS.thresholdMs.fallback;

/** A turn that was too long, whoever is to blame. */
interface Late {
  /** The beat that has ended it. */
  readonly beat: number;
  readonly endMs: number;
}

/** Turns of which a verdict may still come. It comes within two beats, and there is one turn a beat. */
const MOST_ENDED = 4;

function blamedIn({ weights }: Turn): Exchange | null {
  let blamed: Exchange | null = null;
  let mostMs = 0;
  for (const [exchange, ms] of weights) {
    if (ms <= mostMs) continue;
    blamed = exchange;
    mostMs = ms;
  }
  return blamed;
}

/** Follows the blocks of one thread's requests. */
export class Blocking {
  readonly #memory: Memory;
  readonly #catchUp: CatchUp;
  #turn: Turn | null = null;
  #ended: Ended[] = [];
  /** The latest that is over. */
  #late: Late | null = null;

  constructor(memory: Memory, catchUp: CatchUp) {
    this.#memory = memory;
    this.#catchUp = catchUp;
  }

  /** A capture of the blocked stack. */
  seen({ exchange, ranAtMs, waitedMs, frames, atEntry }: RequestMoment): void {
    const beat = latestBeat(this.#memory);
    if (this.#turn?.beat !== beat) {
      const { atMs } = lastBeat(this.#memory);
      this.#turn = { beat, startMs: atMs, untilMs: atMs, weights: new Map() };
    }
    const turn = this.#turn as Turn;
    const late = waitedMs > LATE_MS;
    const weightMs = late ? waitedMs : ranAtMs - turn.untilMs;
    turn.untilMs = ranAtMs;
    const known =
      exchange !== null && (!late || isOfItsCallback(frames, atEntry)) ? exchange : null;
    const ownMs = known === null ? 0 : Math.min(weightMs, ranAtMs - known.startedAtMs);
    this.#add(turn, known, ownMs);
    this.#add(turn, null, weightMs - ownMs);
    if (known !== null) {
      known.frames = atEntry ? frames.slice(1) : frames;
      known.isLate = late;
    }
    this.#catchUp.begin(beat);
  }

  #add({ weights }: Turn, exchange: Exchange | null, ms: number): void {
    weights.set(exchange, (weights.get(exchange) ?? 0) + ms);
  }

  /** A beat: the turn before it is over. */
  turned(): void {
    this.#catchUp.turned();
    this.#noteLate();
    if (this.#turn === null) return;
    const { beat } = this.#turn;
    const exchange = blamedIn(this.#turn);
    this.#turn = null;
    this.#settle();
    if (exchange === null) return;
    const ms = turnMs(this.#memory, beat, lastBeat(this.#memory));
    this.#ended.push({ beat, exchange, ms });
    if (this.#ended.length > MOST_ENDED) this.#ended.shift();
  }

  /** The confirmed blocks that a request has made by now, the one that lasts included. */
  of(exchange: Exchange): { readonly count: number; readonly ms: number } {
    this.#settle();
    const { blocks: count, blockedMs: ms } = exchange;
    const lastsMs = this.#lastsMs(exchange);
    return lastsMs === 0 ? { count, ms } : { count: count + 1, ms: ms + lastsMs };
  }

  #noteLate(): void {
    const beat = latestBeat(this.#memory);
    if (beat === 0) return;
    const last = lastBeat(this.#memory);
    const ms = turnMs(this.#memory, beat - 1, last);
    if (ms > this.#thresholdMs) this.#late = { beat, endMs: last.atMs };
  }

  /**
   * Whether the loop was late by more than the threshold since a request began, and nobody has said yet
   * whether it was the request's fault: what {@link of} says may then be too little.
   */
  isPending(exchange: Exchange): boolean {
    const thresholdMs = this.#thresholdMs;
    const { startedAtMs } = exchange;
    // Most answers are quicker than that, and are asked no more.
    if (nowMs() - startedAtMs <= thresholdMs) return false;
    const late = this.#late;
    if (late !== null && late.endMs - startedAtMs > thresholdMs) {
      if (!isSettledBeat(this.#memory, late.beat)) return true;
    }
    const beat = latestBeat(this.#memory);
    return this.#soFarMs(beat) > thresholdMs && !isConfirmedTurn(this.#memory, beat);
  }

  get #thresholdMs(): number {
    const { clocks } = this.#memory;
    return clocks[Clock.scopedThresholdMs] || clocks[Clock.thresholdMs] || UNKNOWN_MS;
  }

  /** How long the turn that lasts has blocked the loop, in ms. */
  #soFarMs(beat: number): number {
    const atMs = nowMs();
    const pausedMs = pausedUntil(this.#memory, atMs);
    return turnMs(this.#memory, beat, { atMs, idleMs: utilization().idle, pausedMs });
  }

  #settle(): void {
    if (this.#ended.length === 0) return;
    this.#ended = this.#ended.filter(({ beat, exchange, ms }) => {
      if (!isConfirmedTurn(this.#memory, beat)) return true;
      exchange.blocks++;
      exchange.blockedMs += ms;
      return false;
    });
  }

  /** How long the turn that lasts is blocked by a request, in ms; 0 unless that is confirmed. */
  #lastsMs(exchange: Exchange): number {
    const turn = this.#turn;
    if (turn === null || blamedIn(turn) !== exchange) return 0;
    if (!isConfirmedTurn(this.#memory, turn.beat)) return 0;
    const ms = this.#soFarMs(turn.beat);
    return ms > this.#thresholdMs ? ms : 0;
  }
}
