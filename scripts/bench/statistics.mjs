/** The few statistics of the benchmarks: order statistics only, since the noise is one-sided. */

/**
 * @param {number[]} values at least one
 * @param {number} q from 0 to 1
 * @returns {number} the quantile, interpolated between the two values next to it
 */
export function quantile(values, q) {
  if (values.length === 0) throw new RangeError('nothing was measured');
  const sorted = [...values].sort((a, b) => a - b);
  const position = (sorted.length - 1) * q;
  const below = Math.floor(position);
  const above = Math.ceil(position);
  return sorted[below] + (sorted[above] - sorted[below]) * (position - below);
}

/** @param {number[]} values */
export function median(values) {
  return quantile(values, 0.5);
}

/**
 * What one variant has more than another, pair by pair: values of the same round only.
 *
 * @param {number[]} base
 * @param {number[]} other
 */
export function differences(base, other) {
  return paired(base, other, (a, b) => b - a);
}

/**
 * How many times as much it has, pair by pair.
 *
 * @param {number[]} base
 * @param {number[]} other
 */
export function ratios(base, other) {
  return paired(base, other, (a, b) => b / a);
}

function paired(base, other, combine) {
  if (base.length !== other.length) throw new RangeError('every value needs its partner');
  return base.map((value, round) => combine(value, other[round]));
}

/**
 * @param {number[]} values
 * @param {number} digits after the point
 * @returns {string} median and the middle half, e.g. '24.1 (23.8–25.0)'
 */
export function middle(values, digits) {
  const [low, mid, high] = [0.25, 0.5, 0.75].map((q) => quantile(values, q).toFixed(digits));
  return `${mid} (${low}–${high})`;
}
