/** What the test gate adds to suites whose tests do next to nothing. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../lib/paths.mjs';
import { ToolError } from '../lib/program.mjs';
import { inRounds } from './rounds.mjs';
import { differences, median, middle, ratios } from './statistics.mjs';

const TESTS = 2000;

/** In one file, what each test costs shows; in many, what each process or file costs. */
const FILES = [1, 20];

/** The first run of each reads its files from the disk, and lets the runner fill its cache. */
const WARM_UP_ROUNDS = 1;

/** Where the runners are installed, under names of their own. */
const installed = join(root, 'test', 'node_modules');

/**
 * @typedef {object} Runner
 * @property {string} [from] its folder in `installed`
 * @property {string} name of its package, and of its tests in the imports
 * @property {string} imports what a file of tests begins with
 * @property {string} suffix of files of tests
 * @property {(files: string, gated: boolean) => string[]} args
 */

/** @type {Record<string, Runner>} */
const runners = {
  'node:test': {
    name: 'node:test',
    imports: "import { test } from 'node:test';",
    suffix: 'node.mjs',
    args: (files, gated) => [
      ...(gated ? ['--import', 'loopwatch/node-test'] : []),
      ...['--test', '--test-reporter=dot', ...files],
    ],
  },
  'Vitest 4': {
    ...{ from: 'vitest4', name: 'vitest', suffix: 'vitest.mjs' },
    imports: "import { test } from 'vitest';",
    args: (files) => ['node_modules/vitest/vitest.mjs', 'run', '--reporter=dot', ...files],
  },
  'Jest 30': {
    ...{ from: 'jest30', name: 'jest', suffix: 'jest.cjs' },
    imports: '',
    args: (files) => ['node_modules/jest/bin/jest.js', '--silent', ...files],
  },
  'Mocha 11': {
    ...{ from: 'mocha11', name: 'mocha', suffix: 'mocha.cjs' },
    imports: 'const test = it;',
    args: (files, gated) => [
      ...['node_modules/mocha/bin/mocha.js', '--reporter', 'dot'],
      ...(gated ? ['--require', 'loopwatch/mocha'] : []),
      ...files,
    ],
  },
};

/** How Vitest and Jest are told. */
const configurations = {
  'vitest.config.mjs':
    "const setupFiles = process.env.GATED ? ['loopwatch/vitest'] : [];\nexport default { test: { setupFiles, include: ['**/*.vitest.mjs'] } };\n",
  'jest.config.cjs':
    "const setupFilesAfterEnv = process.env.GATED ? ['loopwatch/jest'] : [];\nmodule.exports = { setupFilesAfterEnv, testMatch: ['**/*.jest.cjs'] };\n",
};

/** Writes the suites into the project, once. */
function prepare(folder) {
  if (existsSync(join(folder, 'jest.config.cjs'))) return;
  writeFileSync(join(folder, 'package.json'), '{ "name": "suites", "private": true }');
  for (const [name, text] of Object.entries(configurations)) {
    writeFileSync(join(folder, name), text);
  }
  for (const { from, name, imports, suffix } of Object.values(runners)) {
    if (from !== undefined) {
      symlinkSync(realpathSync(join(installed, from)), join(folder, 'node_modules', name));
    }
    for (const count of FILES) {
      mkdirSync(join(folder, `suite-${count}`), { recursive: true });
      for (let file = 0; file < count; file++) {
        const body = `for (let n = 0; n < ${TESTS / count}; n++) test('adds ' + n, () => { if (n + 1 <= n) throw new Error(); });`;
        writeFileSync(join(folder, `suite-${count}`, `${file}.${suffix}`), `${imports}\n${body}\n`);
      }
    }
  }
}

function wallMs({ node, project: { folder, env } }, { args, suffix }, count, gated) {
  const files = Array.from({ length: count }, (_, file) => `suite-${count}/${file}.${suffix}`);
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(node, args(files, gated), {
    ...{ cwd: folder, encoding: 'utf8' },
    env: { ...env, CI: 'true', ...(gated ? { GATED: '1' } : {}) },
  });
  const ms = performance.now() - started;
  if (status !== 0) throw new ToolError(`${stdout}\n${stderr}\nthe suite ended with ${status}`);
  return ms;
}

/** @type {import('./benchmarks.mjs').Benchmark} */
export const gate = {
  name: 'gate',
  runs: 7,
  heading: [
    ...['runner', `${TESTS} tests in`, 'without, ms', 'with the gate, ms'],
    ...['added, ms', 'times', 'per test, µs', 'per file, ms'],
  ],
  async measure(setting) {
    prepare(setting.project.folder);
    const rows = [];
    for (const [name, runner] of Object.entries(runners)) {
      for (const count of FILES) {
        const measure = (variant) => wallMs(setting, runner, count, variant === 'with');
        const variants = ['without', 'with'];
        await inRounds(variants, WARM_UP_ROUNDS, measure);
        const times = await inRounds(variants, setting.runs, measure);
        const added = differences(times.without, times.with);
        rows.push([
          ...[name, count === 1 ? 'a file' : `${count} files`],
          ...[middle(times.without, 0), middle(times.with, 0), middle(added, 0)],
          middle(ratios(times.without, times.with), 2),
          count === 1 ? Math.round((median(added) * 1000) / TESTS) : '',
          count === 1 ? '' : Math.round(median(added) / count),
        ]);
      }
    }
    return rows;
  },
};
