// Says as JSON what a program could notice of a preload.
import * as workers from 'node:worker_threads';

// A request of the module loader's comes and goes.
const resources = process.getActiveResourcesInfo().filter((name) => name !== 'CloseReq');
const listeners = process.eventNames().map((name) => [String(name), process.listenerCount(name)]);

console.log(
  JSON.stringify({
    globals: Object.keys(globalThis),
    globalNames: Object.getOwnPropertyNames(globalThis).sort(),
    listeners: Object.fromEntries(listeners),
    resources: resources.sort(),
    error: Object.getOwnPropertyDescriptors(Error),
    environment: Object.keys(process.env).length,
    argv: process.argv.slice(2),
    exitCode: process.exitCode ?? null,
    isMainThread: workers.isMainThread,
    threadId: workers.threadId,
  }),
);
