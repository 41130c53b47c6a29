/**
 * The time that each class of test files may take, so that a suite can't grow from minutes to a quarter
 * of an hour one file at a time. The budgets are what runs took on a quiet machine with two cores, and about
 * a third more; of `pure`, which only computes, three times as much, for slower machines. Whoever needs more
 * makes other tests shorter, or says in a commit why the time is spent.
 */

/** By kind of run, in seconds: the sum over a class's files, some of which run side by side. */
export const budgets = {
  test: { pure: 45, waiting: 450, timed: 660, quiet: 110 },
  all: { pure: 45, waiting: 900, timed: 1050, quiet: 220 },
  release: { pure: 45, waiting: 350, timed: 620, quiet: 110 },
  rest: { pure: 45, waiting: 100, timed: 180, quiet: 50 },
  restOfAll: { pure: 45, waiting: 480, timed: 540, quiet: 140 },
};

/** From this share on of all CPUs, others have disturbed the run. */
const DISTURBED = 0.15;

/** What others can't be blamed for: so many times its budget. */
const BEYOND_DISTURBANCE = 2;

/**
 * @param {keyof typeof budgets} kind
 * @param {{ machine: string, seconds: number }[]} results of a whole run
 * @param {number | null} othersShare of the machine's CPU time
 * @returns {{ lines: string[], exceeded: boolean }} a line for each class that took too long
 */
export function judgeBudgets(kind, results, othersShare) {
  const over = Object.entries(budgets[kind])
    .map(([machine, seconds]) => {
      const ofClass = results.filter((result) => result.machine === machine);
      return { machine, seconds, took: ofClass.reduce((sum, result) => sum + result.seconds, 0) };
    })
    .filter(({ seconds, took }) => took > seconds);
  if (over.length === 0) return { lines: [], exceeded: false };
  const far = over.some(({ seconds, took }) => took > BEYOND_DISTURBANCE * seconds);
  const disturbed = !far && othersShare !== null && othersShare > DISTURBED;
  const share = `${Math.round((othersShare ?? 0) * 100)} %`;
  const last = disturbed
    ? `not counted as a failure: other programs had ${share} of the CPU time meanwhile`
    : 'make tests shorter, or their budget larger in scripts/suite/budget.mjs';
  const lines = over.map(({ machine, seconds, took }) => {
    return `the '${machine}' files took ${Math.round(took)} s of the ${seconds} s that they have`;
  });
  return { lines: [...lines, last], exceeded: !disturbed };
}
