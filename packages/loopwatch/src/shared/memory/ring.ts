/** Reading a ring that another thread writes. */

/**
 * The items after the `since`th that a ring of `size` still holds, oldest first.
 *
 * The writer may overtake the reader while it copies. Losing that race costs the oldest items,
 * which are dropped after the copy: the slot of item n is overwritten by item n + size, whose
 * writer may be in the middle of its stores as soon as item n + size - 1 is published.
 */
export function readRing<T>(
  newestOf: () => number,
  since: number,
  size: number,
  read: (number: number) => T,
): T[] {
  const newest = newestOf();
  const count = Math.min((newest - since) >>> 0, size - 1);
  const first = newest - count + 1;
  const items = Array.from({ length: count }, (_, index) => read((first + index) >>> 0));
  const overtaken = (newestOf() - first) >>> 0;
  return items.slice(Math.max(0, overtaken - (size - 2)));
}
