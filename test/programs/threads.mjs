/**
 * A main thread with worker threads: `node threads.mjs <kind> [count]`. A worker says `begins`, computes
 * nothing, but blocks. With loopwatch, what comes over its channels in the main thread is printed as
 * `heard <record>`.
 *
 *   one        a worker blocks for 400 ms, 600 ms after its start
 *   early      a worker blocks for 300 ms, 250 ms after its start
 *   both       a worker and the main thread block at the same time, 600 ms each
 *   apart      the same, in a worker that inherits nothing
 *   named      the same as one, with a line break in its name
 *   native     a worker computes for 600 ms while the main thread waits for a child process; prints
 *              `measured 600 cpu <ms>`, what the process got of a CPU meanwhile
 *   hang       a worker blocks for 2.5 s
 *   leaving    the main thread exits with code 4 while a worker blocks
 *   many       so many workers, started two at a time, of which an eighth blocks at once for 600 ms
 *   storm      the same, started all at once
 *   terminate  four workers, one after the other, are terminated while they block
 *   exit       the same, which exit with a code in the turn that blocked
 *   throw      the same, which throw in the turn that blocked
 *   spin       the same as terminate, with a worker that computes
 */
import { execSync } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { now } from './lib/clock.mjs';

/** For a watchdog to be up on a busy machine. */
const DELAY_MS = 600;

/** How long a worker blocks before it dies: long enough to be looked at late, and be named. */
const DYING_MS = 600;

/** How long verdicts may take to come from the watchdog. */
const VERDICT_MS = 500;

const cell = new Int32Array(new SharedArrayBuffer(4));
const file = new URL(import.meta.url);

function paint(ms) {
  Atomics.wait(cell, 0, 0, ms); // culprit: worker
}

function plan(ms) {
  Atomics.wait(cell, 0, 0, ms); // culprit: main
}

function compute(ms = Number.POSITIVE_INFINITY) {
  const end = performance.now() + ms;
  while (performance.now() < end); // culprit: spin
}

function startWorker(does, name = 'painter', options = {}) {
  return new Worker(file, { name, workerData: does, ...options });
}

/** Starts a worker, and waits until it is about to block. */
async function begun(does, name, options) {
  const worker = startWorker(does, name, options);
  await once(worker, 'message');
  return worker;
}

async function endOf(worker) {
  const error = new Promise((resolve) => worker.on('error', ({ message }) => resolve(message)));
  // Not once(), which an error would end.
  const code = await new Promise((resolve) => worker.on('exit', resolve));
  return code === 1
    ? `${code} ${await Promise.race([error, sleep(100, 'terminated')])}`
    : `${code}`;
}

async function dying(does, after) {
  for (const round of [1, 2, 3, 4]) {
    const worker = await begun(does, `painter ${round}`);
    const ending = endOf(worker);
    await after?.(worker);
    console.log(`${does} ${round}: ${await ending}`);
  }
}

async function terminated(worker) {
  await sleep(DYING_MS);
  await worker.terminate();
}

async function bothWith(options) {
  const worker = await begun('blocks for 600', 'painter', options);
  plan(600);
  await once(worker, 'exit');
  await sleep(VERDICT_MS);
}

/** Starts workers, so many at once; then an eighth of them blocks. */
async function crowd(count, atOnce) {
  const workers = [];
  while (workers.length < count) {
    const more = Array.from({ length: atOnce }, (_, id) =>
      startWorker('obeys', `w${workers.length + id}`),
    );
    workers.push(...more);
    await Promise.all(more.map((worker) => once(worker, 'message')));
  }
  await sleep(VERDICT_MS);
  const done = workers.map((worker, id) => {
    worker.postMessage(id % 8 === 3 ? 600 : 0);
    return once(worker, 'message');
  });
  await Promise.all(done);
  await sleep(VERDICT_MS);
  // One by one: the main thread waits for the end of each.
  for (const worker of workers) {
    worker.postMessage('leave');
    await once(worker, 'exit');
  }
  console.log(`${count} workers left`);
}

const kinds = {
  async one() {
    await once(startWorker('blocks for 400'), 'exit');
    await sleep(VERDICT_MS);
  },
  async early() {
    await once(startWorker('blocks for 300 after 250'), 'exit');
    await sleep(VERDICT_MS);
  },
  both: () => bothWith({}),
  apart() {
    const { NODE_OPTIONS: _, ...env } = process.env;
    return bothWith({ execArgv: [], env });
  },
  async named() {
    await once(startWorker('blocks for 400', 'two\nlines'), 'exit');
    await sleep(VERDICT_MS);
  },
  async native() {
    const worker = await begun('computes for 600');
    const started = now();
    execSync('sleep 1');
    // It has ended by now, but the main thread has not heard of it.
    await once(worker, 'exit');
    const { cpuMs } = now();
    console.log(`measured 600 cpu ${cpuMs - started.cpuMs}`);
    await sleep(VERDICT_MS);
  },
  async hang() {
    await once(startWorker('blocks for 2500'), 'exit');
    await sleep(VERDICT_MS);
  },
  async leaving() {
    await begun('blocks for 10000');
    setTimeout(() => process.exit(4), 2 * DELAY_MS);
  },
  many: (count) => crowd(count, 2),
  storm: (count) => crowd(count, count),
  terminate: () => dying('blocks for 10000', terminated),
  spin: () => dying('computes', terminated),
  exit: () => dying('exits'),
  throw: () => dying('throws'),
};

function work(ms) {
  parentPort.postMessage('begins');
  if (ms !== undefined) paint(Number(ms));
  else if (workerData === 'computes') compute();
  else if (workerData === 'computes for 600') compute(600);
  else {
    paint(DYING_MS);
    if (workerData === 'exits') process.exit(5);
    throw new Error('thrown in a worker');
  }
}

function obey() {
  parentPort.on('message', (order) => {
    if (order === 'leave') parentPort.close();
    else {
      if (order > 0) paint(order);
      parentPort.postMessage('done');
    }
  });
  parentPort.postMessage('here');
}

if (isMainThread) {
  for (const name of ['block', 'hang']) {
    subscribe(`loopwatch:${name}`, (record) => console.log('heard', JSON.stringify(record)));
  }
  const [, , kind, count] = process.argv;
  await kinds[kind](Number(count));
} else if (workerData === 'obeys') setTimeout(obey, DELAY_MS);
else {
  const [, ms, delayMs = DELAY_MS] = /^blocks for (\d+)(?: after (\d+))?$/.exec(workerData) ?? [];
  setTimeout(work, Number(delayMs), ms);
}
