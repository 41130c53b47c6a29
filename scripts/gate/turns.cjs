/**
 * Loaded before a file of tests: measures its longest turns without loopwatch, by the callbacks that Node
 * tells of, and appends them to the file TURNS as lines of JSON, `[[ms, CPU ms], …]`.
 */
const { createHook } = require('node:async_hooks');
const { appendFileSync } = require('node:fs');

/** Callbacks that follow each other faster than the loop can turn in between belong to one turn, in ms. */
const GAP_MS = 0.3;

/** Turns shorter than this are of no interest, in ms. */
const LEAST_MS = 25;

const found = [];
let depth = 0;
let begun = null;
let ended = null;

// Node 22 has no CPU time of one thread.
const usage = process.threadCpuUsage ?? process.cpuUsage;

function now() {
  const { user, system } = usage.call(process);
  return { ms: performance.now(), cpuMs: (user + system) / 1000 };
}

function endTurn() {
  if (ended === null) return;
  const ms = ended.ms - begun.ms;
  if (ms >= LEAST_MS) found.push([ms, ended.cpuMs - begun.cpuMs].map(Math.round));
}

// The runner's own process has no tests.
if (process.env.NODE_TEST_CONTEXT !== undefined) {
  createHook({
    before() {
      if (depth++ > 0) return;
      const moment = now();
      if (ended !== null && moment.ms - ended.ms < GAP_MS) return;
      endTurn();
      begun = moment;
    },
    after() {
      if (--depth === 0) ended = now();
    },
  }).enable();
  process.on('exit', () => {
    endTurn();
    found.sort(([a], [b]) => b - a);
    appendFileSync(process.env.TURNS, `${JSON.stringify(found)}\n`);
  });
}
