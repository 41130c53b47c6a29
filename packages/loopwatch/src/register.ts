/** The preload: `--import loopwatch/register`, `--require`, NODE_OPTIONS, or a first import. */
import { isIgnored } from './main/host/program.js';
import { tryToWatch, watched } from './watched.js';

tryToWatch(() => {
  if (!isIgnored(process)) watched().start({});
});
