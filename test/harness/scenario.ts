/** What a scenario of the corpus is: a program, what is done to it, and the truth about it. */
import type { Cause, Invoker, Kind, Precision, UnconfirmedReason } from 'loopwatch';
import type { Running } from './run.js';

export interface Scenario {
  readonly name: string;
  /** Under test/programs. */
  readonly program: string;
  /** Its arguments. The folder is an empty one. */
  readonly args?: (folder: string) => readonly string[];
  /** Flags of the interpreter. */
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Starts the program through another one under test/programs, which gets its command line. */
  readonly through?: string;
  /** What is done to the program while it runs. Its standard input ends afterwards. */
  readonly drive?: (running: Running) => Promise<unknown>;
  /** How the process ends, unless it is well. */
  readonly ends?: { readonly code?: number; readonly signal?: NodeJS.Signals };
  /** True when more than one CPU is used: others would disturb it, and it them. */
  readonly usesAllCpus?: boolean;
  /** True when hardly any CPU is used: such scenarios do not disturb each other. */
  readonly sleeps?: boolean;
  /** True for one that varies what another one, or test/kinds.test.ts, shows: `npm test` leaves it out. */
  readonly variant?: boolean;
  /** The one block that there is; without it there is none, and nothing may be reported. */
  readonly block?: Truth;
  /** Why a beat was late although nothing blocked. It has to be counted at least once. */
  readonly reason?: UnconfirmedReason;
  /** The reasons that may be counted. Default: all, since a busy machine makes beats late, too. */
  readonly only?: readonly UnconfirmedReason[];
}

/** What a scenario needs of the machine, which decides in which file it is a test. */
export type Part = 'sleeping' | 'quiet' | 'variant' | 'computing';

export function partOf({ sleeps, usesAllCpus, variant }: Scenario): Part {
  if (sleeps) return 'sleeping';
  if (usesAllCpus) return 'quiet';
  return variant ? 'variant' : 'computing';
}

/** What is true about a block, and how much of it must be found out. */
export interface Truth {
  /** The functions that blocked, innermost first; null for one without a name. */
  readonly functions: readonly (string | null)[];
  /** Those that called them, which a report with the precision 'caller' may name instead. */
  readonly callers?: readonly (string | null)[];
  /** Ends the lines that blocked. */
  readonly marker: string;
  /** Where they are, under test/programs. Default: the program. */
  readonly file?: string;
  readonly precisions: readonly Precision[];
  readonly causes: readonly Cause[];
  readonly kind?: Kind;
  readonly invoker?: Invoker;
  /** The package in node_modules that blocked. */
  readonly package?: string;
  /** Name of the worker thread that blocked. */
  readonly thread?: string;
  readonly request?: { readonly path: string; readonly delayed: number };
  /** Where the record is found. */
  readonly found?: 'log' | 'journal';
  /** True for a block while the main module loads. */
  readonly startup?: boolean;
  /** By how many ms more than usual the duration may differ from what the program measured. */
  readonly toleranceMs?: number;
  /** For blocks that are not measured to their end: how long they last at least, and at most. */
  readonly durationMs?: readonly [least: number, most: number];
}
