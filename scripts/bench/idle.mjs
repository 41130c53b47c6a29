/**
 * What a server that nobody calls uses: memory and CPU. The servers of a round run side by side,
 * so that they are measured over the very same seconds.
 */
import { setTimeout as passes } from 'node:timers/promises';
import { verdict } from './budget.mjs';
import { residentMb } from './machine.mjs';
import { preloads } from './preloads.mjs';
import { rotated } from './rounds.mjs';
import { startServer, withServers } from './server.mjs';
import { differences, median, middle } from './statistics.mjs';

const budgetMb = 15;
const budgetPercent = 0.3;

/**
 * Until what a start leaves behind has come to rest. The latest of it is a garbage collection that
 * V8 makes some 8 s after a start to reduce memory.
 */
const settleMs = 15_000;

const variants = ['nothing', 'a bare worker', 'loopwatch'];

/** @type {import('./benchmarks.mjs').Benchmark} */
export const memory = {
  name: 'memory',
  runs: 7,
  heading: ['idle server with', 'resident memory, MB', 'added, MB', 'budget'],
  async measure(setting) {
    const values = await sideBySide(setting, async (servers) => {
      await passes(settleMs);
      return mapped(servers, ({ pid }) => residentMb(pid));
    });
    return rowsOf(values, 1, budgetMb);
  },
};

/** @type {import('./benchmarks.mjs').Benchmark} */
export const idleCpu = {
  name: 'idle',
  runs: 3,
  seconds: 20,
  heading: ['idle server with', 'CPU, % of a core', 'added, % of a core', 'budget'],
  async measure(setting) {
    const values = await sideBySide(setting, async (servers) => {
      await passes(settleMs);
      // The first question makes the server compile its answer.
      await mapped(servers, (server) => server.cpuMs());
      const started = performance.now();
      const before = await mapped(servers, (server) => server.cpuMs());
      await passes(setting.seconds * 1000);
      const after = await mapped(servers, (server) => server.cpuMs());
      const percent = 100 / (performance.now() - started);
      return mapped(servers, (_, variant) => (after[variant] - before[variant]) * percent);
    });
    return rowsOf(values, 3, budgetPercent);
  },
};

/** @returns {Promise<Record<string, number[]>>} the values of each variant, by round */
async function sideBySide(setting, measure) {
  const values = Object.fromEntries(variants.map((variant) => [variant, []]));
  for (let round = 0; round < setting.runs; round++) {
    const starters = rotated(variants, round).map((variant) => {
      return [variant, () => startServer(setting, preloads[variant])];
    });
    const measured = await withServers(Object.fromEntries(starters), measure);
    for (const variant of variants) values[variant].push(measured[variant]);
  }
  return values;
}

/** One after the other, in the servers' order. */
async function mapped(servers, of) {
  const results = {};
  for (const [variant, server] of Object.entries(servers)) {
    results[variant] = await of(server, variant);
  }
  return results;
}

function rowsOf(values, digits, budget) {
  return variants.map((variant) => {
    if (variant === 'nothing') return [variant, middle(values[variant], digits), '', ''];
    const added = differences(values.nothing, values[variant]);
    const judged = variant === 'loopwatch' ? verdict(median(added), budget) : '';
    return [variant, middle(values[variant], digits), middle(added, digits), judged];
  });
}
