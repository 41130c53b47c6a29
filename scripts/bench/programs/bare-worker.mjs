// A preload that only starts a thread: the least that a watchdog can cost.
import { isMainThread, Worker } from 'node:worker_threads';

if (isMainThread) {
  const options = { execArgv: [], env: {}, stdin: false };
  new Worker(new URL('./bare-worker-entry.mjs', import.meta.url), options).unref();
}
