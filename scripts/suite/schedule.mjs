/**
 * Which files run side by side: pure decisions. Two cores are enough for many processes that wait, for
 * a few that measure time, and for one that can't bear company.
 */

/** @typedef {{ machine: string, uses: string[], expectedSeconds: number }} Job */

/**
 * How much of the machine a file of each class takes up. What runs at once adds up to one at the most: at
 * most two files that measure time on two cores, with three that wait beside them.
 */
export const shares = { pure: 1 / 6, waiting: 1 / 6, timed: 1 / 3, quiet: 1 };

/** Of `timed` files there are never more at once: one for each core of the smallest machine. */
const MOST_TIMED = 2;

/**
 * How far a class stands back for others where there is not enough CPU (see nice(2)): at 10, a process
 * gets a tenth of what one gets that measures time.
 */
export const niceness = { pure: 10, waiting: 10, timed: 0, quiet: 0 };

/**
 * The next job to start: the longest that fits, since what is started last is waited for. Quiet ones come
 * when all the others are done.
 *
 * @template {Job} J
 * @param {J[]} waiting
 * @param {J[]} running
 * @returns {J | undefined} none where nothing fits now
 */
export function nextJob(waiting, running) {
  const taken = running.reduce((sum, { machine }) => sum + shares[machine], 0);
  const used = new Set(running.flatMap(({ uses }) => uses));
  const timed = running.filter(({ machine }) => machine === 'timed').length;
  const loud = [...waiting, ...running].some(({ machine }) => machine !== 'quiet');
  const fitting = waiting.filter(({ machine, uses }) => {
    if (machine === 'quiet' && loud) return false;
    if (machine === 'timed' && timed === MOST_TIMED) return false;
    return taken + shares[machine] <= 1 + 1e-9 && !uses.some((name) => used.has(name));
  });
  return fitting.sort((a, b) => b.expectedSeconds - a.expectedSeconds)[0];
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
