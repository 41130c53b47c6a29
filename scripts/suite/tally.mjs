/**
 * The outcome of a test run: the type that the scripts hand to one another, and the closing line
 * that people and CI read.
 *
 * @typedef {{ passed: number, failed: number, skipped: number, failures?: string[] }} Tally
 * `failures`: the name of each failed test and what it said
 *
 * @typedef {{ files: Record<string, Tally & { slowest: { name: string, ms: number } | null }>,
 *   cpuSeconds: number | null }} Report what the reporter writes
 */

/** How much of what a failed test said is shown again at the end. */
const FAILURE_CHARS = 1500;

/**
 * @param {Tally} tally
 * @returns {string} e.g. '12 passed, 0 failed, 1 skipped'
 */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/**
 * What failed, to be shown once more where readers of a long output look first: at its end.
 *
 * @param {Tally} tally
 * @returns {string} empty when nothing failed
 */
export function failureLines({ failures = [] }) {
  return failures.map((text) => `\nfailed: ${text.slice(0, FAILURE_CHARS)}\n`).join('');
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
  return { ...total, failures: tallies.flatMap(({ failures = [] }) => failures) };
}
