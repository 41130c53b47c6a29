/** The lines of the report of a test run, in the order in which they are written. */
import { appendFileSync } from 'node:fs';
import { messageOf } from '../../shared/errors.js';
import { notice } from '../../shared/notice.js';
import type { Cause } from '../../shared/record/record.js';

/** The schema number of the lines. */
export const REPORT_SCHEMA = 1;

type Verdict = 'clean' | 'blocked' | 'unmeasured';

/** What blocked, for people and tools. */
export interface BlockedBy {
  /** The request that has blocked its server, by what that has answered; null for a block of the tests' own. */
  readonly request: string | null;
  readonly function: string | null;
  /** Relative to the directory of the run, where it is under it. */
  readonly file: string | null;
  readonly line: number | null;
  readonly package: string | null;
  /** Null for a request: its server's own report has it. */
  readonly cause: Cause | null;
  readonly hint: string | null;
}

/** What is said of one run of a test, or, without a name, of its file. */
export interface Result {
  readonly type: 'test';
  /** Relative to the directory of the run, where it is under it. */
  readonly file: string | null;
  /** Its suites and its name, or null for what no test can be blamed for. */
  readonly test: string | null;
  readonly verdict: Verdict;
  /** Why it is unmeasured, or why it may block. */
  readonly reason: string | null;
  /** Whether it may not end well: a new block, or a run that nobody watched. */
  readonly fails: boolean;
  readonly limitMs: number;
  /** The longest block within the time that counts, in ms; 0 without one. */
  readonly blockedMs: number;
  readonly by: BlockedBy | null;
  /** What else blocked for longer than the limit. */
  readonly also?: readonly BlockedBy[];
}

export type Line =
  | {
      readonly type: 'begin';
      readonly schema: number;
      readonly run: string;
      readonly runner: string;
    }
  | (Result & { readonly run: string })
  | { readonly type: 'end'; readonly run: string; readonly problem: string | null };

type Parsed = { readonly lines: Line[] } | { readonly problem: string };

/** Reads the lines of a report, or says what is wrong with it. */
export function parseReport(text: string): Parsed {
  const lines: Line[] = [];
  for (const [index, json] of text.split('\n').entries()) {
    if (json.trim() === '') continue;
    let line: Line;
    try {
      line = JSON.parse(json) as Line;
    } catch {
      return { problem: `line ${index + 1} is no JSON` };
    }
    if (line === null || !['begin', 'test', 'end'].includes(line.type)) {
      return { problem: `line ${index + 1} is not of a report of loopwatch` };
    }
    if (line.type === 'begin' && line.schema !== REPORT_SCHEMA) {
      return { problem: `line ${index + 1} has schema ${line.schema}, not ${REPORT_SCHEMA}` };
    }
    lines.push(line);
  }
  return { lines };
}

/** Writes the report, if one is wanted; many processes may write into one file. */
export class Report {
  readonly #file: string | null;

  constructor(file: string | null) {
    this.#file = file;
  }

  write(line: Line): void {
    if (this.#file === null) return;
    try {
      // One write, which O_APPEND puts behind those of others.
      appendFileSync(this.#file, `${JSON.stringify(line)}\n`);
    } catch (error) {
      notice(`the report of the tests can't be written: ${messageOf(error)}`);
    }
  }
}

/** With the parts of the path that may be another next time: numbers, UUIDs, hashes, tokens. */
function maskedRequest({ request }: BlockedBy): string | null {
  return request?.replace(/\/(?=[^/]*\d)[^/]+/g, '/*') ?? null;
}

/** What a blocked test and its culprit are known by in a baseline; lines move, functions stay. */
export function keyOf({ file, test, by }: Pick<Result, 'file' | 'test' | 'by'>): string {
  const culprit =
    by === null ? '' : (maskedRequest(by) ?? `${by.function ?? '(anonymous)'} (${by.file ?? '?'})`);
  return [file ?? '?', test ?? '(file)', culprit].join(' › ');
}

/** The keys of all that blocked. */
export function keysOf({ file, test, by, also = [] }: Result): string[] {
  return [by, ...also].map((one) => keyOf({ file, test, by: one }));
}

/** Commands of GitHub's runners take these characters escaped (actions/toolkit, command.ts). */
function escaped(text: string, more: RegExp = /[%\r\n]/g): string {
  const codes: Record<string, string> = {
    '%': '%25',
    '\r': '%0D',
    '\n': '%0A',
    ':': '%3A',
    ',': '%2C',
  };
  return text.replace(more, (character) => codes[character] as string);
}

/** The line that marks a block in the files of a pull request. */
export function annotation({
  test,
  file,
  by,
  blockedMs,
  limitMs,
  verdict,
  reason,
}: Result): string {
  const level = verdict === 'blocked' ? 'error' : 'warning';
  const property = (value: string) => escaped(value, /[%\r\n:,]/g);
  const at = by?.file != null ? `file=${property(by.file)},line=${by.line ?? 1},` : '';
  const name = test ?? file ?? 'the tests';
  const whose = by?.request == null ? 'the' : `its server's`;
  const text =
    verdict === 'blocked'
      ? `${name} blocked ${whose} event loop for ${Math.round(blockedMs)} ms (limit ${limitMs} ms)`
      : `${name} is unmeasured: ${reason}`;
  const hint = by?.hint == null ? '' : `\n${by.hint}`;
  return `::${level} ${at}title=loopwatch::${escaped(text + hint)}`;
}

/** `render (src/report.ts:88)`, `GET /report/7 (its server)`; code that was made of a text has no file. */
export function culpritText({ request, function: name, file, line }: BlockedBy): string {
  if (request != null) return `${request} (its server)`;
  const who = name ?? '(anonymous)';
  return file === null ? who : `${who} (${file}:${line})`;
}

/** The table of what is not clean; empty where everything is. */
export function tableOf(results: readonly Result[]): string {
  const rows = results
    .filter(({ verdict }) => verdict !== 'clean')
    .map(({ verdict, fails, test, file, blockedMs, by, reason }) => [
      verdict === 'blocked' && !fails ? 'known' : verdict,
      blockedMs > 0 ? `${Math.round(blockedMs)} ms` : '',
      [file, test].filter((part) => part !== null).join(' › '),
      by === null ? (reason ?? '') : culpritText(by),
    ]);
  if (rows.length === 0) return '';
  const all = [['verdict', 'blocked', 'test', 'by'], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return `${all.map(line).join('\n')}\n`;
}

/** `12 tests clean, 1 blocked, 0 unmeasured`. */
export function tally(results: readonly Result[]): string {
  const count = (one: Verdict) => results.filter(({ verdict }) => verdict === one).length;
  const clean = count('clean');
  const tests = clean === 1 ? 'test' : 'tests';
  return `${clean} ${tests} clean, ${count('blocked')} blocked, ${count('unmeasured')} unmeasured`;
}
