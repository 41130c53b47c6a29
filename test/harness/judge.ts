/** Whether loopwatch told the truth about a scenario of the corpus: the same for tests and counts. */
import { fileURLToPath } from 'node:url';
import type { BlockRecord } from 'loopwatch';
import type { Outcome } from './attempt.js';
import { markedLines } from './markers.js';
import { programPath } from './places.js';
import type { Scenario, Truth } from './scenario.js';

/** The default beat, and how much later than due a timer may be on a busy machine. */
const BEAT_MS = 20;
const NOISE_MS = 10;

/** pino's level of a block that is reported; one of a start is only information. */
const WARN = 40;

/**
 * How a culprit is right: `exact` names the function and the line, `labelled` says honestly that it
 * is not that precise.
 */
type Rightness = 'exact' | 'labelled' | 'wrong';

/** What was found wrong, by what it means for whoever gets the reports. */
interface Finding {
  readonly what: 'missed' | 'false' | 'wrong';
  readonly text: string;
}

/** What the outcome has to show: reports of the log, or of a journal that nobody collected. */
function recordsOf({ block }: Scenario, { reports, journal }: Outcome): BlockRecord[] {
  const logged = reports
    .filter(({ level }) => level >= WARN || block?.startup === true)
    .map((report) => report.block);
  if (block?.found !== 'journal') return logged;
  // A file that is still there although its report was delivered is the same report.
  const ids = new Set(logged.map(({ id }) => id));
  return [...logged, ...journal.filter(({ id }) => !ids.has(id))];
}

/** A culprit's file against one under test/programs, or a copy of it in a node_modules folder. */
function isFile(found: string | null, wanted: string): boolean {
  if (found === null) return false;
  const path = found.startsWith('file:') ? fileURLToPath(found) : found;
  if (path === programPath(wanted)) return true;
  const [, dependency] = wanted.split('/deps/');
  return dependency !== undefined && path.endsWith(`/node_modules/${dependency}`);
}

/** How the culprit of a record is right. */
function rightness({ program }: Scenario, truth: Truth, record: BlockRecord): Rightness {
  const { culprit } = record;
  const precision = culprit?.precision ?? 'none';
  if (!truth.precisions.includes(precision)) return 'wrong';
  // Nothing may be blamed by somebody who says that nothing could be.
  if (precision === 'none') return culprit?.file == null ? 'labelled' : 'wrong';
  const file = truth.file ?? program;
  if (culprit === null || !isFile(culprit.file, file)) return 'wrong';
  if ((culprit.package ?? undefined) !== truth.package) return 'wrong';
  if (truth.functions.includes(culprit.function)) {
    if (markedLines(file, truth.marker).includes(culprit.line ?? 0)) return 'exact';
    return precision === 'caller' ? 'labelled' : 'wrong';
  }
  const calls = truth.callers?.includes(culprit.function) ?? false;
  return calls && precision === 'caller' ? 'labelled' : 'wrong';
}

/** By how much a duration differs from the truth, in ms; null when the truth is not known. */
function durationError(scenario: Scenario, outcome: Outcome): number | null {
  const [record] = recordsOf(scenario, outcome);
  const { measuredMs } = outcome;
  const isKnown = scenario.block !== undefined && scenario.block.durationMs === undefined;
  if (!isKnown || record === undefined || measuredMs === null) return null;
  return record.durationMs - measuredMs;
}

function shown({ culprit, samples }: BlockRecord): string {
  const { function: name, file, line, precision, package: inside } = culprit ?? {};
  const stacks = samples.stacks
    .slice(0, 3)
    .map(({ count, frames }) => `${count}x ${frames.map((frame) => frame.function).join('<')}`);
  const blamed = culprit === null ? 'nothing' : `${name} ${file}:${line} ${inside ?? ''}`;
  return `${blamed} (${precision ?? 'none'}), from ${stacks.join(' | ')}`;
}

function wrongDuration(truth: Truth, record: BlockRecord, measuredMs: number | null): string[] {
  const { durationMs } = record;
  if (truth.durationMs !== undefined) {
    const [least, most] = truth.durationMs;
    if (durationMs >= least && durationMs <= most) return [];
    return [`lasted ${durationMs} ms, not ${least} to ${most}`];
  }
  if (measuredMs === null) return ['the program measured nothing'];
  const tolerance = BEAT_MS + NOISE_MS + (truth.toleranceMs ?? 0);
  if (Math.abs(durationMs - measuredMs) <= tolerance) return [];
  return [`lasted ${durationMs} ms, measured ${measuredMs} ms`];
}

