/** Makes pictures of what was found: pure, and bounded whatever it is given. */

import type { Advice } from '../advice/advice.js';
import { calls } from '../advice/advice-calls.js';
import { situations } from '../advice/advice-situations.js';
import { adviceOf } from '../advice/choose-advice.js';
import {
  type BlockRecord,
  sentence,
  type Unconfirmed,
  unconfirmedSentence,
} from '../record/record.js';
import { FlameSum, FrameNumbers } from './flames.js';
import type {
  BlockPicture,
  CulpritPicture,
  Pictures,
  ReasonPicture,
  RoutePicture,
  TimelineEvent,
} from './pictures.js';
import { byCulprit, byRoute, Costs, type CulpritSum } from './sums.js';
import { boundedEvents } from './timeline-events.js';
import { factsOf, nameOf, placeOf, processOf, routeOf, shown, shownOrNull } from './words.js';

/** Rows of a table that somebody reads; the rest is counted. */
const MOST_ROWS = 50;

/** Blocks that are shown one by one: the longest, and the latest. */
const MOST_LONGEST = 100;
const MOST_LATEST = 100;

const MOST_PROCESSES = 10;
const MOST_NAMES = 5;

/** A late beat that was no block, and when it began. */
export interface UnconfirmedAt {
  /** ms since 1970 */
  readonly atMs: number;
  readonly event: Unconfirmed;
}

/** What there is to draw. */
export interface Found {
  /** Each block once. */
  readonly records: readonly BlockRecord[];
  readonly unconfirmed: readonly UnconfirmedAt[];
  /** By the id of a block: the hint that its log line gives, for which its source code was read. */
  readonly hints: ReadonlyMap<string, string>;
  /** What was read, in words. */
  readonly source: string;
}

function adviceWith(hint: string): Advice | undefined {
  return [...calls(), ...situations()].find(({ advice }) => advice.hint === hint)?.advice;
}

/** Numbers the advices of a page. */
class Advices {
  readonly list: Advice[] = [];
  readonly #hints: ReadonlyMap<string, string>;

  constructor(hints: ReadonlyMap<string, string>) {
    this.#hints = hints;
  }

  /** Which of the list fits a record, or null. */
  of(record: BlockRecord): number | null {
    const own = adviceOf(record);
    const hint = this.#hints.get(record.id);
    // Where the line of code said more than the stacks do, the hint is another one.
    const said = hint === undefined || hint === own?.hint ? undefined : adviceWith(hint);
    const advice = said ?? own;
    if (advice === null) return null;
    const known = this.list.findIndex(({ id, text }) => id === advice.id && text === advice.text);
    return known === -1 ? this.list.push(advice) - 1 : known;
  }
}

function startOf({ startedAt }: BlockRecord): number {
  return Date.parse(startedAt);
}

function eventOf(record: BlockRecord, isListed: boolean): TimelineEvent {
  return {
    kind: record.kind,
    atMs: startOf(record),
    longestMs: record.durationMs,
    count: 1,
    text: shown(sentence(record)),
    block: isListed ? record.id : null,
  };
}

function unconfirmedEvent({ atMs, event }: UnconfirmedAt): TimelineEvent {
  const text = shown(unconfirmedSentence(event));
  return { kind: 'unconfirmed', atMs, longestMs: event.durationMs, count: 1, text, block: null };
}

/** Those that are shown one by one, in the order of time. */
function listed(records: readonly BlockRecord[]): BlockRecord[] {
  const inTime = records.toSorted((a, b) => startOf(a) - startOf(b));
  const longest = records.toSorted((a, b) => b.durationMs - a.durationMs).slice(0, MOST_LONGEST);
  const chosen = new Set([...longest, ...inTime.slice(-MOST_LATEST)]);
  return inTime.filter((record) => chosen.has(record));
}

function periodOf(events: readonly TimelineEvent[]): Pictures['period'] {
  if (events.length === 0) return null;
  let fromMs = Number.POSITIVE_INFINITY;
  let toMs = Number.NEGATIVE_INFINITY;
  for (const { atMs, longestMs } of events) {
    fromMs = Math.min(fromMs, atMs);
    toMs = Math.max(toMs, atMs + longestMs);
  }
  return { fromMs, toMs };
}

