/**
 * Runs other programs: one function for all scripts, so that working directory, standard input and
 * failures are the same everywhere.
 */
import { spawn } from 'node:child_process';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { root } from './paths.mjs';
import { ToolError } from './program.mjs';

/**
 * The one pnpm that writes and reads the lockfile. It isn't package.json's `packageManager` because
 * pnpm then wants to lock itself too, and refuses a frozen lockfile where the registry's answer
 * about pnpm is not complete.
 */
const pnpmVersion = '12.21.0';

/** Programs that run now: who ends us ends them. */
const running = new Set();

/** How long they may take to end then, in ms. */
const ENDING_MS = 5000;

/** 128 and the signal's number, as shells count. */
const exitCodes = { SIGINT: 130, SIGTERM: 143 };

let isPrepared = false;

/** Has a signal that ends us end what runs first. */
function prepareForSignals() {
  if (isPrepared) return;
  isPrepared = true;
  for (const [signal, exitCode] of Object.entries(exitCodes)) {
    process.once(signal, () => {
      for (const child of running) child.kill(signal);
      const untilMs = performance.now() + ENDING_MS;
      setInterval(() => {
        if (running.size === 0 || performance.now() > untilMs) process.exit(exitCode);
      }, 20);
    });
  }
}

/**
 * @typedef {object} CommandOptions
 * @property {string} [cwd] default: the checkout
 * @property {NodeJS.ProcessEnv} [env] default: our own
 * @property {boolean} [show] let the output through instead of collecting it
 * @property {number} [timeoutMs] after which the program is ended; default: never
 * @property {number} [niceness] of it and of all that it starts, 0 (as we are) to 19 (last of all)
 */

/**
 * Runs a program to its end, with nothing on its standard input.
 *
 * @param {string} file
 * @param {string[]} args
 * @param {CommandOptions} [options]
 * @returns {Promise<{ ok: boolean, status: string, output: string }>} `status` is for people;
 *   `output` is stdout and stderr as they came, empty with `show`
 */
export function command(file, args, options = {}) {
  const { cwd = root, env = process.env, show = false, timeoutMs: timeout, niceness = 0 } = options;
  return new Promise((resolve, reject) => {
    const stream = show ? 'inherit' : 'pipe';
    const child = spawn(file, args, { cwd, env, stdio: ['ignore', stream, stream], timeout });
    if (niceness > 0 && child.pid !== undefined) setPriority(child.pid, niceness);
    prepareForSignals();
    running.add(child);
    const chunks = [];
    for (const readable of [child.stdout, child.stderr]) {
      readable?.on('data', (chunk) => chunks.push(chunk));
    }
    child.on('error', (error) => {
      running.delete(child);
      reject(new ToolError(`${file} could not be started: ${error.message}`));
    });
    child.on('close', (code, signal) => {
      running.delete(child);
      const status = signal === null ? `exit code ${code}` : `killed by ${signal}`;
      resolve({ ok: code === 0, status, output: Buffer.concat(chunks).toString() });
    });
  });
}

/**
 * The same for a step that must succeed.
 *
 * @param {string} file
 * @param {string[]} args
 * @param {CommandOptions} [options]
 * @returns {Promise<string>} the output
 * @throws {ToolError} with the output when the program fails
 */
export async function must(file, args, options) {
  const { ok, status, output } = await command(file, args, options);
  if (!ok) throw new ToolError(`${output}\n${file} ${args.join(' ')}: ${status}`.trimStart());
  return output;
}

/**
 * Runs the pinned pnpm, fetched by npm when it isn't in npm's cache.
 *
 * @param {string[]} args
 * @param {CommandOptions} [options]
 */
export function pnpm(args, options) {
  return must('npx', ['--yes', `pnpm@${pnpmVersion}`, ...args], options);
}

/**
 * Path of an installed tool's program.
 *
 * @param {string} name e.g. 'tsc'
 */
export function tool(name) {
  return join(root, 'node_modules', '.bin', name);
}
