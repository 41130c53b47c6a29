/** What a preload adds to the shortest program there is. */
import { spawnSync } from 'node:child_process';
import { ToolError } from '../lib/program.mjs';
import { verdict } from './budget.mjs';
import { preloads } from './preloads.mjs';
import { inRounds } from './rounds.mjs';
import { differences, median, middle } from './statistics.mjs';

const budgetMs = 25;

/** The first start of each reads its files from the disk. */
const warmUpRounds = 2;

/** @type {import('./benchmarks.mjs').Benchmark} */
export const preload = {
  name: 'preload',
  runs: 30,
  heading: ['`node -e 0` with', 'wall time, ms', 'added, ms', 'least, ms', 'budget'],
  async measure(setting) {
    const variants = Object.keys(preloads);
    const measure = (variant) => wallMs(setting, preloads[variant]);
    await inRounds(variants, warmUpRounds, measure);
    const times = await inRounds(variants, setting.runs, measure);
    return variants.map((variant) => {
      const wall = middle(times[variant], 1);
      const least = Math.min(...times[variant]).toFixed(1);
      if (variant === 'nothing') return [variant, wall, '', least, ''];
      const added = differences(times.nothing, times[variant]);
      const judged = variant === 'loopwatch' ? verdict(median(added), budgetMs) : '';
      return [variant, wall, middle(added, 1), least, judged];
    });
  },
};

/** Waits without an event loop in between, which would add its own turns. */
function wallMs({ node, project: { folder, env } }, flags) {
  const started = performance.now();
  const { status } = spawnSync(node, [...flags, '-e', '0'], { cwd: folder, env, stdio: 'inherit' });
  const ms = performance.now() - started;
  if (status !== 0) throw new ToolError(`node ${flags.join(' ')} -e 0: exit code ${status}`);
  return ms;
}
