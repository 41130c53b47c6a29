/** The measured server (programs/server.mjs) as a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ToolError } from '../lib/program.mjs';

/**
 * @typedef {object} Server
 * @property {number} pid
 * @property {number} port
 * @property {() => Promise<number>} cpuMs user and system time that the process has used so far
 * @property {() => Promise<void>} stop
 */

/**
 * @param {import('./benchmarks.mjs').Setting} setting
 * @param {string[]} flags of Node.js
 * @param {NodeJS.ProcessEnv} [env] in addition
 * @returns {Promise<Server>}
 */
export async function startServer({ node, project }, flags, env = {}) {
  const child = spawn(node, [...flags, 'server.mjs'], {
    cwd: project.folder,
    env: { ...project.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const [line] = await Promise.race([once(child.stdout, 'data'), ended.then(() => [])]);
  if (line === undefined) throw new ToolError(`the server ended: exit code ${child.exitCode}`);
  const port = Number(line);
  return {
    pid: child.pid,
    port,
    async cpuMs() {
      const headers = { connection: 'close' };
      const response = await fetch(`http://127.0.0.1:${port}/usage`, { headers });
      const { user, system } = await response.json();
      return (user + system) / 1000;
    },
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}

/**
 * Runs one server for each variant at the same time while `use` runs.
 *
 * @param {Record<string, () => Promise<Server>>} starters by variant
 * @param {(servers: Record<string, Server>) => Promise<T>} use
 * @returns {Promise<T>}
 * @template T
 */
export async function withServers(starters, use) {
  const servers = {};
  try {
    for (const [variant, start] of Object.entries(starters)) servers[variant] = await start();
    return await use(servers);
  } finally {
    await Promise.all(Object.values(servers).map((server) => server.stop()));
  }
}
