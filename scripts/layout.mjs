/**
 * Checks that the top level of the checkout holds what was agreed and nothing else. It is the first
 * thing a visitor sees: a new tool's settings go into a dotfile or package.json, everything else
 * into one of the folders.
 */
import { readdirSync } from 'node:fs';
import { root } from './lib/paths.mjs';
import { program } from './lib/program.mjs';

const agreed = [
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'docs',
  'package.json',
  'packages',
  'pnpm-lock.yaml',
  'pnpm-workspace.yaml',
  'scripts',
  'test',
  'tsconfig.base.json',
];

/**
 * @param {string[]} names what the top level holds
 * @returns {string[]} problems
 */
export function layoutProblems(names) {
  const visible = names.filter((name) => !name.startsWith('.') && name !== 'node_modules');
  return [
    ...visible.filter((name) => !agreed.includes(name)).map((name) => `${name} is not agreed`),
    ...agreed.filter((name) => !names.includes(name)).map((name) => `${name} is missing`),
  ];
}

await program(import.meta, () => {
  const problems = layoutProblems(readdirSync(root));
  for (const problem of problems) console.log(problem);
  return problems.length > 0 ? 1 : 0;
});
