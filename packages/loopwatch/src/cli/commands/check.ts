/** `loopwatch check`: what the report of a run of tests under the gate proves. */
import { readFileSync, writeFileSync } from 'node:fs';
import { messageOf } from '../../shared/errors.js';
import { baselineOf, check } from '../../testing/report/check.js';
import { junitOf } from '../../testing/report/junit.js';
import { Unusable } from '../terminal/outcome.js';
import { Output } from '../terminal/output.js';

export interface CheckedWith {
  readonly junit?: string;
  readonly writeBaseline?: string;
}

function attempt<T>(what: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new Unusable(`${what}: ${messageOf(error)}`);
  }
}

export async function checkReport(file: string, options: CheckedWith): Promise<number> {
  const { junit, writeBaseline } = options;
  const text = attempt("the report can't be read", () => readFileSync(file, 'utf8'));
  if (junit !== undefined) {
    attempt('no JUnit XML', () => writeFileSync(junit, junitOf(text)));
  }
  if (writeBaseline !== undefined) {
    attempt('no baseline', () => writeFileSync(writeBaseline, baselineOf(text)));
  }
  const { exitCode, text: said } = check(text);
  new Output().result(said.trimEnd());
  return exitCode;
}
