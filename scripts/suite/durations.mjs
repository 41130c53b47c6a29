/**
 * How long each test file took on a quiet machine with two cores: the long ones start first. What is not
 * in the table is taken for middling. `npm run test:all -- --write-durations` writes the table anew.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const table = new URL('durations.json', import.meta.url);

const MIDDLING_SECONDS = 10;

/** @type {Record<string, number>} */
const known = JSON.parse(readFileSync(table, 'utf8'));

/** @param {string[]} names of files that run one after the other */
export function expectedSeconds(names) {
  return names.reduce((sum, name) => sum + (known[name] ?? MIDDLING_SECONDS), 0);
}

/**
 * Whole seconds, so that the table changes seldom. Files that did not run keep what they have.
 *
 * @param {{ name: string, seconds: number, files: unknown[] }[]} results
 */
export function writeDurations(results) {
  const measured = results
    .filter(({ files }) => files.length === 1)
    .map(({ name, seconds }) => [name, Math.ceil(seconds)]);
  const rows = Object.entries({ ...known, ...Object.fromEntries(measured) });
  const sorted = Object.fromEntries(rows.sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(table, `${JSON.stringify(sorted, null, 2)}\n`);
}
