/** The preload: `--import loopwatch/register`, `--require`, NODE_OPTIONS, or a first import. */
import { isMainThread } from 'node:worker_threads';
import { isIgnored } from './main/program.js';
import { messageOf } from './shared/errors.js';
import { notice } from './shared/notice.js';
import { watched } from './watched.js';

try {
  if (!isIgnored(process)) watched().start({});
} catch (error) {
  if (process.env.LOOPWATCH_REQUIRED === '1') throw error;
  // The main thread has said it already; a pool of workers would repeat it.
  if (isMainThread) notice(`${messageOf(error)}; this process is not watched`);
}
