/**
 * The order of all measurements: every round measures each variant once, A B C A B C, so that what
 * changes on the machine changes for all of them, and each value has its partners of the same
 * round. The order rotates from round to round, so that none is always the one after another.
 */

/**
 * @param {string[]} variants
 * @param {number} rounds
 * @param {(variant: string, round: number) => Promise<T> | T} measure
 * @returns {Promise<Record<string, T[]>>} the values of each variant, by round
 * @template T
 */
export async function inRounds(variants, rounds, measure) {
  const values = Object.fromEntries(variants.map((variant) => [variant, []]));
  for (let round = 0; round < rounds; round++) {
    for (const variant of rotated(variants, round)) {
      values[variant].push(await measure(variant, round));
    }
  }
  return values;
}

/**
 * @param {T[]} items
 * @param {number} by
 * @returns {T[]}
 * @template T
 */
export function rotated(items, by) {
  const start = by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}
