/**
 * Parses JSON for 300 ms as the last thing in a callback, again and again until a report has a profile:
 * `node native-again.mjs`. Stops the watch then, says what is left of it, and exits with code 3.
 */
import { subscribe } from 'node:diagnostics_channel';
import { recorder } from '@loopwatch/profiler';
import { onBlock, stop } from 'loopwatch';
import { sized } from './lib/sized.mjs';

const BLOCK_MS = 300;
const REST_MS = 500;

const page = JSON.stringify(Array.from({ length: 5000 }, (_, id) => ({ id, tags: ['a', 'b'] })));
const jsonOf = (count) => `[${Array(count).fill(page).join()}]`;
const text = jsonOf(sized(BLOCK_MS, (count) => JSON.parse(jsonOf(count)), 2));

function parse() {
  JSON.parse(text); // culprit: again
}

subscribe('loopwatch:recorder', ({ recording }) => {
  console.log(`recording ${recording}`);
});

onBlock(async ({ profile, invoker }) => {
  // What it takes to know how much JSON that is.
  if (invoker === 'module') return;
  console.log(`profile ${profile}`);
  if (profile === null) return;
  clearInterval(parsing);
  await stop();
  console.log(`left ${recorder.recording}`);
  process.exit(3);
});

const parsing = setInterval(parse, BLOCK_MS + REST_MS);
