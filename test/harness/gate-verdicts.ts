/** The verdicts that the tests of programs/gate must get, whatever runs them. */
import type { GateResult } from './test-project.js';

/** What cases.cjs defines, by name without suites. A test that is retried has two. */
const EXPECTED: Readonly<Record<string, readonly GateResult['verdict'][]>> = {
  'sync, clean': ['clean'],
  'sync, blocks': ['blocked'],
  'async, clean': ['clean'],
  'async, blocks': ['blocked'],
  'computes a little': ['clean'],
  computes: ['blocked'],
  'loads a module': ['clean'],
  'parameterised 5': ['clean'],
  'parameterised 150': ['blocked'],
  'are not the test': ['clean'],
  'that blocks while one test runs': ['blocked'],
  'time passes and nothing blocks': ['clean'],
  'a block is a block': ['blocked'],
  'waiting is none': ['clean'],
  'pause takes out what it is told': ['clean'],
  'pause leaves the rest': ['blocked'],
  'pause in the middle of a block takes out its own time only': ['clean'],
  'only takes out the rest': ['clean'],
  'only measures what it is told': ['blocked'],
  'allowed to block': ['clean'],
  'a limit of its own': ['clean'],
  'is looser': ['clean'],
  'leaves something behind': ['clean'],
  'runs when that blocks': ['clean'],
};

/** Those that not every runner has. */
const OPTIONAL: typeof EXPECTED = {
  'callback, clean': ['clean'],
  'callback, blocks': ['blocked'],
  'one waits': ['clean'],
  'one blocks': ['blocked'],
  'one waits, too': ['clean'],
  'blocks at first': ['blocked', 'clean'],
  'awaited by its module': ['blocked'],
  'by its import': ['clean'],
  'imports a module': ['clean'],
  subtests: ['clean'],
  'the part is blamed': ['blocked'],
};

/** The name of a test without its suites; `(file)` for what no test is blamed for. */
export function lastName({ test: name }: GateResult): string {
  return name?.split(' > ').at(-1) ?? '(file)';
}

export interface Judged {
  /** What is not as it must be, in words. */
  readonly wrong: readonly string[];
  readonly exact: number;
  /** A machine short of CPUs may leave some unmeasured, which says so and fails nothing. */
  readonly unmeasured: number;
}

/** Compares the results of a suite with what is known of its tests. */
export function judged(results: readonly GateResult[]): Judged {
  const wrong: string[] = [];
  let exact = 0;
  let unmeasured = 0;
  const byName = new Map<string, GateResult[]>();
  for (const result of results) {
    const name = lastName(result);
    byName.set(name, [...(byName.get(name) ?? []), result]);
  }
  const all = { ...EXPECTED, ...OPTIONAL };
  for (const [name, expected] of Object.entries(all)) {
    const found = byName.get(name) ?? [];
    if (found.length === 0 && !Object.hasOwn(OPTIONAL, name)) wrong.push(`no '${name}'`);
    for (const [index, { verdict, reason, fails }] of found.entries()) {
      // What could not be measured at first is not tried again.
      if (verdict === 'unmeasured' && !fails) unmeasured++;
      else if (verdict === expected[index]) exact++;
      else wrong.push(`'${name}' is ${verdict}, not ${expected[index]} (${reason})`);
    }
  }
  for (const name of byName.keys()) {
    if (name !== '(file)' && !(name in all)) wrong.push(`'${name}' is not known`);
  }
  for (const { verdict } of byName.get('(file)') ?? []) {
    if (verdict !== 'blocked') wrong.push(`the file is ${verdict}`);
  }
  return { wrong, exact, unmeasured };
}
