/** The block program: what it is started with, and what it says. */
import assert from 'node:assert/strict';
import { programPath } from './places.js';
import { type Report, separate } from './reports.js';
import type { Ended } from './run.js';

/** Settings of test/programs/block.mjs, which documents them. */
export interface BlockSettings {
  readonly kind?: BlockKind;
  readonly ms?: number;
  readonly delay?: number;
  readonly times?: number;
  readonly gap?: number;
  readonly chdir?: string;
  readonly end?: 'natural' | 'idle' | 'exit' | 'throw' | 'reject' | 'sigterm';
  readonly code?: number;
}

export type BlockKind =
  | 'busy'
  | 'regex'
  | 'sort'
  | 'json'
  | 'native'
  | 'exec'
  | 'wait'
  | 'microtasks'
  | 'ticks';

/**
 * A block of a watchdog that is up, and has time for a stack, also where tests that measure time have
 * nearly all of the CPU.
 */
export const unmissable = { kind: 'wait', ms: 1000, delay: 1500 } as const satisfies BlockSettings;

/** The program's settings as its arguments. */
export function blockArguments(settings: BlockSettings = {}): string[] {
  return Object.entries(settings).map(([name, value]) => `${name}=${value}`);
}

/** The command line that runs the program. */
export function blocking(settings: BlockSettings = {}): string[] {
  return [programPath('block.mjs'), ...blockArguments(settings)];
}

/** What a program that is given as text calls to block once its watchdog is up, see the file. */
export const onceUp = `require(${JSON.stringify(programPath('lib/watchdog-up.cjs'))}).onceUp`;

/** How long the blocks took, as the program measured them, in ms. */
export function measuredMs(stdout: string): number[] {
  return [...stdout.matchAll(/^measured (\S+)/gm)].map(([, ms]) => Number(ms));
}

/** A computing program that got less of a CPU than this was held up by others. */
export const FAIR_SHARE = 0.6;

/** Runs that are made before a machine is taken for what it is. */
const ATTEMPTS = 5;

/**
 * Runs a program that blocks by computing, again and again until the machine let it compute: a
 * process that gets no CPU is starved rather than blocked, and loopwatch tells these apart.
 */
export async function undisturbed(attempt: () => Promise<Ended>): Promise<Ended> {
  for (let left = ATTEMPTS; ; left--) {
    const ended = await attempt();
    const shares = [...ended.stdout.matchAll(/^measured (\S+) cpu (\S+)$/gm)].map(
      ([, ms, cpuMs]) => Number(cpuMs) / Number(ms),
    );
    if (left === 1 || shares.every((share) => share >= FAIR_SHARE)) return ended;
  }
}

/** The reports of a process that wrote nothing else to stderr. */
export function onlyReports({ stderr }: Pick<Ended, 'stderr'>): Report[] {
  const { lines, rest } = separate(stderr);
  assert.equal(rest, '', 'nothing but reports on stderr');
  const reports = lines.filter((line): line is Report => line.block !== undefined);
  assert.equal(reports.length, lines.length, `nothing but reports is logged: ${stderr}`);
  return reports;
}

/** The report of a process that ended well, made exactly one, and wrote nothing else to stderr. */
export function onlyReport(ended: Ended): Report {
  assert.deepEqual([ended.code, ended.signal], [0, null], ended.stderr);
  const reports = onlyReports(ended);
  assert.equal(reports.length, 1, `one report, not:\n${ended.stderr}`);
  return reports[0] as Report;
}