function countsOf({ records, unconfirmed }: Found): Pictures['counts'] {
  const ofKind = (kind: BlockRecord['kind']) => records.filter((one) => one.kind === kind).length;
  return {
    blocks: records.length,
    hangs: ofKind('hang'),
    cumulative: ofKind('cumulative'),
    unconfirmed: unconfirmed.length,
    delayedRequests: records.reduce((sum, { delayed }) => sum + (delayed?.requests ?? 0), 0),
    blockedMs: records.reduce((sum, { durationMs }) => sum + durationMs, 0),
    longestMs: records.reduce((most, { durationMs }) => Math.max(most, durationMs), 0),
  };
}

function culpritPicture(sum: CulpritSum, frames: FrameNumbers, advices: Advices): CulpritPicture {
  const { worst } = sum;
  return {
    ...sum.sum,
    name: nameOf(worst.culprit),
    place: placeOf(worst.culprit),
    package: shownOrNull(worst.culprit?.package ?? null),
    causes: sum.causes.names(),
    routes: sum.routes.names(MOST_NAMES),
    advice: advices.of(worst),
    flame: frames.picture(sum.flame),
  };
}

function blockPicture(record: BlockRecord, frames: FrameNumbers, advices: Advices): BlockPicture {
  const flame = new FlameSum();
  flame.add(record);
  const { id, kind, durationMs, ended, cause, culprit } = record;
  return {
    ...{ id, kind, durationMs, ended, cause },
    atMs: startOf(record),
    text: shown(sentence(record)),
    name: nameOf(culprit),
    place: placeOf(culprit),
    route: routeOf(record),
    facts: factsOf(record),
    advice: advices.of(record),
    flame: frames.picture(flame),
  };
}

function reasonsOf(unconfirmed: readonly UnconfirmedAt[]): ReasonPicture[] {
  const costs = new Costs<Unconfirmed['reason']>();
  for (const { event } of unconfirmed) costs.add(event.reason, event.durationMs);
  return costs.entries().map(([reason, cost]) => ({ reason, ...cost.sum }));
}

/** Draws what was found. */
export function picturesOf(found: Found): Pictures {
  const { records, unconfirmed, hints, source } = found;
  const frames = new FrameNumbers();
  const advices = new Advices(hints);
  const chosen = listed(records);
  const isListed = new Set(chosen);
  const events = [
    ...records.map((record) => eventOf(record, isListed.has(record))),
    ...unconfirmed.map(unconfirmedEvent),
  ];
  const culprits = byCulprit(records);
  const routes = byRoute(records);
  const processes = [...new Set(records.map((record) => processOf(record.process)))];
  const left = (list: readonly unknown[], most: number) => Math.max(0, list.length - most);
  return {
    source: shown(source),
    period: periodOf(events),
    processes: processes.slice(0, MOST_PROCESSES),
    counts: countsOf(found),
    thresholdMs: records.reduce<number | null>((least, { thresholdMs }) => {
      return Math.min(least ?? thresholdMs, thresholdMs);
    }, null),
    events: boundedEvents(events),
    culprits: culprits.slice(0, MOST_ROWS).map((sum) => culpritPicture(sum, frames, advices)),
    routes: routes.slice(0, MOST_ROWS).map(([route, sum]): RoutePicture => {
      return { ...sum.sum, route, delayed: sum.delayed, culprits: sum.culprits.names(MOST_NAMES) };
    }),
    blocks: chosen.map((record) => blockPicture(record, frames, advices)),
    reasons: reasonsOf(unconfirmed),
    frames: frames.labels,
    advices: advices.list,
    more: {
      processes: left(processes, MOST_PROCESSES),
      culprits: left(culprits, MOST_ROWS),
      routes: left(routes, MOST_ROWS),
      blocks: records.length - chosen.length,
    },
  };
}
