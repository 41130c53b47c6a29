#!/usr/bin/env node
/** The command line: which commands there are, and what they take. */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { messageOf } from '../shared/errors.js';
import { LEAST_SECONDS, parseSeconds } from '../shared/record/captures.js';
import { VERSION } from '../shared/version.js';
import { attach, detach } from './commands/attach.js';
import { heap, type ProfileOptions, profile } from './commands/captures.js';
import { checkReport } from './commands/check.js';
import { closeInspectorOf } from './commands/close-inspector.js';
import { doctor } from './commands/doctor.js';
import { FORMATS, type ReportOptions, report } from './commands/report.js';
import { run } from './commands/run.js';
import { type StackOptions, stack } from './commands/stack.js';
import { parseConditions } from './report/fail-on.js';
import { CLOSE_COMMAND } from './target/close.js';
import { parseDuration } from './terminal/duration.js';
import { Exit, Unusable } from './terminal/outcome.js';
import { Output } from './terminal/output.js';

const DEFAULT_TIMEOUT_MS = 10_000;

/** The largest that Linux knows. */
const MOST_PID = 4_194_304;

function parsePid(text: string): number {
  const pid = Number(text);
  if (/^\d+$/.test(text) && pid > 0 && pid <= MOST_PID) return pid;
  throw new InvalidArgumentError('Give the number of a process, as ps and pgrep show it.');
}

/** As `captureCpuProfile` of `@loopwatch/profiler` takes them. */
const MOST_SECONDS = 600;

function seconds(text: string): number {
  const found = parseSeconds(text, MOST_SECONDS);
  if (found !== null) return found;
  const rule = `Give a number of seconds from ${LEAST_SECONDS} to ${MOST_SECONDS}.`;
  throw new InvalidArgumentError(rule);
}

/** What a command's action gives is the exit code. */
function ends<A extends unknown[]>(action: (...args: A) => Promise<number>) {
  return async (...args: A): Promise<void> => {
    process.exitCode = await action(...args);
  };
}

function timeout(): Option {
  return new Option('-t, --timeout <time>', 'wait that long for an answer')
    .argParser(parseDuration)
    .default(DEFAULT_TIMEOUT_MS, '10s');
}

function json(): Option {
  return new Option('--json', 'the result as JSON');
}

function output(): Option {
  return new Option('-o, --output <file>', 'where it goes, else a file here; - is stdout');
}

const NO_ANSWER = '\nExit code 1: the process did not answer in time; nothing was written.';

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

const program = new Command('loopwatch')
  .description('Tells which line of code, in which request, froze the Node.js event loop.')
  .version(VERSION)
  .enablePositionalOptions()
  .addHelpText(
    'after',
    `
Results are on stdout, words on stderr. Exit codes: 0 done; 1 done, and found something, or done in
part, as each command's help says; 2 not done: a mistake, or a process that can't be reached.`,
  )
  .exitOverride();

program
  .command('run')
  .description('Runs a command with every Node.js process of it watched, and sums up at its end')
  .argument('<command...>', 'the command with its arguments, after --')
  .option('--summary <file>', 'write the summary there, as JSON')
  .option('-q, --quiet', 'say nothing at the end')
  .option('--json', "the summary as one line of JSON, on stderr: stdout is the command's")
  .passThroughOptions()
  .addHelpText('after', '\nEnds as the command does: with its exit code, or by its signal.')
  .action(ends(run));

program
  .command('stack')
  .description('Shows what a running process does right now: the stacks of all its threads')
  .argument('<pid>', 'the process', parsePid)
  .option('-w, --watch [every]', 'repeat until interrupted, every 2 s or as said', parseDuration)
  .option('-f, --for <time>', 'sample for that long, and show where the time went', parseDuration)
  .addOption(timeout())
  .addOption(json())
  .addHelpText(
    'after',
    '\nExit code 1: the process did not answer in time; what the kernel says of it is said.',
  )
  .action(ends((pid: number, options: StackOptions) => stack(pid, options)));

program
  .command('attach')
  .description('Puts the watchdog into a running process, without a restart')
  .argument('<pid>', 'the process', parsePid)
  .option('-o, --option <name=value>', 'an option of the watch; may be repeated', collect, [])
  .addOption(timeout())
  .addOption(json())
  .addHelpText(
    'after',
    '\nLOOPWATCH_* variables are options, too. Exit code 1: the process did not answer in time.',
  )
  .action(ends(attach));

program
  .command('detach')
  .description('Ends the watch of a process, and leaves nothing of it behind')
  .argument('<pid>', 'the process', parsePid)
  .addOption(timeout())
  .addOption(json())
  .addHelpText(
    'after',
    '\nExit code 1: the process did not answer in time; told so, it stops when its loop turns.',
  )
  .action(ends(detach));

program
  .command('profile')
  .description('Records a CPU profile of a running process, for DevTools, VS Code or speedscope')
  .argument('<pid>', 'the process', parsePid)
  .addOption(new Option('-s, --seconds <seconds>', 'for how long').argParser(seconds).default(5))
  .addOption(output())
  .addOption(timeout())
  .addOption(json())
  .addHelpText('after', NO_ANSWER)
  .action(ends((pid: number, options: ProfileOptions) => profile(pid, options)));

program
  .command('heap')
  .description('Writes a snapshot of the heap of a running process, which stands still meanwhile')
  .argument('<pid>', 'the process', parsePid)
  .addOption(output())
  .addOption(timeout())
  .addOption(json())
  .addHelpText('after', NO_ANSWER)
  .action(ends(heap));

program
  .command('report')
  .description('Draws a log or a journal: one HTML file with timeline, flame graphs and advice')
  .argument('[path]', 'a log (NDJSON), a folder, or - for stdin; else the journal')
  .option('-o, --output <file>', 'where it goes; - is stdout')
  .addOption(
    new Option('-f, --format <format>', 'the page, or its stacks for other tools')
      .choices(FORMATS)
      .default('html'),
  )
  .addOption(
    new Option(
      '--fail-on <what>',
      'exit with 1 if there are blocks, hangs, unconfirmed, or a block as long as 500ms',
    ).argParser<ReturnType<typeof parseConditions>>(parseConditions),
  )
  .option('--json', 'the numbers as JSON; a file is written only with -o')
  .addHelpText('after', '\nExit code 1: something that --fail-on names was found.')
  .action(ends((path: string | undefined, options: ReportOptions) => report(path, options)));

program
  .command('doctor')
  .description('Says what works here')
  .addOption(json())
  .addHelpText('after', '\nExit code 1: something that loopwatch needs does not work.')
  .action(ends(doctor));

program
  .command('check')
  .description('Says what the report of a run of tests under the gate proves')
  .argument('<file>', 'the report: LOOPWATCH_TEST_REPORT of the run')
  .option('--junit <file>', 'write it there as JUnit XML')
  .option('--write-baseline <file>', 'write the blocks there, for LOOPWATCH_TEST_BASELINE')
  .addHelpText('after', '\nExit code 1: a test blocked the loop. 2: the report proves nothing.')
  .action(ends(checkReport));

program
  .command(CLOSE_COMMAND, { hidden: true })
  .argument('<pid>', 'the process', parsePid)
  .action(ends((pid: number) => closeInspectorOf(pid)));

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? Exit.fine : Exit.unusable;
  } else {
    new Output().words(error instanceof Unusable ? error.message : messageOf(error));
    process.exitCode = Exit.unusable;
  }
}
