/**
 * Holds what was injected against what was logged, received and left: nothing may be lost, nothing may
 * come twice that need not. Pure.
 */
import type { Arrival } from './ingest.js';

/** How much longer than the threshold a block is that has to be found, in ms. */
const MARGIN_MS = 25;

/** How long into a block a process must have lived for its successor to find it, in ms. */
const LIVED_MS = 60;

/** How long before the end of a process it may have got an answer that it could not act on, in ms. */
const LAST_MOMENTS_MS = 250;

/** How far from the end of a block, and from its length, the word that it was none may be, in ms. */
const VERDICT_MS = 1500;
const LENGTH_MS = 25;

export type LedgerEntry =
  | { readonly begin: string; readonly atMs: number }
  | { readonly end: string; readonly atMs: number; readonly ms: number }
  | { readonly seen: string; readonly name: string | null };

/** A log line with a record. */
export interface Logged {
  readonly id: string;
  readonly atMs: number;
  /** The function that was made for the block, wherever in the record it stands. */
  readonly name: string | null;
  /** When it began, and how long it was. */
  readonly startedMs: number;
  readonly durationMs: number;
  readonly previousProcess: boolean;
  readonly ended: boolean;
}

interface Dismissed {
  readonly atMs: number;
  readonly reason: string;
  readonly durationMs: number;
}

/** A process that has ended. */
export interface Lived {
  /** The key of its DSN. */
  readonly key: string;
  readonly endedMs: number;
  /** Whether it ended without a chance to wait for anything. */
  readonly killed: boolean;
  /** Whether it was hardly to wait (exitFlushMs): what is in no journal may not be said any more. */
  readonly hurried: boolean;
  readonly ledger: readonly LedgerEntry[];
  readonly logged: readonly Logged[];
  readonly dismissed: readonly Dismissed[];
}

export interface Evidence {
  readonly thresholdMs: number;
  /** The names of all blocks. */
  readonly planned: readonly string[];
  readonly lives: readonly Lived[];
  readonly arrivals: readonly Arrival[];
  /** Names of the files that are in the journal at the end. */
  readonly left: readonly string[];
}

interface Counts {
  readonly planned: number;
  readonly begun: number;
  readonly ended: number;
  /** Blocks that had to be found. */
  readonly certain: number;
  readonly found: number;
  /** Of those, reported without a culprit. */
  readonly unnamed: number;
  /** Blocks that loopwatch said were none, since it could not see them well enough. */
  readonly dismissed: number;
  /** Blocks that a kill cut too short to be sure of, and how many of them were found. */
  readonly cutShort: number;
  readonly cutShortFound: number;
  /** Reports of all kinds, by id. */
  readonly reports: number;
  readonly logged: number;
  readonly accepted: number;
  /** Delivered by another process than the one that blocked. */
  readonly inherited: number;
  /** Reported while they lasted. */
  readonly hangs: number;
  readonly loggedTwice: { readonly documented: number; readonly failed: number };
  readonly acceptedTwice: { readonly documented: number; readonly failed: number };
  readonly lost: number;
  readonly left: number;
}

export interface Reconciled {
  readonly counts: Counts;
  readonly problems: readonly string[];
}

interface Injected {
  readonly name: string;
  readonly life: Lived;
  readonly beginMs: number;
  readonly end: { readonly atMs: number; readonly ms: number } | null;
}

function groupBy<T>(list: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of list) {
    const key = keyOf(one);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return groups;
}

function injectedIn(lives: readonly Lived[]): Map<string, Injected> {
  const found = new Map<string, Injected>();
  for (const life of lives) {
    for (const entry of life.ledger) {
      if ('begin' in entry) {
        const { begin: name, atMs } = entry;
        found.set(name, { name, life, beginMs: atMs, end: null });
      } else if ('end' in entry) {
        const begun = found.get(entry.end);
        if (begun !== undefined) found.set(entry.end, { ...begun, end: entry });
      }
    }
  }
  return found;
}

