/** Lines of a program that the tests talk about, found by the comment that ends them. */
import { readFileSync } from 'node:fs';
import { programPath } from './places.js';

/**
 * The number, from 1, of the line that ends in `// <marker>`.
 *
 * @throws Error when there is not exactly one
 */
export function markedLine(program: string, marker = 'culprit'): number {
  const lines = readFileSync(programPath(program), 'utf8').split('\n');
  const found = lines.flatMap((line, index) => {
    return line.trimEnd().endsWith(`// ${marker}`) ? [index + 1] : [];
  });
  if (found.length !== 1) {
    throw new Error(`${program}: ${found.length} lines are marked '// ${marker}', not one`);
  }
  return found[0] as number;
}
