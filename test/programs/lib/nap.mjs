/** What most programs block with: it takes no CPU, so that no busy machine can change what it is. */
const cell = new Int32Array(new SharedArrayBuffer(4));
const now = performance.now.bind(performance);
const print = console.log;

/** Blocks the thread for `ms`, and prints how long it really was. */
export function nap(ms) {
  const startedMs = now();
  Atomics.wait(cell, 0, 0, ms); // napping
  print(`measured ${now() - startedMs}`);
}
