/**
 * A load run: processes that block and die at random moments, one ingest that is not always well, one
 * journal for all of them. Afterwards nothing may be lost, and nothing may be there twice.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder, removeFolder } from '../harness/folder.js';
import { filesIn } from '../harness/journal.js';
import { until } from '../harness/until.js';
import { Ends } from './ends.js';
import { type Arrival, Ingest } from './ingest.js';
import { type Identity, Living, live, type Outcome, type Place, THRESHOLD_MS } from './life.js';
import { type Life, phasesOf, planOf, type Size } from './plan.js';
import { type Reconciled, reconcile } from './reconcile.js';

/** Processes of a lane that end early leave blocks to others: there may not be many of those. */
const SPARE_LIVES = 5;

export interface LoadOptions extends Size {
  readonly seed: number;
  readonly atOnce?: number;
  /** How long what is left may take to be delivered once all is well. */
  readonly collectMs?: number;
  readonly onProgress?: (text: string) => void;
  /** Keeps the folder with logs, ledgers and journal, and says where it is. */
  readonly keep?: boolean;
}

export interface LoadResult extends Reconciled {
  readonly seconds: number;
  readonly lives: number;
  /** The most files that were in the journal. */
  readonly mostLeft: number;
  readonly arrivals: readonly Arrival[];
  readonly folder: string | null;
}

/** What is left of a life's blocks. */
function rest(life: Life, { lived: { ledger } }: Outcome): Life | null {
  const begun = new Set(ledger.flatMap((entry) => ('begin' in entry ? [entry.begin] : [])));
  const blocks = life.blocks.filter(({ name }) => !begun.has(name));
  return blocks.length === 0 ? null : { ...life, blocks, ending: 'natural' };
}

class Load {
  readonly #options: LoadOptions;
  readonly #ingest: Ingest;
  readonly #place: Place;
  readonly #outcomes: Outcome[] = [];
  #mostLeft = 0;

  constructor(options: LoadOptions, folder: string) {
    this.#options = options;
    this.#ingest = new Ingest(options.seed);
    this.#place = { folder, journalDir: join(folder, 'journal') };
  }

  async run(): Promise<LoadResult> {
    const { seed, onProgress = () => {}, keep = false } = this.#options;
    const startedMs = performance.now();
    const plan = planOf(seed, this.#options);
    mkdirSync(this.#place.folder, { recursive: true });
    await this.#ingest.open();
    const watch = setInterval(() => {
      this.#mostLeft = Math.max(this.#mostLeft, this.#left().length);
    }, 250);
    try {
      this.#ingest.suffer(phasesOf(seed));
      await this.#liveAll(plan);
      onProgress(`all injected; ${this.#left().length} files in the journal`);
      await this.#ingest.recover();
      await this.#collect();
    } finally {
      clearInterval(watch);
      await this.#ingest.close();
    }
    const { counts, problems } = reconcile({
      thresholdMs: THRESHOLD_MS,
      planned: plan.flat().flatMap(({ blocks }) => blocks.map(({ name }) => name)),
      lives: this.#outcomes.map(({ lived }) => lived),
      arrivals: this.#ingest.arrivals,
      left: this.#left(),
    });
    return {
      counts,
      problems: [
        ...this.#outcomes.flatMap((outcome) => outcome.problems),
        ...this.#ingest.faults.map((fault) => `the ingest got what is no event: ${fault}`),
        ...problems,
      ],
      seconds: Math.round((performance.now() - startedMs) / 1000),
      lives: this.#outcomes.length,
      mostLeft: this.#mostLeft,
      arrivals: this.#ingest.arrivals,
      folder: keep ? this.#place.folder : null,
    };
  }

  #identity(key: string): Identity {
    return { key, dsn: this.#ingest.dsn(key), senders: this.#ingest.senders };
  }

  #left(): string[] {
    return filesIn(this.#place.journalDir);
  }

  /** All lanes, some at a time, one life of each after the other. */
  async #liveAll(plan: readonly (readonly Life[])[]): Promise<void> {
    const { atOnce = 4, onProgress = () => {} } = this.#options;
    const lanes = plan.map((lives, lane) => ({ lane, left: [...lives], lived: 0, spare: 0 }));
    const total = plan.flat().length;
    const work = async () => {
      for (let next = lanes.shift(); next !== undefined; next = lanes.shift()) {
        const life = next.left.shift();
        if (life === undefined) continue;
        const outcome = await this.#live(`l${next.lane}x${next.lived++}`, life);
        this.#outcomes.push(outcome);
        const others = rest(life, outcome);
        if (others !== null && next.spare++ < SPARE_LIVES) next.left.unshift(others);
        lanes.push(next);
        const left = this.#left().length;
        onProgress(`${this.#outcomes.length} of ${total} lives; ${left} files in the journal`);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
  }

  async #live(key: string, life: Life): Promise<Outcome> {
    const ends = new Ends();
    try {
      return await live(ends, this.#place, this.#identity(key), life);
    } finally {
      await ends.end();
    }
  }

  /** One process that stays up until nothing is left. */
  async #collect(): Promise<void> {
    const { collectMs = 180_000 } = this.#options;
    const ends = new Ends();
    try {
      const identity = this.#identity('collector');
      const living = new Living(ends, this.#place, identity, null, collectMs + 30_000);
      const { running } = living;
      const isEmpty = () => running.isOver || this.#left().length === 0;
      // What is left is a finding of the reconciliation.
      await until('an empty journal', isEmpty, { deadlineMs: collectMs }).catch(() => {});
      const ended = await running.endInput();
      this.#outcomes.push(living.outcome(ended, '0', Date.now()));
    } finally {
      await ends.end();
    }
  }
}

/** Runs a plan, and reconciles. */
export async function load(options: LoadOptions): Promise<LoadResult> {
  const folder = makeFolder();
  try {
    return await new Load(options, folder).run();
  } finally {
    if (options.keep !== true) removeFolder(folder);
  }
}
