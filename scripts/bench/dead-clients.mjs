/** What it costs to watch thousands of connections for dead clients. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as passes } from 'node:timers/promises';
import { ToolError } from '../lib/program.mjs';
import { verdict } from './budget.mjs';
import { mostOpenFiles } from './machine.mjs';
import { inRounds } from './rounds.mjs';
import { differences, median, middle } from './statistics.mjs';

const wanted = 9000;
const budgetPercent = 1;

/** What a process opens besides the connections. */
const otherFiles = 100;

/**
 * Until looks are what they will be. The first one asks about every connection, and is followed by a
 * longer pause; and where nothing happens, V8 collects garbage some 8 s after a start.
 */
const settleMs = { idle: 10_000, talking: 4000 };

const backends = ['nothing', 'koffi', 'proc'];

/** @type {import('./benchmarks.mjs').Benchmark} */
export const deadClients = {
  name: 'dead-clients',
  runs: 1,
  seconds: 7,
  heading: ['connections', 'watched with', 'CPU, % of a core', 'added, % of a core', 'budget'],
  async measure(setting) {
    const count = Math.min(wanted, mostOpenFiles() - otherFiles);
    const server = await startConnections(setting, count);
    try {
      const rows = [];
      for (const talks of [false, true]) {
        await server.ask({ talks });
        const values = await inRounds(backends, setting.runs, (backend) => {
          return percentOf(server, backend, talks ? settleMs.talking : settleMs.idle, setting);
        });
        rows.push(
          ...rowsOf(`${count}, ${talks ? 'a line each a second' : 'idle'}`, values, !talks),
        );
      }
      return rows;
    } finally {
      await server.stop();
    }
  },
};

function rowsOf(connections, values, isBudgeted) {
  return backends.map((backend) => {
    const percent = middle(values[backend], 2);
    if (backend === 'nothing') return [connections, backend, percent, '', ''];
    const added = differences(values.nothing, values[backend]);
    const judged = isBudgeted && backend === 'koffi' ? verdict(median(added), budgetPercent) : '';
    return [connections, backend, percent, middle(added, 2), judged];
  });
}

/** CPU of the server with all its connections, some seconds long. */
async function percentOf(server, name, untilMs, { seconds }) {
  const wantedBackend = name === 'nothing' ? null : name;
  await server.ask({ backend: wantedBackend });
  await passes(untilMs);
  const started = performance.now();
  const before = await server.ask({ usage: true });
  await passes(seconds * 1000);
  const { cpuMs, backend } = await server.ask({ usage: true });
  if (backend !== wantedBackend) throw new ToolError(`this machine does not have ${name}`);
  return ((cpuMs - before.cpuMs) * 100) / (performance.now() - started);
}

/** programs/connections.mjs, when all are connected. */
async function startConnections({ node, project }, count) {
  const child = spawn(node, ['connections.mjs', String(count)], {
    cwd: project.folder,
    env: project.env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const answer = async () => {
    const { value } = await lines.next();
    if (value === undefined) throw new ToolError(`the server ended: exit code ${child.exitCode}`);
    return value;
  };
  await answer();
  return {
    async ask(command) {
      child.stdin.write(`${JSON.stringify(command)}\n`);
      return JSON.parse(await answer());
    },
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}
