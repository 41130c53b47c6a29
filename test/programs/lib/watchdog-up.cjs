/**
 * When a program may do what its watchdog is to see. How long a watchdog takes to be up is a matter of the
 * machine: a delay that is always enough would be seconds.
 */
const { setTimeout } = globalThis;
const nowMs = performance.now.bind(performance);

/** So many looks at the event loop: nothing of what it does then is done for the first time. */
const TICKS = 5;

/** One that is not up by then never will be, in ms. */
const LONGEST_MS = 10_000;

const POLL_MS = 5;

/** Also where nothing watches. */
function isUp() {
  const gateway = globalThis[Symbol.for('loopwatch')]?.api?.gateway?.() ?? null;
  return gateway === null || gateway.tick() >= TICKS;
}

/**
 * Calls a function in a turn of its own once the watchdog of this thread is at work, and not before so many
 * ms have passed.
 */
function onceUp(delayMs, fn, ...args) {
  const endMs = nowMs() + LONGEST_MS;
  const ask = () => {
    if (isUp() || nowMs() > endMs) setTimeout(fn, 0, ...args);
    else setTimeout(ask, POLL_MS);
  };
  setTimeout(ask, delayMs);
}

exports.onceUp = onceUp;

/** The same as a promise. */
exports.up = (delayMs = 0) => new Promise((resolve) => onceUp(delayMs, resolve));
