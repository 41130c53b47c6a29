/** What `loopwatch check FILE` says of the report of a test run. */
import {
  annotation,
  keysOf,
  type Line,
  parseReport,
  type Result,
  tableOf,
  tally,
} from './results.js';

/** 0: clean. 1: blocked. 2: unusable, that is, the report does not prove anything. */
export interface Checked {
  readonly exitCode: 0 | 1 | 2;
  /** For people, ending in a newline. */
  readonly text: string;
}

export interface CheckOptions {
  /** Whether to mark the blocks in the files of a pull request. Default: where GITHUB_ACTIONS is set. */
  readonly annotations?: boolean;
}

/** Why the lines prove nothing, or null. */
function problemOf(lines: readonly Line[], results: readonly Result[]): string | null {
  const begun = lines.filter(({ type }) => type === 'begin').map(({ run }) => run);
  if (begun.length === 0) return 'no run of tests has begun';
  const ended = new Set(lines.filter(({ type }) => type === 'end').map(({ run }) => run));
  if (begun.some((run) => !ended.has(run)))
    return 'a process that ran tests did not come to its end';
  for (const line of lines) if (line.type === 'end' && line.problem !== null) return line.problem;
  if (results.length === 0) return 'no test was measured';
  const unwatched = results.find(({ verdict, fails }) => verdict === 'unmeasured' && fails);
  if (unwatched !== undefined) return unwatched.reason ?? 'a test was not watched';
  const all = results.every(({ verdict }) => verdict === 'unmeasured');
  return all ? 'no test could be measured' : null;
}

/** Judges a report: pure but for the default of its option. */
export function check(text: string, options: CheckOptions = {}): Checked {
  const parsed = parseReport(text);
  if ('problem' in parsed) return { exitCode: 2, text: `unusable: ${parsed.problem}\n` };
  const results = parsed.lines.filter((line) => line.type === 'test');
  const problem = problemOf(parsed.lines, results);
  const { annotations = process.env.GITHUB_ACTIONS === 'true' } = options;
  const marked = annotations
    ? results.filter(({ fails, verdict }) => fails || verdict === 'unmeasured')
    : [];
  const said = [
    tableOf(results),
    ...marked.map((result) => `${annotation(result)}\n`),
    `${tally(results)}\n`,
    ...(problem === null ? [] : [`unusable: ${problem}\n`]),
  ].join('');
  const blocked = results.some(({ verdict, fails }) => verdict === 'blocked' && fails);
  if (blocked) return { exitCode: 1, text: said };
  return { exitCode: problem === null ? 0 : 2, text: said };
}

/** The baseline that knows the blocks of a report: JSON, sorted, for the repository. */
export function baselineOf(text: string): string {
  const parsed = parseReport(text);
  if ('problem' in parsed) throw new Error(parsed.problem);
  const keys = parsed.lines.flatMap((line) =>
    line.type === 'test' && line.verdict === 'blocked' ? keysOf(line) : [],
  );
  return `${JSON.stringify([...new Set(keys)].sort(), null, 2)}\n`;
}
