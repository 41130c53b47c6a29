/**
 * The soak: one process that blocks 200 times a second, an ingest that is well. Counts on every stage of
 * the way, and looks at memory and lateness meanwhile.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Scope, temporaryFolder } from '../harness/folder.js';
import { filesIn } from '../harness/journal.js';
import { programPath } from '../harness/places.js';
import { logFile } from '../harness/reports.js';
import { type Running, start } from '../harness/run.js';
import { until } from '../harness/until.js';
import { Ingest } from './ingest.js';

const THRESHOLD_MS = 2;

/** How long what is on its way at the end may take. */
const DRAIN_MS = 120_000;

/** How far a record's beginning may be from that of its block, in ms: beats are 1 ms apart. */
const NEAR_MS = 3;

/**
 * Blocks without a record and without a word why, as a share: where two of them follow each other with
 * hardly a beat between them, which is which can't be said from outside.
 */
const MOST_UNEXPLAINED = 0.005;
const FEW = 3;

/** How much resident memory may grow from the second third of a soak to the last, in MB. */
const MOST_GROWTH_MB = 20;

/** How long a soak takes that says something about memory, in s: before, everything still warms up. */
const LONG_S = 30;

export interface SoakOptions {
  readonly seconds: number;
  readonly perSecond: number;
  /** How long each block takes at least; up to 1 ms more. */
  readonly ms: number;
  readonly onProgress?: (text: string) => void;
}

/** A line of the ledger. */
interface Told {
  readonly atMs: number;
  readonly rssMb: number;
  readonly blocks: readonly (readonly [startedMs: number, ms: number])[];
  readonly seen: readonly Seen[];
  readonly unconfirmed: Readonly<Record<string, number>>;
}

interface Seen {
  readonly id: string;
  readonly atMs: number;
  readonly startedMs: number;
  readonly durationMs: number;
}

export interface SoakResult {
  readonly injected: number;
  /** Injected blocks that overlap no record. */
  readonly unseen: number;
  readonly perSecond: number;
  readonly records: number;
  readonly logged: number;
  readonly received: number;
  /** Log lines and events that came again. */
  readonly repeated: number;
  readonly left: number;
  readonly unconfirmed: Readonly<Record<string, number>>;
  /** Mean resident memory of each third, in MB. */
  readonly rssMb: readonly number[];
  /** By how much durations were off, in ms. */
  readonly errorMs: Quantiles;
  /** From the end of a block until a listener had heard of it, in ms. */
  readonly verdictMs: Quantiles;
  /** From the end of a block until its log line, in ms. */
  readonly lineMs: Quantiles;
  /** From the end of the last block until the last sink had everything, in ms. */
  readonly drainMs: number;
  /** CPU time of the threads that used most, as a share of the soak. */
  readonly threads: readonly { readonly name: string; readonly share: number }[];
  readonly said: string;
  readonly problems: readonly string[];
}

interface Quantiles {
  readonly p50: number;
  readonly p95: number;
  readonly most: number;
}

function quantiles(numbers: readonly number[]): Quantiles {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
  return { p50: at(0.5), p95: at(0.95), most: at(1) };
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
}

/** Mean resident memory of each third of the time in which there were blocks. */
function thirds(told: readonly Told[]): number[] {
  const size = Math.max(1, Math.floor(told.length / 3));
  return [0, 1, 2].map((third) => {
    const from = third * size;
    const lines = told.slice(from, third === 2 ? told.length : from + size);
    return mean(lines.map(({ rssMb }) => rssMb));
  });
}

/** CPU time of a process's threads in s; empty where the kernel does not say. */
function cpuOfThreads(pid: number): Map<string, { name: string; seconds: number }> {
  const folder = `/proc/${pid}/task`;
  const found = new Map<string, { name: string; seconds: number }>();
  try {
    for (const id of readdirSync(folder)) {
      const text = readFileSync(join(folder, id, 'stat'), 'latin1');
      const name = text.slice(text.indexOf('(') + 1, text.lastIndexOf(')'));
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
      // User and system time, in ticks of 10 ms.
      const seconds = (Number(fields[11]) + Number(fields[12])) / 100;
      found.set(id, { name: `${name} ${Number(id) - pid}`, seconds });
    }
  } catch {
    // No Linux, or a thread that ended meanwhile.
  }
  return found;
}

function toldIn(file: string): Told[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Told);
}

/** Finds the record of each block; both are in order. */
function matched(
  told: readonly Told[],
): { block: readonly [number, number]; record: Seen | null }[] {
  const records = told.flatMap(({ seen }) => seen).sort((a, b) => a.startedMs - b.startedMs);
  let next = 0;
  return told
    .flatMap(({ blocks }) => blocks)
    .map((block) => {
      const [startedMs, ms] = block;
      const endMs = (record: Seen) => record.startedMs + record.durationMs;
      while (next < records.length && endMs(records[next] as Seen) < startedMs + NEAR_MS / 2)
        next++;
      const record = records[next];
      const near = record !== undefined && record.startedMs < startedMs + ms - NEAR_MS / 2;
      return { block, record: near ? record : null };
    });
}

