/** Runs the block program once and says how it ended; whatever happens, it ends. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../lib/paths.mjs';

const folder = join(root, 'test', 'programs');

/** Longer than any block, wait and flush together, on a machine that is busy with others. */
const deadlineMs = 20_000;

/** What would change how Node or loopwatch behave. */
const unwanted = /^(?:NODE_(?!EXTRA_CA_CERTS$)|LOOPWATCH_|SENTRY_)/;

/**
 * @typedef {object} Outcome
 * @property {number | null} code
 * @property {NodeJS.Signals | null} signal
 * @property {string} stderr
 * @property {boolean} hung it had to be killed
 */

/**
 * @param {string} node the interpreter
 * @param {readonly string[]} flags
 * @param {Record<string, string | number>} settings of the block program
 * @param {Record<string, string>} [env] added to ours
 * @returns {Promise<Outcome>}
 */
export function blockProcess(node, flags, settings, env = {}) {
  const args = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  const ours = Object.entries(process.env).filter(([name]) => !unwanted.test(name));
  const child = spawn(node, [...flags, join(folder, 'block.mjs'), ...args], {
    cwd: folder,
    env: { ...Object.fromEntries(ours), ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return new Promise((resolve, reject) => {
    let stderr = '';
    let hung = false;
    const timer = setTimeout(() => {
      hung = true;
      child.kill('SIGKILL');
    }, deadlineMs);
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, stderr, hung });
    });
  });
}
