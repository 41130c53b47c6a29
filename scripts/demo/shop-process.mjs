/** The shop as a process of its own, started as a user of loopwatch would start it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ToolError } from '../lib/program.mjs';

const here = fileURLToPath(new URL('shop', import.meta.url));

/** What the person who runs the demo has set for programs of their own. */
const foreign = /^(?:LOOPWATCH_|SENTRY_|PORT$)/;

/**
 * Runs the shop while `use` runs, and then until it has ended by itself, which is after loopwatch
 * has delivered its reports. Whatever happens, no process is left.
 *
 * @param {object} options
 * @param {NodeJS.ProcessEnv} options.env settings of loopwatch
 * @param {AbortSignal} options.signal kills the process
 * @param {string} [options.folder] where the shop's files are
 * @param {(origin: string) => Promise<T>} use gets the shop's URL
 * @returns {Promise<T>}
 * @template T
 */
export async function withShop({ env, signal, folder = here }, use) {
  const child = spawn(process.execPath, ['--import', 'loopwatch/register', 'server.mjs'], {
    cwd: folder,
    env: { ...withoutForeign(process.env), ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  const kill = () => child.kill('SIGKILL');
  signal.addEventListener('abort', kill);
  try {
    const [message] = await Promise.race([once(child, 'message'), ended.then(() => [])]);
    if (message === undefined) throw new ToolError(`the shop did not start: ${fate(child)}`);
    const result = await use(`http://127.0.0.1:${message.port}`);
    if (child.connected) child.disconnect();
    await ended;
    if (child.exitCode !== 0) throw new ToolError(`the shop did not end well: ${fate(child)}`);
    return result;
  } finally {
    kill();
    await ended;
    signal.removeEventListener('abort', kill);
  }
}

function withoutForeign(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !foreign.test(name)));
}

function fate({ exitCode, signalCode }) {
  return signalCode === null ? `exit code ${exitCode}` : `killed by ${signalCode}`;
}
