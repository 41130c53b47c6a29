/**
 * The outcome of a test run: the type that the scripts hand to one another, and the closing line
 * that people and CI read.
 *
 * @typedef {{ passed: number, failed: number, skipped: number }} Tally
 */

/**
 * @param {Tally} tally
 * @returns {string} e.g. '12 passed, 0 failed, 1 skipped'
 */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/**
 * @param {Tally[]} tallies
 * @returns {Tally}
 */
export function sum(tallies) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const tally of tallies) {
    for (const outcome of Object.keys(total)) total[outcome] += tally[outcome];
  }
  return total;
}
