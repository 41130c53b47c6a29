/** Generates the many small scripts of a large application. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Each has some functions and a comment, 1 to 2 KB, and exports `step`, which calls what it gets.
 *
 * @param {string} folder is created
 * @param {number} count
 */
export function writeScripts(folder, count) {
  mkdirSync(folder, { recursive: true });
  for (let index = 0; index < count; index++) {
    writeFileSync(join(folder, `module-${index}.cjs`), scriptText(index));
  }
}

function scriptText(index) {
  const functions = Array.from({ length: 8 }, (_, number) => functionText(index, number));
  return `'use strict';\n${functions.join('\n')}
exports.step = function step${index}(next) {
  const before = total${index}_0([${index}]);
  return next() ?? before;
};
`;
}

function functionText(index, number) {
  return `/** Adds up what module ${index} has of kind ${number}. */
function total${index}_${number}(values) {
  let sum = ${number};
  for (const value of values) {
    sum += value * ${index + 1};
  }
  return sum;
}
exports.total${number} = total${index}_${number};
`;
}