/** Whether a block has to be found: it was long enough, and its process lived for long enough. */
function isCertain({ life, beginMs, end }: Injected, thresholdMs: number): boolean {
  const lastMs = life.killed ? life.endedMs : Number.POSITIVE_INFINITY;
  const lengthMs = end?.ms ?? lastMs - beginMs;
  return lengthMs > thresholdMs + MARGIN_MS && lastMs - beginMs > thresholdMs + LIVED_MS;
}

/** Whether loopwatch has said that the block was none. */
function isDismissed({ life, end }: Injected): boolean {
  if (end === null) return false;
  return life.dismissed.some(({ atMs, durationMs }) => {
    const sinceMs = atMs - end.atMs;
    return sinceMs > -LENGTH_MS && sinceMs < VERDICT_MS && durationMs > end.ms - LENGTH_MS;
  });
}

/** How far a record without a name may be from the block that it is about, in ms. */
const PLACE_MS = 30;

/** Whether a record that blames no block is about this one, or its turn: it lies where that was. */
function isAbout(line: Logged, { beginMs, end }: Injected): boolean {
  if (line.name !== null || line.previousProcess || end === null) return false;
  const endedMs = line.startedMs + line.durationMs;
  return line.startedMs < beginMs + PLACE_MS && endedMs > end.atMs - PLACE_MS;
}

/** How often something came again although those who sent it could know that it had come. */
function repeated<T>(
  list: readonly T[],
  mayRepeat: (one: T) => boolean,
): { documented: number; failed: number } {
  const before = list.slice(0, -1);
  const documented = before.filter(mayRepeat).length;
  return { documented, failed: before.length - documented };
}

type Repeats = ReturnType<typeof repeated>;

function sum(a: Repeats, b: Repeats): Repeats {
  return { documented: a.documented + b.documented, failed: a.failed + b.failed };
}

