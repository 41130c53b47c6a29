/** Runs one process of a load run, and reads what it has left. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BlockRecord } from 'loopwatch';
import type { Scope } from '../harness/folder.js';
import { programPath } from '../harness/places.js';
import { logFile } from '../harness/reports.js';
import { type Ended, type Running, start } from '../harness/run.js';
import type { Ending, Life } from './plan.js';
import type { LedgerEntry, Lived, Logged } from './reconcile.js';

export const THRESHOLD_MS = 25;
const HANG_MS = 400;

/** An exit that waits for less may be over before a line about a late beat is out on a busy machine. */
const PATIENT_MS = 1000;

/** A life takes some seconds; on a machine as busy as ours, more. */
const DEADLINE_MS = 90_000;

/** The heap of a process that is to run out of it, in MB: enough for the watchdog and the reporter. */
const HEAP_MB = 80;

/** What each ending is seen as from outside. */
const EXPECTED: Readonly<Record<Ending, string>> = {
  natural: '0',
  exit: '3',
  throw: '1',
  sigterm: 'SIGTERM',
  sigkill: 'SIGKILL',
  oom: 'SIGABRT',
};

/** Where a run keeps its things. */
export interface Place {
  readonly folder: string;
  readonly journalDir: string;
}

/** Who sends to whom. */
export interface Identity {
  readonly key: string;
  readonly dsn: string;
  /** Where it is told by its pid. */
  readonly senders: Map<number, string>;
}

export interface Outcome {
  readonly lived: Lived;
  readonly problems: readonly string[];
}

function isKill(ending: Ending): ending is 'sigterm' | 'sigkill' {
  return ending === 'sigterm' || ending === 'sigkill';
}

function ledgerIn(file: string): LedgerEntry[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  // A killed process may leave half a line.
  return lines.flatMap((line) => {
    try {
      return [JSON.parse(line) as LedgerEntry];
    } catch {
      return [];
    }
  });
}

/** The function that was made for the block: the culprit, or whoever has such a name on a stack. */
function nameIn({ culprit, samples }: BlockRecord): string | null {
  const onStacks = samples.stacks.flatMap(({ frames }) => frames.map((frame) => frame.function));
  const names = [culprit?.function ?? null, ...onStacks];
  return names.find((name) => /^(?:block|primer)_/.test(name ?? '')) ?? null;
}

function loggedIn(file: string): Pick<Lived, 'logged' | 'dismissed'> {
  const logged: Logged[] = [];
  const dismissed: Lived['dismissed'][number][] = [];
  for (const { time: atMs, block, unconfirmed } of logFile(file)) {
    if (block !== undefined) {
      const { id, previousProcess, ended, durationMs } = block;
      const startedMs = Date.parse(block.startedAt);
      const name = nameIn(block);
      logged.push({ id, atMs, name, startedMs, durationMs, previousProcess, ended });
    } else if (unconfirmed !== undefined) dismissed.push({ atMs, ...unconfirmed });
  }
  return { logged, dismissed };
}

/** A process of a load run that runs. */
export class Living {
  readonly key: string;
  readonly running: Running;
  readonly #log: string;
  readonly #ledger: string;
  readonly #hurried: boolean;
  /** When we killed it. */
  #killedMs: number | null = null;

  /** @param life null for one that only delivers what others have left, until it is told to end */
  constructor(
    scope: Scope,
    { folder, journalDir }: Place,
    { key, dsn, senders }: Identity,
    life: Life | null,
    deadlineMs = DEADLINE_MS,
  ) {
    this.key = key;
    this.#hurried = life !== null && life.exitFlushMs < PATIENT_MS;
    this.#log = join(folder, `${key}.ndjson`);
    this.#ledger = join(folder, `${key}.ledger`);
    const plan = join(folder, `${key}.plan`);
    const { blocks, ending, restMs } = life ?? { blocks: [], ending: 'idle', restMs: 0 };
    const file = join(folder, `${key}.js`);
    writeFileSync(
      plan,
      JSON.stringify({ ledger: this.#ledger, file, name: key, blocks, ending, restMs }),
    );
    this.running = start(scope, [programPath('load.mjs'), plan], {
      flags: ending === 'oom' ? [`--max-old-space-size=${HEAP_MB}`] : [],
      env: {
        SENTRY_DSN: dsn,
        LOOPWATCH_JOURNAL_DIR: journalDir,
        LOOPWATCH_LOG: this.#log,
        LOOPWATCH_LOG_LEVEL: 'debug',
        LOOPWATCH_STARTUP: 'ignore',
        LOOPWATCH_BEAT_MS: '5',
        LOOPWATCH_THRESHOLD_MS: String(THRESHOLD_MS),
        LOOPWATCH_SAMPLE_MS: '10',
        LOOPWATCH_HANG_MS: String(HANG_MS),
        LOOPWATCH_CUMULATIVE: 'false',
        LOOPWATCH_MAX_REPORTS_PER_CULPRIT: '1000000000',
        LOOPWATCH_EXIT_FLUSH_MS: String(life?.exitFlushMs ?? 5000),
      },
      deadlineMs,
    });
    senders.set(this.running.pid, key);
  }

  kill(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.running.signal(signal);
    this.#killedMs = Date.now();
  }

  /** What it has left. */
  outcome({ code, signal, stderr }: Ended, expected: string, endedMs: number): Outcome {
    const problems: string[] = [];
    const how = signal ?? String(code);
    if (how !== expected)
      problems.push(`${this.key} ended with ${how}, not ${expected}: ${stderr}`);
    for (const line of stderr.matchAll(/^loopwatch: .*|^Waiting for the debugger.*/gm)) {
      problems.push(`${this.key} said: ${line[0]}`);
    }
    const lived: Lived = {
      ...{ key: this.key, killed: signal !== null, endedMs: this.#killedMs ?? endedMs },
      hurried: this.#hurried,
      ...{ ledger: ledgerIn(this.#ledger), ...loggedIn(this.#log) },
    };
    return { lived, problems };
  }
}

/** Runs a process to its end, whichever that is. */
export async function live(
  scope: Scope,
  place: Place,
  identity: Identity,
  life: Life,
): Promise<Outcome> {
  const living = new Living(scope, place, identity, life);
  const { running } = living;
  if (isKill(life.ending)) {
    await running.says('stdout', /^last$/m);
    await new Promise((resolve) => setTimeout(resolve, life.killAfterMs));
    living.kill(life.ending === 'sigterm' ? 'SIGTERM' : 'SIGKILL');
  }
  const ended = await running.endInput();
  return living.outcome(ended, EXPECTED[life.ending], Date.now());
}
