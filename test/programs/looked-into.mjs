/**
 * What a command line looks into: `node looked-into.mjs <kind> [ms] [file]`. Prints `up`; `go` on
 * standard input makes it say `goes on` and do what its kind says, for that long; what computes ends
 * sooner once the file is there. `ping` is answered `pong`. Exits with code 5 when standard input ends.
 *
 *   idle     nothing
 *   busy     computes
 *   regexp   is in a regular expression that backtracks
 *   exec     waits for a child process
 *   scripts  computes, with 2,000 modules loaded
 *   workers  three workers, of which one computes
 *   signals  nothing; it has a handler of its own for SIGUSR1
 *   inspect  nothing; it has opened its inspector itself
 */
import { execSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import inspector from 'node:inspector';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

const SCRIPTS = 2000;

/** So seldom that it computes when somebody looks. */
const LOOKS_EVERY = 2 ** 16;

const [kind, milliseconds = '2000', enough = ''] = process.argv.slice(2);
const ms = Number(milliseconds);

function compute() {
  const end = performance.now() + ms;
  let turns = 0;
  // One line, and no function of its own: what is looked for is where it is.
  while (performance.now() < end && (++turns % LOOKS_EVERY || !existsSync(enough))); // line: busy
}

function match() {
  const end = performance.now() + ms;
  const text = `${'a'.repeat(24)}!`;
  while (performance.now() < end && !existsSync(enough)) /^(a+)+$/.test(text); // line: regexp
}

function wait() {
  execSync(`sleep ${ms / 1000}`); // line: exec
  return performance.now();
}

function load() {
  const folder = mkdtempSync(join(tmpdir(), 'loopwatch-scripts-'));
  const require = createRequire(import.meta.url);
  for (let index = 0; index < SCRIPTS; index++) {
    const file = join(folder, `${index}.cjs`);
    writeFileSync(file, `module.exports = function f${index}(x) { return x + ${index}; };\n`);
    require(file)(index);
  }
  rmSync(folder, { recursive: true });
}

const begin = {
  scripts: load,
  workers: () => {
    for (const name of ['painter', 'reader', 'sleeper']) {
      const worker = new Worker(new URL(import.meta.url), { name, argv: [kind], workerData: name });
      worker.unref();
    }
  },
  signals: () => process.on('SIGUSR1', () => console.log('handled')),
  inspect: () => inspector.open(0),
};

const does = { busy: compute, scripts: compute, regexp: match, exec: wait };

if (isMainThread) {
  begin[kind]?.();
  console.log('up');
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    if (line === 'ping') console.log('pong');
    else {
      console.log('goes on');
      setImmediate(() => does[kind]());
    }
  });
  lines.on('close', () => process.exit(5));
} else {
  setInterval(() => {}, 1000);
  // For as long as its process lives.
  for (; workerData === 'painter'; ) compute();
}