/** Runs a soak. */
export async function soak(scope: Scope, options: SoakOptions): Promise<SoakResult> {
  const { seconds, perSecond, ms: leastMs, onProgress = () => {} } = options;
  const folder = temporaryFolder(scope);
  const [ledger, log] = [join(folder, 'ledger'), join(folder, 'blocks.ndjson')];
  const ingest = new Ingest(1);
  await ingest.open();
  scope.after(() => ingest.close());
  const running: Running = start(
    scope,
    [programPath('soak.mjs'), ledger, String(seconds), String(perSecond), String(leastMs)],
    {
      env: {
        SENTRY_DSN: ingest.dsn('soak'),
        LOOPWATCH_LOG: log,
        LOOPWATCH_LOG_LEVEL: 'debug',
        LOOPWATCH_STARTUP: 'ignore',
        LOOPWATCH_BEAT_MS: '1',
        LOOPWATCH_THRESHOLD_MS: String(THRESHOLD_MS),
        LOOPWATCH_SAMPLE_MS: '1',
        LOOPWATCH_CUMULATIVE: 'false',
        LOOPWATCH_MAX_REPORTS_PER_CULPRIT: '1000000000',
      },
      deadlineMs: (5 * seconds + 60) * 1000 + DRAIN_MS,
    },
  );
  ingest.senders.set(running.pid, 'soak');
  const startedMs = performance.now();
  const isDone = () => running.isOver || /^done$/m.test(running.stdout);
  const timer = setInterval(() => {
    const left = filesIn(running.journalDir).length;
    onProgress(`${ingest.arrivals.length} events, ${left} files in the journal`);
  }, 1000);
  let threads: { name: string; share: number }[] = [];
  try {
    await until('the end of the blocks', isDone, { deadlineMs: (5 * seconds + 60) * 1000 });
    const elapsedS = (performance.now() - startedMs) / 1000;
    threads = [...cpuOfThreads(running.pid).values()]
      .sort((a, b) => b.seconds - a.seconds)
      .slice(0, 4)
      .map(({ name, seconds: used }) => ({ name, share: used / elapsedS }));
    const isEmpty = () => running.isOver || filesIn(running.journalDir).length === 0;
    // What is left is a finding.
    await until('an empty journal', isEmpty, { deadlineMs: DRAIN_MS }).catch(() => {});
  } finally {
    clearInterval(timer);
  }
  const left = filesIn(running.journalDir).length;
  const drainedMs = Date.now();
  const ended = await running.endInput();

  const told = toldIn(ledger);
  const pairs = matched(told);
  const blocks = pairs.map(({ block }) => block);
  const first = blocks[0]?.[0] ?? 0;
  const [lastMs = 0, lastLong = 0] = blocks.at(-1) ?? [];
  const records = told.flatMap(({ seen }) => seen);
  const lines = logFile(log).filter(({ block }) => block !== undefined);
  const loggedAt = new Map(lines.map(({ block, time }) => [block?.id ?? '', time]));
  const received = new Map(ingest.arrivals.map((arrival) => [arrival.id, arrival]));
  const found = pairs.flatMap(({ block: [beganMs, ms], record }) => {
    return record === null ? [] : [{ ms, endMs: beganMs + ms, record }];
  });
  const during = told.filter(({ atMs }) => atMs > first && atMs < lastMs + 1000);
  const rssMb = thirds(during);
  const problems: string[] = [];
  const ids = new Set(records.map(({ id }) => id));
  const missing = [...ids].filter((id) => !loggedAt.has(id)).length;
  const unsent = [...ids].filter((id) => !received.has(id)).length;
  const repeated = lines.length - loggedAt.size + ingest.arrivals.length - received.size;
  const unseen = pairs.length - found.length;
  const unconfirmed = told.at(-1)?.unconfirmed ?? {};
  const counted = Object.values(unconfirmed).reduce((sum, one) => sum + one, 0);
  const growthMb = (rssMb[2] ?? 0) - (rssMb[1] ?? 0);
  const check = (isWrong: boolean, text: string) => isWrong && problems.push(text);
  check(ended.code !== 0, `it ended with ${ended.signal ?? ended.code}`);
  check(ended.stderr !== '', `it said: ${ended.stderr.trim()}`);
  check(
    unseen - counted > Math.max(FEW, pairs.length * MOST_UNEXPLAINED),
    `${unseen} blocks have no record, ${counted} late beats were unconfirmed`,
  );
  check(missing > 0, `${missing} records were never logged`);
  check(unsent > 0, `${unsent} records never reached the ingest`);
  check(repeated > 0, `${repeated} lines or events came again`);
  check(left > 0, `${left} files are left in the journal`);
  const isLong = seconds >= LONG_S;
  check(isLong && growthMb > MOST_GROWTH_MB, `memory has grown by ${growthMb.toFixed(1)} MB`);
  return {
    ...{ injected: pairs.length, unseen, records: ids.size, logged: loggedAt.size },
    ...{ received: received.size, repeated, left, unconfirmed, rssMb, threads, problems },
    perSecond: pairs.length / ((lastMs + lastLong - first) / 1000),
    errorMs: quantiles(found.map(({ ms, record }) => Math.abs(record.durationMs - ms))),
    verdictMs: quantiles(found.map(({ endMs, record }) => record.atMs - endMs)),
    lineMs: quantiles(
      found.flatMap(({ endMs, record }) => {
        const atMs = loggedAt.get(record.id);
        return atMs === undefined ? [] : [atMs - endMs];
      }),
    ),
    drainMs: drainedMs - lastMs - lastLong,
    said: ended.stderr,
  };
}
