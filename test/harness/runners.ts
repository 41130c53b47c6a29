/** The runners that the gate knows, each set up as docs/testing.md says. */
import type { Runner } from './test-project.js';

function vitest(major: 3 | 4 | 5): Runner {
  return {
    name: `vitest ${major}`,
    installed: [`vitest${major}`, 'vitest'],
    suites: ['suite.vitest.mjs'],
    files: {
      'vitest.config.mjs':
        "export default { test: { setupFiles: ['loopwatch/vitest'], include: ['**/*.vitest.mjs'] } };\n",
    },
    args: (suites) => ['node_modules/vitest/vitest.mjs', 'run', ...suites],
    ...(major === 5 ? { since: 22 } : {}),
  };
}

function jest(major: 29 | 30): Runner {
  return {
    name: `jest ${major}`,
    installed: [`jest${major}`, 'jest'],
    suites: ['suite.jest.cjs', 'retried.jest.cjs'],
    files: {
      'jest.config.cjs':
        "module.exports = { setupFilesAfterEnv: ['loopwatch/jest'], testMatch: ['**/*.jest.cjs'] };\n",
    },
    args: (suites) => ['node_modules/jest/bin/jest.js', ...suites],
  };
}

function mocha(major: 10 | 11 | 12): Runner {
  return {
    name: `mocha ${major}`,
    installed: [`mocha${major}`, 'mocha'],
    suites: ['suite.mocha.cjs'],
    args: (suites) => [
      'node_modules/mocha/bin/mocha.js',
      '--require',
      'loopwatch/mocha',
      // Its default is 2 s, in which a busy machine has hardly loaded what a test needs.
      ...['--timeout', '20000'],
      ...suites,
    ],
  };
}

export const nodeTest: Runner = {
  name: 'node:test',
  suites: ['suite.node.mjs'],
  args: (suites) => ['--import', 'loopwatch/node-test', '--test', ...suites],
};

export const mocha11 = mocha(11);
export const vitest4 = vitest(4);
export const jest30 = jest(30);

/** One of each kind, the newest that every release of Node.js has. */
export const representatives: readonly Runner[] = [nodeTest, vitest4, jest30, mocha11];

export const otherVitests: readonly Runner[] = ([3, 5] as const).map(vitest);

/** Their other majors. */
export const otherRunners: readonly Runner[] = [
  ...otherVitests,
  jest(29),
  ...([10, 12] as const).map(mocha),
];