function wrongRequest(truth: Truth, { request, delayed }: BlockRecord): string[] {
  const path = truth.request?.path ?? null;
  const requests = truth.request?.delayed ?? 0;
  const wrong: string[] = [];
  if ((request?.path ?? null) !== path) wrong.push(`request ${request?.path}, not ${path}`);
  if ((delayed?.requests ?? 0) !== requests) {
    wrong.push(`${delayed?.requests ?? 0} requests delayed, not ${requests}`);
  }
  return wrong;
}

function wrongRecord(scenario: Scenario, truth: Truth, record: BlockRecord, outcome: Outcome) {
  const wrong: string[] = [];
  const { kind = 'block', causes, invoker, thread } = truth;
  if (rightness(scenario, truth, record) === 'wrong') wrong.push(`blames ${shown(record)}`);
  if (!causes.includes(record.cause)) wrong.push(`cause ${record.cause}, not ${causes.join('/')}`);
  if (record.kind !== kind) wrong.push(`kind ${record.kind}, not ${kind}`);
  if (invoker !== undefined && record.invoker !== invoker) {
    wrong.push(`invoker ${record.invoker}, not ${invoker}`);
  }
  const { id, name } = record.thread;
  if (thread === undefined ? id !== 0 : id === 0 || name !== thread) {
    wrong.push(`thread ${id} '${name}', not ${thread ?? 'the main thread'}`);
  }
  return [
    ...wrong,
    ...wrongDuration(truth, record, outcome.measuredMs),
    ...wrongRequest(truth, record),
  ];
}

function wrongEnd({ ends }: Scenario, { ended: { code, signal, stderr } }: Outcome): string[] {
  const expected = ends?.signal ?? ends?.code ?? 0;
  if ((signal ?? code) === expected) return [];
  return [`ended with ${signal ?? code}, not ${expected}: ${stderr}`];
}

function missedReason({ reason }: Scenario, { counts }: Outcome): string[] {
  if (reason === undefined || (counts?.[reason] ?? 0) > 0) return [];
  return [`no '${reason}' among ${JSON.stringify(counts)}`];
}

function wrongReasons({ only }: Scenario, { counts }: Outcome): string[] {
  if (counts === null) return ['the program said no counts'];
  const others = Object.keys(counts).filter((one) => only?.every((known) => known !== one));
  return others.map((one) => `counted as ${one}, not ${only?.join('/')}`);
}

/** Everything that is wrong with an outcome. */
function findings(scenario: Scenario, outcome: Outcome): Finding[] {
  const { block } = scenario;
  const [record, ...more] = recordsOf(scenario, outcome);
  const found: Finding[] = [];
  const add = (what: Finding['what'], texts: readonly string[]) => {
    for (const text of texts) found.push({ what, text });
  };
  add('wrong', wrongEnd(scenario, outcome));
  if (block === undefined) {
    const all = record === undefined ? [] : [record, ...more];
    add(
      'false',
      all.map((one) => `${one.durationMs} ms reported: ${shown(one)}`),
    );
    add('missed', missedReason(scenario, outcome));
    add('wrong', wrongReasons(scenario, outcome));
    return found;
  }
  if (record === undefined) {
    const others = outcome.counts === null ? '' : `, ${JSON.stringify(outcome.counts)}`;
    add('missed', [`no report${others}`]);
  } else add('wrong', wrongRecord(scenario, block, record, outcome));
  add(
    'false',
    more.map((one) => `one more: ${one.kind} ${one.durationMs} ms, ${shown(one)}`),
  );
  return found;
}

interface Verdict {
  /** Everything that is wrong; nothing when all is as it is in truth. */
  readonly findings: readonly Finding[];
  /** How the culprit is right; null when no record had one to be right about. */
  readonly rightness: Rightness | null;
  /** By how many ms the duration is too long; null when the truth is not known. */
  readonly errorMs: number | null;
}

/** What is to be said about an outcome. */
export function verdict(scenario: Scenario, outcome: Outcome): Verdict {
  const { block } = scenario;
  const [record] = recordsOf(scenario, outcome);
  return {
    findings: findings(scenario, outcome),
    rightness: block && record ? rightness(scenario, block, record) : null,
    errorMs: durationError(scenario, outcome),
  };
}

/** What is wrong with an outcome, in words. */
export function judge(scenario: Scenario, outcome: Outcome): string[] {
  return verdict(scenario, outcome).findings.map(({ text }) => text);
}
