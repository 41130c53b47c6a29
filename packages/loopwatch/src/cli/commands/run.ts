/** `loopwatch run -- COMMAND`: a command watched, as if it had the preload, and summed up. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { nowMs } from '../../shared/clock.js';
import { codeOf, LoopwatchError, messageOf } from '../../shared/errors.js';
import { TALLY_VARIABLE } from '../../shared/journal/tally.js';
import { settingsFrom } from '../../shared/options/options.js';
import { summaryOf, summaryText } from '../run/summary.js';
import { readTally } from '../run/tally.js';
import { Unusable } from '../terminal/outcome.js';
import { Output } from '../terminal/output.js';

interface RunOptions {
  readonly json?: boolean;
  /** A file for the summary as JSON. */
  readonly summary?: string;
  readonly quiet?: boolean;
}

/** What shells answer for a command that is not there, and for one that can't be run. */
const NOT_FOUND = 127;
const NOT_RUNNABLE = 126;

/** What a terminal sends to all of its foreground processes, the command included. */
const FROM_TERMINAL: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT'];

/** What is passed on always. */
const PASSED: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'];

/** As a URL, which has no spaces; this file is bundled into dist/cli/main.js. */
const REGISTER = new URL('../register.js', import.meta.url).href;

/** NODE_OPTIONS with the preload, after what is there. */
export function withPreload(nodeOptions: string | undefined): string {
  const preload = `--import ${REGISTER}`;
  if (nodeOptions === undefined || nodeOptions.trim() === '') return preload;
  return nodeOptions.includes(preload) ? nodeOptions : `${nodeOptions} ${preload}`;
}

/** Passes signals on to the command; its end decides about ours. */
function passSignals(child: ChildProcess): () => void {
  const pass = (signal: NodeJS.Signals) => {
    if (FROM_TERMINAL.includes(signal) && process.stdin.isTTY) return;
    child.kill(signal);
  };
  const signals = [...FROM_TERMINAL, ...PASSED];
  for (const signal of signals) process.on(signal, pass);
  return () => {
    for (const signal of signals) process.removeListener(signal, pass);
  };
}

interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

function endOf(child: ChildProcess, command: string): Promise<End> {
  return new Promise((resolve, reject) => {
    child.on('exit', (code, signal) => resolve({ code, signal }));
    child.on('error', (error) => {
      const isMissing = codeOf(error) === 'ENOENT';
      const why = isMissing ? `${command} is not there` : messageOf(error);
      new Output().words(why);
      if (child.pid === undefined)
        resolve({ code: isMissing ? NOT_FOUND : NOT_RUNNABLE, signal: null });
      else reject(error);
    });
  });
}

function journalDir(): string {
  try {
    return settingsFrom({}, process.env).journalDir;
  } catch (error) {
    // Now, and not from every process of the command.
    if (error instanceof LoopwatchError) throw new Unusable(error.message);
    throw error;
  }
}

function sumUp(file: string, journal: string, ranMs: number, options: RunOptions): void {
  const summary = summaryOf(readTally(file, journal), ranMs);
  const json = JSON.stringify(summary);
  if (options.summary !== undefined) writeFileSync(options.summary, `${json}\n`);
  if (options.quiet) return;
  // The command's own output is on stdout.
  if (options.json) process.stderr.write(`${json}\n`);
  else new Output().words(summaryText(summary));
}

/** Ends as the command did, which for a signal means by that signal. */
function endAs({ code, signal }: End): number {
  if (signal === null) return code ?? 1;
  process.kill(process.pid, signal);
  // Where that does not end us: as shells say it.
  return 128 + constants.signals[signal];
}

async function carriedOut(command: readonly string[], options: RunOptions): Promise<End> {
  const [file = '', ...args] = command;
  const journal = journalDir();
  const folder = mkdtempSync(join(tmpdir(), 'loopwatch-run-'));
  const tally = join(folder, 'tally.ndjson');
  const startedMs = nowMs();
  try {
    const env = {
      ...process.env,
      NODE_OPTIONS: withPreload(process.env.NODE_OPTIONS),
      [TALLY_VARIABLE]: tally,
    };
    const child = spawn(file, args, { stdio: 'inherit', env });
    const unpass = passSignals(child);
    const end = await endOf(child, file);
    unpass();
    if (child.pid !== undefined) sumUp(tally, journal, nowMs() - startedMs, options);
    return end;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export async function run(command: readonly string[], options: RunOptions): Promise<number> {
  return endAs(await carriedOut(command, options));
}
