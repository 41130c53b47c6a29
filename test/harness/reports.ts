/** Reads what loopwatch writes: NDJSON among other output, or in a file of its own. */
import { existsSync, readFileSync } from 'node:fs';
import type { DeadClientReport } from '@loopwatch/dead-client';
import type { BlockRecord, UnconfirmedReason } from 'loopwatch';

/** One log line of loopwatch. */
export interface LogLine {
  readonly level: number;
  readonly time: number;
  readonly name: 'loopwatch';
  readonly msg: string;
  readonly block?: BlockRecord;
  readonly hint?: string;
  readonly deadClient?: DeadClientReport & Pick<BlockRecord, 'process'>;
  readonly unconfirmed?: { readonly reason: UnconfirmedReason; readonly durationMs: number };
}

/** A log line with a block in it. */
export type Report = LogLine & { readonly block: BlockRecord };

function parsed(line: string): LogLine | null {
  if (!line.startsWith('{')) return null;
  try {
    const value = JSON.parse(line) as Partial<LogLine>;
    return value.name === 'loopwatch' ? (value as LogLine) : null;
  } catch {
    return null;
  }
}

/** Output, split into loopwatch's JSON lines and everything else, which is left as it was. */
export function separate(text: string): { lines: LogLine[]; rest: string } {
  const lines: LogLine[] = [];
  const rest = text.split('\n').filter((line) => {
    const logLine = parsed(line);
    if (logLine !== null) lines.push(logLine);
    return logLine === null;
  });
  return { lines, rest: rest.join('\n') };
}

function withBlock(lines: readonly LogLine[]): Report[] {
  return lines.filter((line): line is Report => line.block !== undefined);
}

/** The reports in what a program wrote to stderr. */
export function reportsIn(stderr: string): Report[] {
  return withBlock(separate(stderr).lines);
}

/** The log lines in a file, none when it is not there yet. */
export function logFile(path: string): LogLine[] {
  return existsSync(path) ? separate(readFileSync(path, 'utf8')).lines : [];
}

/** The reports in a log file, none when it is not there yet. */
export function reportsFrom(path: string): Report[] {
  return withBlock(logFile(path));
}
