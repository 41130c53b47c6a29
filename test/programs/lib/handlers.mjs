/** What the HTTP programs do for a request, whatever framework calls them. */
import { nowMs } from './clock.mjs';

/** Blocks the event loop in JavaScript. */
export function render(ms) {
  const end = nowMs() + ms;
  while (nowMs() < end); // culprit
}

/** Resolves after a while without blocking. */
export function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
