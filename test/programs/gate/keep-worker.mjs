/** Keeps the watchdog where tests can kill it. */
const threads = process.getBuiltinModule('node:worker_threads');

threads.Worker = class extends threads.Worker {
  constructor(...args) {
    super(...args);
    globalThis.watchdog ??= this;
  }
};
