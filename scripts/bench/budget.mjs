/** How a result stands to its budget in docs/benchmarks.md. */

/**
 * @param {number} value
 * @param {number} limit the most it may be
 * @returns {string} e.g. '≤ 25: met'
 */
export function verdict(value, limit) {
  return `≤ ${limit}: ${value <= limit ? 'met' : 'NOT met'}`;
}
