/**
 * What each process of a load run does, and what the ingest does meanwhile: drawn from a seed, so that a
 * failure can be looked for again. Pure.
 */

export const ENDINGS = ['natural', 'exit', 'throw', 'sigterm', 'sigkill', 'oom'] as const;
export type Ending = (typeof ENDINGS)[number];

interface PlannedBlock {
  /** The name of its function: `block_<lane>_<serial>`. */
  readonly name: string;
  readonly kind: 'wait' | 'busy';
  readonly ms: number;
  /** Time without a block before it. */
  readonly gapMs: number;
}

/** One process from its start to its end. */
export interface Life {
  readonly blocks: readonly PlannedBlock[];
  readonly ending: Ending;
  /** From the last block to the end; 0 is the same turn. */
  readonly restMs: number;
  /** For the signals: from the beginning of the last block. It may be in it, or soon after. */
  readonly killAfterMs: number;
  readonly exitFlushMs: number;
}

export const MOODS = ['healthy', 'slow', 'down', 'limited', 'strict', 'broken', 'reset'] as const;
export type Mood = (typeof MOODS)[number];

/** What the ingest does, and for how long. */
export interface Phase {
  readonly mood: Mood;
  readonly ms: number;
}

export interface Size {
  readonly lanes: number;
  /** In all. */
  readonly blocks: number;
}

/** Mulberry32 (Tommy Ettinger, public domain): small, and good enough to pick from lists. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Draws from a generator. */
export class Lots {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = generator(seed);
  }

  between(least: number, most: number): number {
    return least + Math.floor(this.#random() * (most - least + 1));
  }

  one<const T>(list: readonly T[]): T {
    return list[Math.floor(this.#random() * list.length)] as T;
  }

  chance(share: number): boolean {
    return this.#random() < share;
  }
}

function blockOf(lots: Lots, name: string): PlannedBlock {
  const gapMs = lots.between(5, 70);
  // Some are hangs, which are reported while they last.
  if (lots.chance(0.03)) return { name, kind: 'wait', ms: lots.between(500, 1000), gapMs };
  return {
    name,
    // Most take no CPU: such a block no busy machine can starve.
    kind: lots.chance(0.1) ? 'busy' : 'wait',
    ms: lots.between(60, 150),
    gapMs,
  };
}

function lifeOf(lots: Lots, blocks: readonly PlannedBlock[]): Life {
  const lastMs = blocks.at(-1)?.ms ?? 0;
  return {
    blocks,
    ending: lots.one(ENDINGS),
    restMs: lots.chance(0.5) ? 0 : lots.between(1, 80),
    killAfterMs: lots.between(0, lastMs + 120),
    exitFlushMs: lots.one([0, 200, 1000]),
  };
}

/** The lives of each lane, one after the other. */
export function planOf(seed: number, { lanes, blocks }: Size): Life[][] {
  return Array.from({ length: lanes }, (_, lane) => {
    const lots = new Lots(Math.imul(seed, 0x9e3779b1) + lane);
    const count = Math.floor(blocks / lanes) + (lane < blocks % lanes ? 1 : 0);
    const left = Array.from({ length: count }, (_, serial) => {
      return blockOf(lots, `block_${lane}_${String(serial).padStart(4, '0')}`);
    });
    const lives: Life[] = [];
    while (left.length > 0) lives.push(lifeOf(lots, left.splice(0, lots.between(4, 24))));
    return lives;
  });
}

/** What the ingest does: every second phase is healthy, so that there is progress. */
export function* phasesOf(seed: number): Generator<Phase, never> {
  const lots = new Lots(Math.imul(seed, 0x85ebca6b) + 1);
  for (;;) {
    yield { mood: 'healthy', ms: lots.between(1000, 3000) };
    yield { mood: lots.one(MOODS.slice(1)), ms: lots.between(500, 2500) };
  }
}
