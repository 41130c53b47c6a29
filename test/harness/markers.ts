/** Lines of a program that the tests talk about, found by the comment that ends them. */
import { readFileSync } from 'node:fs';
import { programPath } from './places.js';

/** The numbers, from 1, of the lines that end in `// <marker>`. */
export function markedLines(program: string, marker: string): number[] {
  const lines = readFileSync(programPath(program), 'utf8').split('\n');
  return lines.flatMap((line, index) => {
    return line.trimEnd().endsWith(`// ${marker}`) ? [index + 1] : [];
  });
}

/**
 * The one line with a marker.
 *
 * @throws Error when there is not exactly one
 */
export function markedLine(program: string, marker = 'culprit'): number {
  const [line, ...more] = markedLines(program, marker);
  if (line === undefined || more.length > 0) {
    throw new Error(`${program}: not one line is marked '// ${marker}'`);
  }
  return line;
}
