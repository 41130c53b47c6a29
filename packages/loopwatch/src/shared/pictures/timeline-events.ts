/** The events of the timeline one by one, or sums of neighbours where there are too many to be drawn. */
import type { TimelineEvent } from './pictures.js';

/** More than this can't be told apart on a screen, and make a page slow. */
const MOST_EVENTS = 600;

/** Where there are more: into how many stretches of time they are summed, for each kind. */
const STRETCHES = 200;

/** Two events as one, which is like the longer. */
function together(one: TimelineEvent, other: TimelineEvent): TimelineEvent {
  const longer = other.longestMs > one.longestMs ? other : one;
  return { ...longer, count: one.count + other.count };
}

/** @returns the events in the order of time, bounded in their number */
export function boundedEvents(events: readonly TimelineEvent[]): TimelineEvent[] {
  const inOrder = events.toSorted((a, b) => a.atMs - b.atMs);
  if (inOrder.length <= MOST_EVENTS) return inOrder;
  const fromMs = inOrder[0]?.atMs ?? 0;
  const stretchMs = Math.max(1, ((inOrder.at(-1)?.atMs ?? 0) - fromMs + 1) / STRETCHES);
  const sums = new Map<string, TimelineEvent>();
  for (const event of inOrder) {
    const key = `${event.kind} ${Math.floor((event.atMs - fromMs) / stretchMs)}`;
    const known = sums.get(key);
    sums.set(key, known === undefined ? event : together(known, event));
  }
  return [...sums.values()].sort((a, b) => a.atMs - b.atMs);
}
