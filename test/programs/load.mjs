/**
 * One life of the load harness (test/load): blocks its event loop as a plan says, and ends as it says.
 * The argument is a JSON file: `{ ledger, file, name, blocks, ending, restMs }`.
 *
 * What happens is in the ledger before it happens, so that whatever becomes of this process it is known
 * which blocks there were: `{ begin, atMs }`, `{ end, atMs, ms }`, and `{ seen, name }` for what came
 * to a listener. `last` on standard output says that the last block begins.
 */
import { openSync, readFileSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Script } from 'node:vm';
import { onBlock } from 'loopwatch';

/** How long the watchdog may take to be up, and how it is found out that it is. */
const UP_MS = 15_000;
const PRIMER_MS = 60;
const PRIMER_WAIT_MS = 80;

/** What is held at once when the memory is to run out: a large object each. */
const CHUNK_LENGTH = 1_000_000;

const plan = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const ledger = openSync(plan.ledger, 'a', 0o600);
const cell = new Int32Array(new SharedArrayBuffer(4));

function note(entry) {
  writeSync(ledger, `${JSON.stringify(entry)}\n`);
}

/** A function with a name of its own, by which its block is known wherever it is reported. */
function made(name, kind) {
  const body =
    kind === 'busy'
      ? 'const end = performance.now() + ms; while (performance.now() < end);'
      : 'Atomics.wait(cell, 0, 0, ms);';
  const text = `(function ${name}(cell, ms) {\n  ${body}\n})`;
  return new Script(text, { filename: plan.file }).runInThisContext();
}

function block({ name, kind, ms }) {
  const blocking = made(name, kind);
  note({ begin: name, atMs: Date.now() });
  const startedMs = performance.now();
  blocking(cell, ms);
  note({ end: name, atMs: Date.now(), ms: performance.now() - startedMs });
}

const held = [];

function outOfMemory() {
  for (;;) held.push(new Array(CHUNK_LENGTH).fill(held.length));
}

const endings = {
  natural() {},
  idle() {
    process.stdin.resume();
  },
  exit() {
    process.exit(3);
  },
  throw() {
    throw new Error('thrown by plan');
  },
  oom: outOfMemory,
  // From outside, by the harness.
  sigterm() {
    setInterval(() => {}, 1000);
  },
  sigkill() {
    setInterval(() => {}, 1000);
  },
};

let heard = 0;
onBlock(({ id, culprit }) => {
  heard++;
  note({ seen: id, name: culprit?.function ?? null });
});

/** Blocks, for as long as nobody sees it. */
async function awaitWatchdog() {
  const untilMs = performance.now() + UP_MS;
  while (heard === 0) {
    if (performance.now() > untilMs) throw new Error('no watchdog');
    block({ name: `primer_${plan.name}`, kind: 'wait', ms: PRIMER_MS });
    await sleep(PRIMER_WAIT_MS);
  }
}

async function live() {
  if (plan.blocks.length > 0) await awaitWatchdog();
  const last = plan.blocks.at(-1);
  for (const one of plan.blocks) {
    await sleep(one.gapMs);
    if (one === last) writeSync(1, 'last\n');
    block(one);
  }
  // Without it the end is in the turn of the last block.
  if (plan.restMs > 0) await sleep(plan.restMs);
  endings[plan.ending]();
}

setTimeout(() => void live(), 1);
