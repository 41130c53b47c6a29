// Blocks its own event loop again and again, and notes each moment at which it did not get to run.
// With beats.mjs as a preload it also knows when the last beat before each block was.
// Usage: node blocked.mjs SCRIPTS BLOCKS BLOCK_MS, with SCRIPTS a folder of generated modules
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as passes } from 'node:timers/promises';

const [folder, blocks, blockMs] = process.argv.slice(2);

// A turn of the loop below takes some 50 ns.
const leastGapMs = 0.02;

// Long enough for several beats, and for the report of the block before.
const pauseMs = 400;

const require = createRequire(import.meta.url);
const steps = readdirSync(folder).map((file) => require(join(folder, file)).step);

// The stack that is sampled: thirty functions deep, two for each script.
const depth = 15;
const chain = steps.slice(0, depth).reduce((inner, step) => () => step(inner), spin);

const now = performance.now.bind(performance);
const times = new Float64Array(1_000_000);
let used = 0;
let begunMs = 0;
let endedMs = 0;

function spin() {
  begunMs = now();
  const untilMs = begunMs + Number(blockMs);
  let last = begunMs;
  while (last < untilMs) {
    const time = now();
    if (time - last > leastGapMs) {
      times[used++] = last;
      times[used++] = time;
    }
    last = time;
  }
  endedMs = last;
}

const samples = watchSamples();

const results = [];
for (let block = 0; block < Number(blocks); block++) {
  await passes(pauseMs);
  used = 0;
  samples.length = 0;
  const { lastBeatMs } = globalThis;
  chain();
  // One may still come in the turn of the loop in which the block was, after the block itself.
  const during = samples.filter(([begin, end]) => begin >= begunMs && end <= endedMs);
  results.push({ gaps: pairs([...times.subarray(0, used)]), samples: during, lastBeatMs });
}
console.log(JSON.stringify(results));

// Notes when loopwatch's function begins and ends, by standing in front of it.
function watchSamples() {
  const seen = [];
  const registry = globalThis[Symbol.for('loopwatch')];
  const snapshot = registry?.snapshot;
  if (snapshot === undefined) return seen;
  registry.snapshot = (...args) => {
    const begin = now();
    snapshot(...args);
    seen.push([begin, now()]);
  };
  return seen;
}

function pairs(flat) {
  return Array.from({ length: flat.length / 2 }, (_, pair) => flat.slice(2 * pair, 2 * pair + 2));
}
