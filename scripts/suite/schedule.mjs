/**
 * Which files run side by side: pure decisions. Two cores are enough for many processes that wait, for
 * a few that measure time, and for one that can't bear company.
 */

/** @typedef {{ machine: string, uses: string[], expectedSeconds: number }} Job */

/**
 * How much of the machine a file of each class takes up. What runs at once adds up to one at the most: two
 * files that measure time on two cores with one that waits beside them, or four that wait. Those that only
 * compute use both cores by themselves.
 */
export const shares = { pure: 1, waiting: 1 / 4, timed: 3 / 8, quiet: 1 };

/**
 * How far a class stands back for others where there is not enough CPU (see nice(2)): at 5, a program gets a
 * third of what one gets that measures time. More does harm: at 15, those that wait were hardly ever run
 * beside two that compute. The programs take it over in test/harness/run.ts.
 */
export const niceness = { pure: 0, waiting: 5, timed: 0, quiet: 0 };

/** What computes only comes first, and quiet ones when all the others are done. */
const turn = { pure: 0, waiting: 1, timed: 1, quiet: 2 };

/** Of what fits, who measures time starts first: one that waits fits beside two of these. */
const rank = { pure: 0, timed: 0, waiting: 1, quiet: 0 };

/**
 * The next job to start: of one class the longest, since what is started last is waited for.
 *
 * @template {Job} J
 * @param {J[]} waiting
 * @param {J[]} running
 * @returns {J | undefined} none where nothing fits now
 */
export function nextJob(waiting, running) {
  const taken = running.reduce((sum, { machine }) => sum + shares[machine], 0);
  const used = new Set(running.flatMap(({ uses }) => uses));
  const first = Math.min(...[...waiting, ...running].map(({ machine }) => turn[machine]));
  const fitting = waiting.filter(({ machine, uses }) => {
    if (turn[machine] > first) return false;
    return taken + shares[machine] <= 1 + 1e-9 && !uses.some((name) => used.has(name));
  });
  return fitting.sort(
    (a, b) => rank[a.machine] - rank[b.machine] || b.expectedSeconds - a.expectedSeconds,
  )[0];
}

/**
 * Carries jobs out, as many at once as fit.
 *
 * @template {Job} J
 * @param {J[]} jobs
 * @param {(job: J) => Promise<void>} carryOut
 */
export async function carryOutAll(jobs, carryOut) {
  const waiting = [...jobs];
  /** @type {Map<J, Promise<void>>} */
  const running = new Map();
  while (waiting.length > 0 || running.size > 0) {
    const job = nextJob(waiting, [...running.keys()]);
    if (job === undefined) {
      await Promise.race(running.values());
      continue;
    }
    waiting.splice(waiting.indexOf(job), 1);
    running.set(
      job,
      carryOut(job).finally(() => running.delete(job)),
    );
  }
}
