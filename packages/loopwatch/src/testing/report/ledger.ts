/** What has become of the tests of a process: in the report, and at the end of each file on stderr. */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { hintOf } from '../../shared/advice/hint.js';
import { messageOf } from '../../shared/errors.js';
import { notice, writeToStderr } from '../../shared/notice.js';
import type { BlockRecord } from '../../shared/record/record.js';
import { sourceContext } from '../../shared/sources/source-file.js';
import type { GateSettings } from '../verdict/settings.js';
import {
  annotation,
  type BlockedBy,
  keyOf,
  REPORT_SCHEMA,
  Report,
  type Result,
  tableOf,
} from './results.js';

/** A test, or without a name its file, and what was agreed for it. */
interface Entry {
  readonly name: string | null;
  readonly file: string | null;
  readonly limitMs: number;
  /** Why it may block, or null. */
  readonly allowed: string | null;
}

/** By a record of the watchdog, or by a server's answer. */
export type Culpable =
  | { readonly record: BlockRecord; readonly blockedMs: number }
  | { readonly request: string; readonly blockedMs: number };

/** What has become of a test. */
export type Outcome =
  | { readonly verdict: 'clean' }
  /** The tests' own before those of servers, the heaviest of each first. */
  | { readonly verdict: 'blocked'; readonly blocks: readonly Culpable[] }
  | { readonly verdict: 'unmeasured'; readonly reason: string; readonly fails: boolean };

/** Where the run was started; a test may change its directory. */
const home = process.cwd();

/** A path as people write it. */
function shown(file: string | null): string | null {
  if (file === null) return null;
  const short = relative(home, file);
  return (short.startsWith('..') ? file : short).replaceAll('\\', '/');
}

const NOBODY = { function: null, file: null, line: null, package: null } as const;

function serverBy(request: string): BlockedBy {
  return { ...NOBODY, request, cause: null, hint: null };
}

function blockedBy(block: Culpable): BlockedBy {
  if ('request' in block) return serverBy(block.request);
  const { record } = block;
  const { culprit, cause } = record;
  const { function: name = null, file = null, line = null, package: from = null } = culprit ?? {};
  return {
    request: null,
    function: name,
    file: shown(file),
    line,
    package: from,
    cause,
    hint: hintOf(record, sourceContext),
  };
}

function baselineFrom(file: string): ReadonlySet<string> {
  try {
    const keys = JSON.parse(readFileSync(file, 'utf8')) as unknown;
    if (Array.isArray(keys) && keys.every((key) => typeof key === 'string')) return new Set(keys);
    notice(`the baseline ${file} is no list of texts; nothing is known`);
  } catch (error) {
    notice(`the baseline can't be read: ${messageOf(error)}`);
  }
  return new Set();
}

/** Keeps the results of a file of tests until its end. */
export class Ledger {
  readonly #report: Report;
  readonly #known: ReadonlySet<string>;
  #results: Result[] = [];
  #run = '';
  #runs = 0;

  constructor({ report, baseline }: GateSettings) {
    this.#report = new Report(report);
    this.#known = baseline === null ? new Set() : baselineFrom(baseline);
  }

  begin(runner: string): void {
    this.#run = `${process.pid}-${++this.#runs}`;
    this.#report.write({ type: 'begin', schema: REPORT_SCHEMA, run: this.#run, runner });
  }

  /**
   * @returns the index of the block that the test may not pass for: the first that is not known; else
   *   null
   */
  add({ name, file, limitMs, allowed }: Entry, outcome: Outcome): number | null {
    const entry = { type: 'test', file: shown(file), test: name, limitMs } as const;
    const nothing = { reason: null, fails: false, blockedMs: 0, by: null };
    if (outcome.verdict !== 'blocked') {
      this.#write({ ...entry, ...nothing, ...outcome });
      return null;
    }
    const all = outcome.blocks.map((block) => ({
      by: blockedBy(block),
      blockedMs: block.blockedMs,
    }));
    const isNew = ({ by }: { by: BlockedBy }) => !this.#known.has(keyOf({ ...entry, by }));
    const fresh = allowed === null ? all.findIndex(isNew) : -1;
    const at = Math.max(0, fresh);
    const [{ by, blockedMs } = { by: null, blockedMs: 0 }] = all.slice(at);
    const also = all.filter((_, index) => index !== at).map((one) => one.by);
    this.#write({
      ...{ ...entry, by, blockedMs: Math.round(blockedMs * 10) / 10 },
      ...(also.length === 0 ? {} : { also }),
      ...{ verdict: allowed === null ? 'blocked' : 'clean', reason: allowed, fails: fresh >= 0 },
    });
    return fresh >= 0 ? fresh : null;
  }

  #write(result: Result): void {
    this.#results.push(result);
    this.#report.write({ ...result, run: this.#run });
  }

  /** @param problem why the results prove nothing, or null */
  end(problem: string | null): void {
    this.#summarize();
    this.#report.write({ type: 'end', run: this.#run, problem });
    this.#results = [];
  }

  #summarize(): void {
    const odd = this.#results.filter(({ verdict }) => verdict !== 'clean');
    if (odd.length === 0) return;
    const inActions = process.env.GITHUB_ACTIONS === 'true';
    const annotations = inActions ? odd.map((one) => `${annotation(one)}\n`) : [];
    writeToStderr(`loopwatch:\n${tableOf(odd)}${annotations.join('')}`);
  }
}
