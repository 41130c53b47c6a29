/** The preload: `--import loopwatch/register`, `--require`, NODE_OPTIONS, or a first import. */
import { isMainThread } from 'node:worker_threads';
import { processWatch } from './main/process-watch.js';
import { isIgnored } from './main/program.js';
import { messageOf } from './shared/errors.js';
import { notice } from './shared/notice.js';

if (isMainThread) {
  try {
    if (!isIgnored(process)) processWatch().start({});
  } catch (error) {
    if (process.env.LOOPWATCH_REQUIRED === '1') throw error;
    notice(`${messageOf(error)}; this process is not watched`);
  }
}
