/**
 * Which files run side by side: pure decisions. Two cores are enough for many processes that wait, for
 * a few that measure time, and for one that can't bear company.
 */

/** @typedef {{ machine: string, uses: string[], expectedSeconds: number }} Job */

/**
 * `share`: how much of the machine a file of a class takes up; what runs at once adds up to one at the
 * most. The two cores of the machines that this was measured on are busy to 60 to 80 % by that.
 */
export const shares = { pure: 1 / 2, waiting: 1 / 6, timed: 1 / 3, quiet: 1 };

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
  const loud = [...waiting, ...running].some(({ machine }) => machine !== 'quiet');
  const fitting = waiting.filter(({ machine, uses }) => {
    if (machine === 'quiet' && loud) return false;
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
