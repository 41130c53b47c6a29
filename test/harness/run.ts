/** Starts real Node processes, watches what they say, and makes sure that they end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { basename, join } from 'node:path';
import { cleanEnvironment } from './environment.js';
import { makeFolder, removeFolder, type Scope } from './folder.js';
import { node, programsFolder } from './places.js';
import { byImport, type Preload } from './preload.js';
import { DEADLINE_MS, until } from './until.js';
import { waitingFor } from './waits.js';

export interface RunOptions {
  /** Default: `--import loopwatch/register`. */
  readonly preload?: Preload;
  /** Flags of the interpreter besides those of the preload, after them. */
  readonly flags?: readonly string[];
  /** Added to a clean environment with a journal of its own. Undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Default: test/programs. */
  readonly cwd?: string;
  /** After this long the process is killed and the run fails. */
  readonly deadlineMs?: number;
  /** Run as another user (root only). */
  readonly uid?: number;
}

/** What a process leaves behind. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The journal folder it was given, which exists until the test ends. */
  readonly journalDir: string;
  /**
   * From the last output on stdout to the end of the process. When that output was the program says by
   * `left at <ms since 1970>`; without that it is when it came here, on a busy machine too late.
   */
  readonly silentMs: number;
}

/** A process that runs, or ran. */
export class Running {
  readonly journalDir: string;
  /** Settles with the end of the process; rejects when it had to be killed at the deadline. */
  readonly ended: Promise<Ended>;
  stdout = '';
  stderr = '';
  readonly #child: ChildProcess;
  /** The program's file, without its folder. */
  readonly #name: string;
  readonly #folder: string;
  readonly #closed: Promise<void>;
  #isOver = false;
  #stdoutAtMs = performance.now();
  #exitAtMs = 0;

  constructor(args: readonly string[], options: RunOptions) {
    const { preload = byImport(), flags = [], env = {}, cwd = programsFolder, uid } = options;
    const { deadlineMs = DEADLINE_MS } = options;
    this.#folder = makeFolder();
    this.journalDir = env.LOOPWATCH_JOURNAL_DIR ?? join(this.#folder, 'journal');
    this.#name = basename(args.find((arg) => /\.[cm]?[jt]s$/.test(arg)) ?? 'node');
    const { nodeOptions } = preload;
    this.#child = spawn(node, [...preload.flags, ...flags, ...args], {
      cwd,
      env: cleanEnvironment({
        LOOPWATCH_JOURNAL_DIR: this.journalDir,
        // It is installed here; what there is without it is to be seen, too.
        LOOPWATCH_PROFILER: 'off',
        ...(nodeOptions === undefined ? {} : { NODE_OPTIONS: nodeOptions }),
        ...env,
      }),
      stdio: ['pipe', 'pipe', 'pipe'],
      // A process group of its own, so that its children can be ended with it.
      detached: true,
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
    standBack(this.#child.pid);
    const { stdin, stdout, stderr } = this.#child;
    stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
      this.#stdoutAtMs = performance.now();
    });
    stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    // It may be gone before it has read what was written.
    stdin?.on('error', () => {});
    this.#child.on('exit', () => {
      this.#exitAtMs = performance.now();
    });
    this.#closed = new Promise((resolve) => {
      this.#child.on('close', () => resolve());
      this.#child.on('error', () => resolve());
    });
    this.ended = this.#end(args, deadlineMs);
    // Whoever starts a process need not wait for it: the test's end does.
    this.ended.catch(() => {});
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error(`${node} could not be started`);
    return pid;
  }

  /** True once the process has ended and all its output is here. */
  get isOver(): boolean {
    return this.#isOver;
  }

  async #end(args: readonly string[], deadlineMs: number): Promise<Ended> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#killAll();
    }, deadlineMs);
    await this.#closed;
    clearTimeout(timer);
    this.#isOver = true;
    if (late) {
      throw new Error(`killed after ${deadlineMs} ms: node ${args.join(' ')}\n${this.shown()}`);
    }
    return {
      code: this.#child.exitCode,
      signal: this.#child.signalCode,
      stdout: this.stdout,
      stderr: this.stderr,
      journalDir: this.journalDir,
      silentMs: this.#silentMs(),
    };
  }

  #silentMs(): number {
    const [, leftAtMs] = /^left at (\S+)$/m.exec(this.stdout) ?? [];
    if (leftAtMs === undefined) return this.#exitAtMs - this.#stdoutAtMs;
    return performance.timeOrigin + this.#exitAtMs - Number(leftAtMs);
  }

  /** What it said so far, for errors. */
  shown(): string {
    const { exitCode, signalCode } = this.#child;
    const end = this.#isOver ? `ended with ${signalCode ?? exitCode}` : 'still runs';
    return `${end}\nstdout:\n${this.stdout}\nstderr:\n${this.stderr}`;
  }

  /** Sends a signal to the process itself. */
  signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }

  /** Writes a line to its standard input. */
  tell(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** Ends its standard input, which is how the programs that stay up are asked to end. */
  endInput(): Promise<Ended> {
    this.#child.stdin?.end();
    return waitingFor(`the end of ${this.#name}`, () => this.ended);
  }

  /** Waits for something in what it writes; fails at once when it ends without that. */
  async says(stream: 'stdout' | 'stderr', pattern: RegExp): Promise<RegExpExecArray> {
    return until(
      `${pattern} on ${stream}`,
      () => {
        const over = this.#isOver;
        const found = pattern.exec(this[stream]);
        if (found === null && over) throw new Error(`no ${pattern} on ${stream}; ${this.shown()}`);
        return found ?? undefined;
      },
      { seen: () => this.shown() },
    );
  }

  #killAll(): void {
    if (this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, 'SIGKILL');
    } catch {
      // Nobody of the group is left.
    }
  }

  /** Ends whatever is left of it, and its folder. */
  async reap(): Promise<void> {
    this.#killAll();
    await this.#closed;
    removeFolder(this.#folder);
  }
}

/**
 * Gives a process that was started `detached` the niceness that we run with. It is in a session of its own,
 * and where the kernel groups processes by session, it shares the CPUs among these groups: niceness counts
 * only within one (sched(7), "The autogroup feature").
 */
function standBack(pid: number | undefined): void {
  const niceness = getPriority();
  if (pid === undefined || niceness === 0) return;
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(niceness));
  } catch {
    // No such groups here, or the process is gone already.
  }
}

/** Starts the interpreter under test; the end of the test is the end of the process. */
export function start(scope: Scope, args: readonly string[], options: RunOptions = {}): Running {
  const running = new Running(args, options);
  scope.after(() => running.reap());
  return running;
}

/** Starts it, ends its standard input, and waits for its end. */
export function run(
  scope: Scope,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Ended> {
  return start(scope, args, options).endInput();
}
