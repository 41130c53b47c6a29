/** The nearest-rank percentile of some numbers, of which there is at least one. */
export function percentileOf(values: ArrayLike<number>, percentile: number): number {
  return percentileOfSorted(Float64Array.from(values).sort(), percentile);
}

/** The same of numbers that are in ascending order already. */
export function percentileOfSorted(sorted: ArrayLike<number>, percentile: number): number {
  return sorted[Math.max(0, Math.ceil(percentile * sorted.length) - 1)] as number;
}
