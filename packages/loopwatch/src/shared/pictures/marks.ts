/** The marks of the timeline: each event, or sums of neighbours where there are too many to be drawn. */
import type { Mark } from './pictures.js';

/** More than this can't be told apart on a screen, and make a page slow. */
const MOST_MARKS = 600;

/** Where there are more: into how many stretches of time they are summed, for each kind. */
const STRETCHES = 200;

/** Two marks as one, which is like the longer. */
function together(one: Mark, other: Mark): Mark {
  const longer = other.longestMs > one.longestMs ? other : one;
  return { ...longer, count: one.count + other.count };
}

/** @returns the marks in the order of time, bounded in their number */
export function boundedMarks(marks: readonly Mark[]): Mark[] {
  const inOrder = marks.toSorted((a, b) => a.atMs - b.atMs);
  if (inOrder.length <= MOST_MARKS) return inOrder;
  const fromMs = inOrder[0]?.atMs ?? 0;
  const stretchMs = Math.max(1, ((inOrder.at(-1)?.atMs ?? 0) - fromMs + 1) / STRETCHES);
  const sums = new Map<string, Mark>();
  for (const mark of inOrder) {
    const key = `${mark.kind} ${Math.floor((mark.atMs - fromMs) / stretchMs)}`;
    const known = sums.get(key);
    sums.set(key, known === undefined ? mark : together(known, mark));
  }
  return [...sums.values()].sort((a, b) => a.atMs - b.atMs);
}
