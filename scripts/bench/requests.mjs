/** What watching adds to the CPU time that a server spends on a request. */
import { verdict } from './budget.mjs';
import { sendLoad } from './load.mjs';
import { preloads } from './preloads.mjs';
import { inRounds, rotated } from './rounds.mjs';
import { startServer, withServers } from './server.mjs';
import { median, middle, ratios } from './statistics.mjs';

/** Each process has its own luck with memory layout and compilation: rounds alone don't average it. */
const roundsPerProcess = 20;

/** A round of them takes some 0.1 s, long against a garbage collection or a slice of the scheduler. */
const requests = 2000;
const warmUpRequests = 10_000;

/** Enough to keep the server from ever waiting. */
const connections = 16;

/** Ways to answer: at once, and through some forty promises. */
const paths = ['/plain', '/async'];

const watched = preloads.loopwatch;

/** Flags, environment and budget (context costs more before Node.js 24, for which none is set). */
const variants = {
  unwatched: { flags: [] },
  'unwatched, once more': { flags: [] },
  'context off': { flags: watched, env: { LOOPWATCH_CONTEXT: 'off' }, budget: { ratio: 1.01 } },
  'context on': {
    flags: watched,
    env: { LOOPWATCH_CONTEXT: 'on' },
    budget: { ratio: 1.03, sinceMajor: 24 },
  },
  'profiler on': { flags: watched, env: { LOOPWATCH_PROFILER: 'on', LOOPWATCH_CONTEXT: 'off' } },
  'mode warn': { flags: watched, env: { LOOPWATCH_MODE: 'warn' } },
};

/** @type {import('./benchmarks.mjs').Benchmark} */
export const perRequest = {
  name: 'requests',
  runs: 5,
  heading: ['path', 'server', 'CPU per request, µs', 'times unwatched', 'budget'],
  async measure(setting) {
    const names = Object.keys(variants);
    const values = Object.fromEntries(paths.map((path) => [path, emptyLists(names)]));
    for (let run = 0; run < setting.runs; run++) {
      const starters = rotated(names, run).map((name) => {
        const { flags, env } = variants[name];
        return [name, () => startServer(setting, flags, env)];
      });
      await withServers(Object.fromEntries(starters), async (servers) => {
        for (const path of paths) {
          const measured = await measureServers(servers, path);
          for (const name of names) values[path][name].push(...measured[name]);
        }
      });
    }
    return paths.flatMap((path) => rowsOf(path, values[path], setting.major));
  },
};

function emptyLists(names) {
  return Object.fromEntries(names.map((name) => [name, []]));
}

/** @returns {Promise<Record<string, number[]>>} µs per request of each server, by round */
async function measureServers(servers, path) {
  const names = Object.keys(servers);
  for (const { port } of Object.values(servers)) {
    await sendLoad({ port, path, connections, requests: warmUpRequests });
  }
  return inRounds(names, roundsPerProcess, async (name) => {
    const { port, cpuMs } = servers[name];
    const before = await cpuMs();
    await sendLoad({ port, path, connections, requests });
    return (((await cpuMs()) - before) * 1000) / requests;
  });
}

function rowsOf(path, values, major) {
  return Object.entries(variants).map(([name, { budget }]) => {
    const cost = middle(values[name], 1);
    if (name === 'unwatched') return [path, name, cost, '', ''];
    const factors = ratios(values.unwatched, values[name]);
    const judged = budget !== undefined && major >= (budget.sinceMajor ?? 0);
    const judgement = judged ? verdict(median(factors), budget.ratio) : '';
    return [path, name, cost, middle(factors, 3), judgement];
  });
}
