/**
 * Requires, 250 ms after the start, a module that takes 400 ms to load: `node requires.mjs <folder>`.
 * The folder is an empty one. Prints `measured <ms> cpu <ms>` in the turn that blocked.
 */
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { measured, now } from '../lib/clock.mjs';
import { sized } from '../lib/sized.mjs';
import { onceUp } from '../lib/watchdog-up.cjs';

const BLOCK_MS = 400;
const DELAY_MS = 250;
const AFTER_MS = 100;

const [, , folder] = process.argv;
const require = createRequire(import.meta.url);

/** A module with that many functions, as bundlers make them. */
function moduleOf(name, functions) {
  const body = (id) =>
    `exports.f${id} = function ${name}${id}(a, b) { const c = a * ${id} + b; ` +
    `if (c > ${id}) { return { a, b, c, name: 'f${id}' }; } return [a, b].map((x) => x + c); };\n`;
  const file = join(folder, `${name}.cjs`);
  writeFileSync(file, Array.from({ length: functions }, (_, id) => body(id)).join(''));
  return file;
}

function loadPlugin(file) {
  require(file); // culprit
}

function block(file) {
  const started = now();
  loadPlugin(file);
  console.log(measured(started));
  // A process that ends now would first wait for V8, which compiles on threads of its own.
  setTimeout(() => {}, AFTER_MS);
}

// Each module is loaded, and each text compiled, only once.
let units = 0;
const functions = sized(BLOCK_MS, (count) => require(moduleOf(`unit${units++}`, count)), 2000);
onceUp(DELAY_MS, block, moduleOf('plugin', functions));
