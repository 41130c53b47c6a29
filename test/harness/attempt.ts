/** Runs a scenario of the corpus, again when the machine disturbed it, and says what came of it. */
import type { BlockRecord, UnconfirmedReason } from 'loopwatch';
import { FAIR_SHARE } from './block.js';
import { commandLine } from './corpus.js';
import { type Scope, temporaryFolder } from './folder.js';
import { recordsIn } from './journal.js';
import { programPath } from './places.js';
import { byImport, unwatched } from './preload.js';
import { type Report, reportsIn } from './reports.js';
import { type Ended, start } from './run.js';
import type { Scenario } from './scenario.js';

/** What a scenario left behind. */
export interface Outcome {
  readonly ended: Ended;
  readonly reports: readonly Report[];
  readonly journal: readonly BlockRecord[];
  /** The sum of what the program measured, in ms; null when it measured nothing. */
  readonly measuredMs: number | null;
  /** How much of a CPU the program got while it wanted one; null when it wanted none. */
  readonly share: number | null;
  /** Late beats that were no blocks, as the program counted them; null when it did not say. */
  readonly counts: Partial<Record<UnconfirmedReason, number>> | null;
  /** How many runs before this one were not used, since others had the CPU. */
  readonly disturbed: number;
}

/** Runs that are made before a machine is taken for what it is. */
const ATTEMPTS = 5;

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

async function once(scope: Scope, scenario: Scenario): Promise<Omit<Outcome, 'disturbed'>> {
  const { flags = [], env = {}, through, drive } = scenario;
  const folder = temporaryFolder(scope);
  const program = [...flags, ...commandLine(scenario, folder)];
  const running =
    through === undefined
      ? start(scope, program, { env })
      : start(scope, [programPath(through), ...byImport().flags, ...program], {
          ...{ env, preload: unwatched },
        });
  await drive?.(running);
  const ended = await running.endInput();
  const measured = [...ended.stdout.matchAll(/^measured (\S+)(?: cpu (\S+))?$/gm)];
  const wanted = measured.filter(([, , cpuMs]) => cpuMs !== undefined);
  const wantedMs = sum(wanted.map(([, ms]) => Number(ms)));
  const [, counts] = /^counts (.+)$/m.exec(ended.stdout) ?? [];
  return {
    ended,
    reports: reportsIn(ended.stderr),
    journal: recordsIn(ended.journalDir),
    measuredMs: measured.length === 0 ? null : sum(measured.map(([, ms]) => Number(ms))),
    share: wantedMs === 0 ? null : sum(wanted.map(([, , cpuMs]) => Number(cpuMs))) / wantedMs,
    counts: counts === undefined ? null : JSON.parse(counts),
  };
}

/** Runs a scenario until the machine let it compute, if that is what it wants. */
export async function attempt(scope: Scope, scenario: Scenario): Promise<Outcome> {
  for (let disturbed = 0; ; disturbed++) {
    const outcome = await once(scope, scenario);
    const fair = outcome.share === null || outcome.share >= FAIR_SHARE;
    if (fair || disturbed === ATTEMPTS - 1) return { ...outcome, disturbed };
  }
}
