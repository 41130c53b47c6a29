/**
 * Blocks its event loop to order, and ends to order. Prints for each block, in the turn that blocked,
 * `measured <ms>`: how long it took; and `cpu <ms>`, what the process got of a CPU, if it wanted one.
 *
 *   node block.mjs kind=busy ms=500 delay=100 times=2 gap=200 end=exit code=3
 *
 * kind   what blocks: a name in `kinds` below (busy)
 * ms     how long (500)
 * delay  from the start of the program to the block, which waits until the watchdog is up, too (100);
 *        0 blocks while the main module loads
 * times  how many blocks (1); gap: from the end of one to the next (200)
 * chdir  a folder to change to before anything blocks
 * end    what follows, in the turn of the last block:
 *          natural  nothing: the program ends by itself (default)
 *          idle     nothing until standard input ends
 *          exit     process.exit(code)     code: 0 to 255; prints `left at <ms since 1970>` before
 *          throw    an exception
 *          reject   an unhandled rejection
 *          sigterm  SIGTERM, sent by another process
 */
import { execFileSync } from 'node:child_process';
import { pbkdf2Sync } from 'node:crypto';
import { leftNow, measured, now } from './lib/clock.mjs';
import { onceUp } from './lib/watchdog-up.cjs';

/** Each blocks for about `ms`, and says by its marker on which line it does. */
const kinds = {
  busy: function busy(ms) {
    const end = performance.now() + ms;
    while (performance.now() < end); // culprit: busy
  },
  regex: function regex(ms) {
    const end = performance.now() + ms;
    // Each match takes some 10 ms: it backtracks through every way to split the letters.
    while (performance.now() < end) /^(a+)+$/.test(`${'a'.repeat(20)}!`); // culprit: regex
  },
  sort: function sort(ms) {
    const end = performance.now() + ms;
    const items = Array.from({ length: 10_000 }, (_, index) => (index * 7919) % 10_000);
    while (performance.now() < end) items.toSorted((a, b) => a - b); // culprit: sort
  },
  json: function json(ms) {
    const end = performance.now() + ms;
    while (performance.now() < end) JSON.parse(largeJson); // culprit: json
  },
  native: function native(ms) {
    pbkdf2Sync('password', 'salt', Math.ceil(ms * iterationsPerMs), 64, 'sha512'); // culprit: native
  },
  exec: function exec(ms) {
    execFileSync('sleep', [String(ms / 1000)]); // culprit: exec
  },
  wait: function wait(ms) {
    const cell = new Int32Array(new SharedArrayBuffer(4));
    Atomics.wait(cell, 0, 0, ms); // culprit: wait
  },
  microtasks: async function microtasks(ms) {
    const end = performance.now() + ms;
    do {
      await null;
      const pause = performance.now() + 2;
      while (performance.now() < pause); // culprit: microtasks
    } while (performance.now() < end); // culprit: microtasks
  },
  ticks: function ticks(ms) {
    const end = performance.now() + ms;
    return new Promise((resolve) => {
      const again = () => (performance.now() < end ? process.nextTick(again) : resolve()); // culprit: ticks
      process.nextTick(again);
    });
  },
};

/** The kinds that want no CPU. */
const sleeping = new Set(['exec', 'wait']);

const endings = {
  natural() {},
  idle() {
    process.stdin.resume();
  },
  exit({ code }) {
    console.log(leftNow());
    process.exit(code);
  },
  throw() {
    throw new Error('thrown after a block');
  },
  reject() {
    Promise.reject(new Error('rejected after a block'));
  },
  sigterm() {
    // From outside: Node runs its exit hooks before it lets a process signal itself.
    execFileSync('kill', ['-TERM', String(process.pid)]);
  },
};

const defaults = { kind: 'busy', ms: 500, delay: 100, times: 1, gap: 200, end: 'natural' };

function refuse(why) {
  console.error(`block.mjs: ${why}`);
  process.exit(64);
}

function number(name, text, max) {
  const value = Number(text);
  if (text === '' || !Number.isInteger(value) || value < 0 || value > max) {
    refuse(`${name} must be a whole number up to ${max}, not '${text}'`);
  }
  return value;
}

function settingsFrom(args) {
  const given = {};
  for (const arg of args) {
    const [, name, value] = /^(\w+)=(.*)$/.exec(arg) ?? refuse(`'${arg}' is not name=value`);
    if (name in given) refuse(`${name} is given twice`);
    given[name] = value;
  }
  const { kind, ms, delay, times, gap, end, code, chdir, ...unknown } = { ...defaults, ...given };
  for (const name of Object.keys(unknown)) refuse(`there is no setting '${name}'`);
  if (!Object.hasOwn(kinds, kind)) refuse(`there is no kind '${kind}'`);
  if (!Object.hasOwn(endings, end)) refuse(`there is no ending '${end}'`);
  if ('code' in given && end !== 'exit') refuse(`code has no meaning with end=${end}`);
  if ('gap' in given && !('times' in given)) refuse('gap has no meaning without times');
  return {
    ...{ kind, end, chdir },
    ms: number('ms', ms, 60_000),
    delay: number('delay', delay, 60_000),
    times: number('times', times, 100) || refuse('times must not be 0'),
    gap: number('gap', gap, 60_000),
    code: number('code', code ?? 0, 255),
  };
}

const settings = settingsFrom(process.argv.slice(2));
const { kind, ms, delay, times, gap, chdir } = settings;

/** What the native kinds need, made before anything is timed. */
const largeJson = kind === 'json' ? jsonText() : '';
const iterationsPerMs = kind === 'native' ? measuredIterations() : 0;

function jsonText() {
  return JSON.stringify(Array.from({ length: 400_000 }, (_, id) => ({ id, name: `item ${id}` })));
}

function measuredIterations() {
  const iterations = 20_000;
  const timed = () => {
    const startedMs = performance.now();
    pbkdf2Sync('password', 'salt', iterations, 64, 'sha512');
    return performance.now() - startedMs;
  };
  timed();
  return iterations / timed();
}

function finish(left, started) {
  console.log(measured(started, !sleeping.has(kind)));
  if (left > 1) setTimeout(block, gap, left - 1);
  else endings[settings.end](settings);
}

function block(left) {
  const started = now();
  const flood = kinds[kind](ms);
  if (flood === undefined) finish(left, started);
  else flood.then(() => finish(left, started));
}

if (chdir !== undefined) process.chdir(chdir);
if (delay === 0) block(times);
else onceUp(delay, block, times);