/** Reconciles by serial number and by id. */
export function reconcile(evidence: Evidence): Reconciled {
  const { thresholdMs, planned, lives, arrivals, left } = evidence;
  const problems: string[] = [];
  const injected = injectedIn(lives);
  const lifeOf = new Map(lives.map((life) => [life.key, life]));
  const lines = lives.flatMap((life) => life.logged.map((line) => ({ ...line, life })));
  const linesById = groupBy(lines, ({ id }) => id);
  const acceptedById = groupBy(
    arrivals.filter(({ accepted }) => accepted),
    ({ id }) => id,
  );
  const seen = new Map<string, string | null>();
  for (const { ledger } of lives) {
    for (const entry of ledger) if ('seen' in entry) seen.set(entry.seen, entry.name);
  }

  // By id: whatever any part of it knows of must be everywhere.
  const ids = new Set([...seen.keys(), ...linesById.keys(), ...arrivals.map(({ id }) => id)]);
  const loggedTwice = { documented: 0, failed: 0 };
  const acceptedTwice = { documented: 0, failed: 0 };
  let lost = 0;
  let inherited = 0;
  let hangs = 0;
  for (const id of ids) {
    const logged = linesById.get(id) ?? [];
    const accepted = acceptedById.get(id) ?? [];
    const name = logged[0]?.name ?? seen.get(id) ?? null;
    const about = `${id} (${name ?? 'no name'})`;
    if (logged.length === 0) problems.push(`${about} was never logged`);
    if (accepted.length === 0) problems.push(`${about} never reached the ingest`);
    if (logged.length === 0 || accepted.length === 0) lost++;

    // A hang has a line while it lasts, and one when it has ended or its process has.
    const isFinal = ({ ended, previousProcess }: Logged) => ended || previousProcess;
    const finals = logged.filter(isFinal);
    const earlier = logged.filter((line) => !isFinal(line));
    if (earlier.length > 0) hangs++;
    if (logged.length > 0 && finals.length === 0) problems.push(`${about} was never closed`);
    const isLast = ({ life, atMs }: { life: Lived; atMs: number }) =>
      life.endedMs - atMs < LAST_MOMENTS_MS;
    const lineRepeats = sum(repeated(earlier, isLast), repeated(finals, isLast));
    const eventRepeats = repeated(accepted, ({ key, status, answeredMs }) => {
      const endedMs = lifeOf.get(key)?.endedMs ?? Number.POSITIVE_INFINITY;
      return status === null || answeredMs === null || endedMs - answeredMs < LAST_MOMENTS_MS;
    });
    loggedTwice.documented += lineRepeats.documented;
    loggedTwice.failed += lineRepeats.failed;
    acceptedTwice.documented += eventRepeats.documented;
    acceptedTwice.failed += eventRepeats.failed;
    if (lineRepeats.failed > 0) problems.push(`${about} was logged ${logged.length} times`);
    if (eventRepeats.failed > 0) problems.push(`${about} was accepted ${accepted.length} times`);

    const home = name === null ? undefined : injected.get(name)?.life;
    if (logged.some(({ life, previousProcess }) => previousProcess || life !== (home ?? life))) {
      inherited++;
    }
    for (const { life, previousProcess } of logged) {
      if (home === undefined || previousProcess === (life !== home)) continue;
      problems.push(`${about} of ${home.key} was logged by ${life.key}, ${previousProcess}`);
    }
  }

  // By serial number: what was injected must have an id, and one only.
  const idsByName = new Map<string, Set<string>>();
  const named = [...lines.map(({ id, name }) => ({ id, name }))];
  for (const [id, name] of seen) named.push({ id, name });
  for (const { id, name } of named) {
    if (name === null) continue;
    idsByName.set(name, (idsByName.get(name) ?? new Set()).add(id));
  }
  const tally = { begun: 0, ended: 0, certain: 0, found: 0, unnamed: 0, dismissed: 0 };
  const cut = { cutShort: 0, cutShortFound: 0 };
  for (const name of planned) {
    const block = injected.get(name);
    if (block === undefined) {
      problems.push(`${name} was never injected`);
      continue;
    }
    const about = block.life.logged.filter((line) => isAbout(line, block));
    const unnamed = new Set(about.map(({ id }) => id)).size;
    const found = (idsByName.get(name)?.size ?? 0) + unnamed;
    if (unnamed > 0) tally.unnamed++;
    tally.begun++;
    if (block.end !== null) tally.ended++;
    if (found > 0) tally.found++;
    if (found > 1) problems.push(`${name} has ${found} reports`);
    if (!isCertain(block, thresholdMs)) {
      cut.cutShort++;
      if (found > 0) cut.cutShortFound++;
      continue;
    }
    tally.certain++;
    if (found > 0) continue;
    if (isDismissed(block)) {
      tally.dismissed++;
      continue;
    }
    const { key, killed, hurried, endedMs } = block.life;
    if (hurried && endedMs - (block.end?.atMs ?? endedMs) < LAST_MOMENTS_MS) {
      // It may have been dismissed, too, with nobody left to say so.
      cut.cutShort++;
      continue;
    }
    lost++;
    const lasted = block.end === null ? 'never ended' : `lasted ${block.end.ms.toFixed(0)} ms`;
    const lived = killed ? `, killed ${endedMs - block.beginMs} ms after its beginning` : '';
    problems.push(`${name} of ${key} is lost: it ${lasted}${lived}`);
  }
  for (const name of left) problems.push(`${name} is left in the journal`);

  return {
    counts: {
      ...{ planned: planned.length, ...tally, ...cut, reports: ids.size },
      ...{ logged: linesById.size, accepted: acceptedById.size, inherited, hangs },
      ...{ loggedTwice, acceptedTwice, lost, left: left.length },
    },
    problems,
  };
}
