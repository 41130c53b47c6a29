// Lets a program see how often the watchdog has looked: the seventh word of the memory that it shares
// with this thread. To be loaded before loopwatch.
const { SharedArrayBuffer: Original } = globalThis;
const tick = 6;
const buffers = [];

globalThis.SharedArrayBuffer = class extends Original {
  constructor(...args) {
    super(...args);
    buffers.push(this);
  }
};

globalThis.watchdogTicks = () => {
  const shared = buffers
    .map((buffer) => new Int32Array(buffer))
    .filter(({ length }) => length > 1000);
  // In the other memory that is large nothing changes at that place.
  globalThis.watchdogTicks = () =>
    shared.reduce((sum, words) => sum + Atomics.load(words, tick), 0);
  return globalThis.watchdogTicks();
};
