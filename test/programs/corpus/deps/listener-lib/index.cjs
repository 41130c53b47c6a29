/** A dependency that blocks; dependency.mjs puts a copy of it into a node_modules folder. */

function spin(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end); // culprit: dependency
}

/** Blocks in a listener, under whoever emits. */
exports.listen = (emitter) => emitter.on('order', spin);

/** Blocks in a timer of its own, under nobody. */
exports.later = (delay, ms, done) => {
  setTimeout(function flush() {
    const started = performance.now();
    spin(ms);
    done(started);
  }, delay);
};
