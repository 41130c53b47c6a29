/** What the HTTP programs do for a request, whatever framework calls them. */

/** Blocks the event loop asleep: no busy machine can make that something else. */
export function render(ms) {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  Atomics.wait(cell, 0, 0, ms); // culprit
}

/** Resolves after a while without blocking. */
export function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
