/**
 * Gives loopwatch a logger of its own: `node logger.mjs <kind> <file> <ms> <end>`. Prints `up` and blocks once
 * for so long; what is logged is appended to the file.
 *
 * kind  pino, child   a pino logger, or a child of one
 *       throws        its methods throw
 *       rejects       its methods return promises that reject
 *       later         its methods return promises, and log when these resolve
 *       exits         ends the process with code 5 instead of logging
 * end   idle          nothing until standard input ends
 *       exit          process.exit(3) in the turn that blocked
 *       exit-soon     process.exit(3) as soon as a line is logged, in the same turn
 *       again         blocks again, for four seconds, before anything could be logged
 *       stop          stops the watch in the next turn
 */
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { start, stop } from 'loopwatch';
import { pino } from 'pino';
import { onceUp } from './lib/watchdog-up.cjs';

const [kind, file, ms, end] = process.argv.slice(2);

const toFile = () =>
  pino({ name: 'shop', level: 'debug' }, pino.destination({ dest: file, sync: true }));

function withMethods(method) {
  return { debug: method, info: method, warn: method, error: method };
}

const loggers = {
  pino: toFile,
  child: () => toFile().child({ part: 'loop' }),
  throws: () =>
    withMethods(() => {
      throw new Error('the logger is closed');
    }),
  rejects: () => withMethods(() => Promise.reject(new Error('the logger is away'))),
  later: () =>
    withMethods(async (fields, msg) => {
      await sleep(50);
      appendFileSync(file, `${JSON.stringify({ name: 'loopwatch', ...fields, msg })}\n`);
    }),
  exits: () => withMethods(() => process.exit(5)),
};

function block(forMs) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, forMs); // culprit: block
}

const logger = loggers[kind]();
if (end === 'exit-soon') {
  const { warn } = logger;
  logger.warn = (...args) => {
    warn.apply(logger, args);
    queueMicrotask(() => process.exit(3));
  };
}
start({ logger });

onceUp(400, () => {
  console.log('up');
  block(Number(ms));
  if (end === 'exit') process.exit(3);
  // Two beats from now: the first block has ended by then, and its report is hardly made.
  if (end === 'again') setTimeout(block, 50, 4000);
  if (end === 'stop') setImmediate(() => stop().then(() => console.log('stopped')));
});
process.stdin.resume();
