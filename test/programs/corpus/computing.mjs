/**
 * JavaScript that runs for 400 ms in one turn, 250 ms after the start: `node computing.mjs <kind>`.
 * The work is sized beforehand, so that no clock is read where it would give the watchdog a call to
 * land in. Prints `measured <ms> cpu <ms>` in the turn that blocked.
 */
import { measured, now, nowMs } from '../lib/clock.mjs';
import { sized } from '../lib/sized.mjs';
import { onceUp } from '../lib/watchdog-up.cjs';

const BLOCK_MS = 400;
const DELAY_MS = 250;

/** Keeps results alive, being exported: a loop whose result nobody wants may be compiled away. */
export let sink = 0;

function arithmetic(rounds) {
  let x = 1;
  for (let i = 0; i < rounds; i++) x = (x * 31 + i) | 0; // culprit: arithmetic
  sink ^= x;
}

function redos(letters) {
  // It backtracks through every way to split the letters: each letter doubles the time.
  if (/^(a+)+$/.test(`${'a'.repeat(letters)}!`)) sink++; // culprit: redos
}

/** The size at which one match lasts at least 256 ms and less than 512 ms, if nothing disturbs it. */
function lettersOfRedos() {
  for (let letters = 12; ; letters++) {
    const timings = [1, 2, 3].map(() => {
      const startedMs = nowMs();
      redos(letters);
      return nowMs() - startedMs;
    });
    if (Math.min(...timings) >= 8) return letters + 5;
  }
}

// On one line, since V8 looks for interrupts where it enters a function.
const byScore = (a, b) => ((a * 7919) % 10_007) - ((b * 7919) % 10_007); // culprit: sort

function sort(count) {
  const items = Array.from({ length: count }, (_, score) => score);
  items.sort(byScore); // culprit: sort
  sink ^= items[0];
}

const fib = (n) => (n < 2 ? n : fib(n - 1) + fib(n - 2)); // culprit: recursion

function recursion(n) {
  sink ^= fib(n);
}

/** Each step takes the golden ratio as long as the one before. */
function depthOfRecursion() {
  const shallow = 20;
  const times = sized(
    BLOCK_MS,
    (rounds) => {
      for (let left = rounds; left > 0; left--) recursion(shallow);
    },
    20,
  );
  return shallow + Math.round(Math.log(times) / Math.log((1 + Math.sqrt(5)) / 2));
}

function strings(ms) {
  const end = nowMs() + ms;
  let text = '';
  // Reading a character makes one piece of what was put together.
  for (; nowMs() < end; text += 'one line more\n') sink ^= text.charCodeAt(text.length >> 1); // culprit: strings
}

const kinds = {
  arithmetic: { work: arithmetic, size: () => sized(BLOCK_MS, arithmetic, 2_000_000) },
  redos: { work: redos, size: lettersOfRedos },
  // More items take more than proportionally longer.
  sort: { work: sort, size: () => sized(BLOCK_MS / 2, sort, 50_000) },
  recursion: { work: recursion, size: depthOfRecursion },
  strings: { work: strings, size: () => BLOCK_MS },
};

const { work, size } = kinds[process.argv[2]];

function block(amount) {
  const started = now();
  work(amount);
  console.log(measured(started));
}

onceUp(DELAY_MS, block, size());
